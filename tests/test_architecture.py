"""The rules of the house that are not about imports: those are import-linter's, in pyproject.toml."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted(path for folder in ("app", "model") for path in (ROOT / folder).rglob("*.py"))

DISK = {"open", "read_text", "read_bytes", "write_text", "write_bytes", "mkdir", "unlink", "rmdir", "rename", "listdir"}
DISK |= {"link", "symlink", "scandir", "iterdir", "touch", "glob", "rglob", "fsync", "fromfile", "tofile", "load_file"}
DISK_MODULES = {"glob", "shutil", "sqlite3", "tempfile"}
TOUCHES_DISK = {"app/store/disk.py", "app/jobs/liveness.py"}
"""The store; and what reads what the kernel tells of processes."""
READS_ENVIRONMENT = {"app/settings.py"}

ENVIRONMENT = {"environ", "environb", "getenv", "putenv", "unsetenv"}
SYSTEM_MODULES = {"datetime", "io", "os", "pathlib", "socket", "subprocess", "threading", "time"}

MOST_LINES, MOST_LINES_OF_FUNCTION, MOST_ARGUMENTS = 200, 30, 5


def disk(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) in DISK:
            yield f"line {node.lineno} calls {_called(node)}"
        if names := DISK_MODULES & set(_imported(node)):
            yield f"imports {names}"


def environment(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in ENVIRONMENT:
            yield f"line {node.lineno} uses {node.attr}"
        if names := ENVIRONMENT & set(_imported(node)):
            yield f"imports {names}"


def clock(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if names := SYSTEM_MODULES & set(_imported(node)):
            yield f"imports {names}"


def long_functions(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > MOST_LINES_OF_FUNCTION:
                yield f"{node.name} has {lines} lines"


def many_arguments(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            arguments = [each.arg for each in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
            count = len([name for name in arguments if name not in {"self", "cls"}])
            if count > MOST_ARGUMENTS:
                yield f"{node.name} has {count} arguments"


def _imported(node: ast.AST) -> list[str]:
    """Return the modules and names that a statement imports, if it is one that does."""
    if isinstance(node, ast.Import):
        return [alias.name.partition(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [(node.module or "").partition(".")[0], *(alias.name for alias in node.names)]
    return []


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


def test_functions_have_few_arguments() -> None:
    """A sixth is a missing type."""
    assert complaints(many_arguments) == []


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
        (disk, "import os\nos.listdir('x')"),
        (disk, "import shutil"),
        (disk, "from tempfile import mkstemp"),
        (environment, "import os\nos.environ['X']"),
        (environment, "import os\nos.getenv('X')"),
        (environment, "from os import environ"),
        (clock, "import time"),
        (clock, "from datetime import datetime"),
        (clock, "import os.path"),
        (clock, "def f():\n    from pathlib import Path"),
        (many_arguments, "def f(a, b, c, d, e, g): ..."),
        (many_arguments, "class C:\n    async def f(self, a, b, /, c, *, d, e, g): ..."),
        (long_functions, "def f():\n" + "    x = 1\n" * (MOST_LINES_OF_FUNCTION + 1)),
    ],
)
def test_each_rule_notices_who_breaks_it(rule: Callable[[ast.AST], Iterator[str]], source: str) -> None:
    assert list(rule(ast.parse(source)))


@pytest.mark.parametrize(
    ("rule", "source"),
    [
        (disk, "text.replace('a', 'b')"),
        (environment, "environment = 1"),
        (clock, "import numpy"),
        (long_functions, "def f():\n" + "    x = 1\n" * (MOST_LINES_OF_FUNCTION - 1)),
        (many_arguments, "class C:\n    def f(self, a, b, c, d, e): ..."),
    ],
)
def test_no_rule_complains_of_what_is_right(rule: Callable[[ast.AST], Iterator[str]], source: str) -> None:
    assert list(rule(ast.parse(source))) == []
