"""The rules of the house that are not about imports: those are import-linter's, in pyproject.toml."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted(path for folder in ("app", "model") for path in (ROOT / folder).rglob("*.py"))

DISK = {"open", "read_text", "read_bytes", "write_text", "write_bytes", "mkdir", "unlink", "rmdir", "rename", "listdir"}
DISK |= {"link", "symlink", "scandir", "iterdir", "replace_file", "touch", "glob", "rglob", "fsync"}
TOUCHES_DISK = {"app/store.py", "app/owner.py"}
"""The store; and the owner, which reads what the kernel tells of processes."""
READS_ENVIRONMENT = {"app/settings.py"}

MOST_LINES, MOST_LINES_OF_FUNCTION = 200, 30


def disk(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) in DISK:
            yield f"line {node.lineno} calls {_called(node)}"


def environment(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv", "putenv"}:
            yield f"line {node.lineno} uses {node.attr}"


def clock(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] + [getattr(node, "module", None)]
            if {"time", "datetime", "os", "pathlib", "socket"} & set(names):
                yield f"line {node.lineno} imports {names}"


def long_functions(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > MOST_LINES_OF_FUNCTION:
                yield f"{node.name} has {lines} lines"


def _called(node: ast.Call) -> str:
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def complaints(rule: Callable[[ast.AST], Iterator[str]], *, but: set[str] = frozenset(), within: str = "") -> list[str]:  # type: ignore[assignment]
    """Return what a rule finds in the files that are held to it."""
    found: list[str] = []
    for path in FILES:
        name = path.relative_to(ROOT).as_posix()
        if name not in but and name.startswith(within):
            found += [f"{name}: {each}" for each in rule(ast.parse(path.read_text()))]
    return found


def test_only_the_store_touches_the_disk() -> None:
    assert complaints(disk, but=TOUCHES_DISK) == []


def test_only_the_settings_read_the_environment() -> None:
    assert complaints(environment, but=READS_ENVIRONMENT) == []


def test_the_network_knows_no_clock_and_no_system() -> None:
    assert complaints(clock, within="model/") == []


def test_functions_are_short() -> None:
    assert complaints(long_functions) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_file_is_short_and_opens_by_saying_what_it_is(path: Path) -> None:
    text = path.read_text()

    assert len(text.splitlines()) <= MOST_LINES
    assert ast.get_docstring(ast.parse(text))


@pytest.mark.parametrize(
    ("rule", "source"),
    [
        (disk, "open('x')"),
        (disk, "from pathlib import Path\nPath('x').write_text('')"),
        (environment, "import os\nos.environ['X']"),
        (clock, "import time"),
        (clock, "from datetime import datetime"),
        (long_functions, "def f():\n" + "    x = 1\n" * (MOST_LINES_OF_FUNCTION + 1)),
    ],
)
def test_each_rule_notices_who_breaks_it(rule: Callable[[ast.AST], Iterator[str]], source: str) -> None:
    assert list(rule(ast.parse(source)))
