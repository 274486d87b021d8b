"""The rules of the house that are not about imports: those are import-linter's, in pyproject.toml."""

import ast
import sys
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted(path for folder in ("app", "model") for path in (ROOT / folder).rglob("*.py"))

DISK = {"open", "read_text", "read_bytes", "write_text", "write_bytes", "mkdir", "unlink", "rmdir", "rename", "listdir"}
DISK |= {"link", "symlink", "scandir", "iterdir", "touch", "glob", "rglob", "fsync", "fromfile", "tofile", "load_file"}
DISK_MODULES = {"glob", "shutil", "sqlite3", "tempfile"}
TOUCHES_DISK = {
    f"app/store/{name}.py" for name in ("disk", "existing", "file_lock", "folder", "inventory", "marker")
} | {
    "app/access/key_file.py",
    "app/jobs/liveness.py",
    "app/frames/fork_server.py",
    "app/memory.py",
    "app/upkeep/backup_file.py",
}
"""The store; the operator's file of keys, and backups; and what reads what the kernel tells of processes."""
OPENS_IN_MEMORY = {"app/tables/forms/packed/unpacking.py"}
"""What it opens are the parts of a zip file that has come as a body."""
READS_ENVIRONMENT = {"app/settings.py"}

ENVIRONMENT = {"environ", "environb", "getenv", "putenv", "unsetenv"}
SYSTEM_MODULES = {"datetime", "io", "os", "pathlib", "socket", "subprocess", "threading", "time"}

MAX_LINES, MAX_FUNCTION_LINES, MAX_ARGUMENTS, MAX_FOLDER_FILES = 200, 30, 5, 12
WITHOUT_FACE = {"app.rest.routes"}
"""The routes are independent of each other: their package offers only the list of them."""
MODEL_MAY_IMPORT = {*sys.stdlib_module_names, "model", "numpy"}


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
            if lines > MAX_FUNCTION_LINES:
                yield f"{node.name} has {lines} lines"


def many_arguments(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            arguments = [each.arg for each in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
            count = len([name for name in arguments if name not in {"self", "cls"}])
            if count > MAX_ARGUMENTS:
                yield f"{node.name} has {count} arguments"


def is_package(module: str) -> bool:
    return (ROOT / module.replace(".", "/") / "__init__.py").is_file()


def package_of(module: str) -> str:
    """Return the innermost package that a module stands in, or is."""
    while not is_package(module):
        module = module.rpartition(".")[0]
    return module


def entered_past_the_face(tree: ast.AST, importer: str) -> Iterator[str]:
    """Yield imports from a file of another package, of which the importer is no part, instead of from the package."""
    for node in ast.walk(tree):
        module = (node.module or "") if isinstance(node, ast.ImportFrom) else ""
        if module.partition(".")[0] not in {"app", "model"} or is_package(module):
            continue
        package = package_of(module)
        inside = f"{importer}.".startswith(f"{package}.")
        if "." in package and not inside and package not in WITHOUT_FACE:
            yield f"line {node.lineno} imports {module}, not {package}"  # type: ignore[attr-defined]


def full_folders(files: Iterable[str]) -> Iterator[str]:
    folders = Counter(name.rpartition("/")[0] for name in files if not name.endswith("/__init__.py"))
    for folder, count in folders.items():
        if count > MAX_FOLDER_FILES:
            yield f"{folder} has {count} files"


def foreign(tree: ast.AST, allowed: Container[str] = MODEL_MAY_IMPORT) -> Iterator[str]:
    for node in ast.walk(tree):
        modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        for module in modules:
            if module.partition(".")[0] not in allowed:
                yield f"imports {module}"


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


@cache
def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def complaints(rule: Callable[[ast.AST], Iterator[str]], *, but: set[str] = frozenset(), within: str = "") -> list[str]:  # type: ignore[assignment]
    """Return what a rule finds in the files that are held to it."""
    found: list[str] = []
    for path in FILES:
        name = path.relative_to(ROOT).as_posix()
        if name not in but and name.startswith(within):
            found += [f"{name}: {each}" for each in rule(parse(path))]
    return found


def test_only_the_store_touches_the_disk() -> None:
    assert complaints(disk, but=TOUCHES_DISK | OPENS_IN_MEMORY) == []


def test_only_the_settings_read_the_environment() -> None:
    assert complaints(environment, but=READS_ENVIRONMENT) == []


def test_the_network_knows_no_clock_and_no_system() -> None:
    assert complaints(clock, within="model/") == []


def test_functions_are_short() -> None:
    assert complaints(long_functions) == []


def test_functions_have_few_arguments() -> None:
    """A sixth is a missing type."""
    assert complaints(many_arguments) == []


def test_another_package_is_entered_by_its_face() -> None:
    found: list[str] = []
    for path in FILES:
        name = path.relative_to(ROOT).as_posix()
        module = name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        found += [f"{name}: {each}" for each in entered_past_the_face(parse(path), module)]

    assert found == []


def test_folders_hold_few_files() -> None:
    assert list(full_folders(path.relative_to(ROOT).as_posix() for path in FILES)) == []


def test_the_network_imports_nothing_but_numpy_and_safetensors_only_in_checkpoint_and_onnx_only_in_onnx() -> None:
    checkpoint, graphs = ROOT / "model/checkpoint/file.py", sorted((ROOT / "model/onnx").glob("*.py"))
    names = {path.relative_to(ROOT).as_posix() for path in (checkpoint, *graphs)}

    assert complaints(foreign, but=names, within="model/") == []
    for path, package in ((checkpoint, "safetensors"), *((path, "onnx") for path in graphs)):
        assert list(foreign(ast.parse(path.read_text()), {*MODEL_MAY_IMPORT, package})) == []


@pytest.mark.parametrize(
    ("source", "importer"),
    [
        ("from model.table.dataset import Dataset", "app.jobs.worker"),
        ("from app.registry.log import ModelLog", "app.main"),
        ("from model.table.dataset import Dataset", "model.network.network"),
        ("from app.rest.bodies.requests import DeclarationRequest", "app.rest.openapi"),
    ],
)
def test_it_is_noticed_who_enters_a_package_past_its_face(source: str, importer: str) -> None:
    assert list(entered_past_the_face(ast.parse(source), importer))


@pytest.mark.parametrize(
    ("source", "importer"),
    [
        ("from model.table import Dataset", "app.jobs.worker"),
        ("from model.table.dataset import Dataset", "model.table.scaler"),
        ("from app.rest.problems import NotReady", "app.rest.routes.health"),
        ("from app.errors import StoreError", "app.jobs.worker"),
        ("from app.rest.routes import ROUTERS", "app.main"),
        ("from numpy.typing import NDArray", "model.arrays"),
    ],
)
def test_who_enters_by_the_face_is_left_alone(source: str, importer: str) -> None:
    assert list(entered_past_the_face(ast.parse(source), importer)) == []


def test_a_folder_of_thirteen_files_is_noticed() -> None:
    files = [f"app/jobs/{number}.py" for number in range(MAX_FOLDER_FILES)] + ["app/jobs/__init__.py"]

    assert list(full_folders(files)) == []
    assert list(full_folders([*files, "app/jobs/more.py"]))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_file_is_short_and_opens_by_saying_what_it_is(path: Path) -> None:
    text = path.read_text()

    assert len(text.splitlines()) <= MAX_LINES
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
        (foreign, "import scipy"),
        (foreign, "from safetensors.numpy import load"),
        (foreign, "import math, app.store"),
        (clock, "from datetime import datetime"),
        (clock, "import os.path"),
        (clock, "def f():\n    from pathlib import Path"),
        (many_arguments, "def f(a, b, c, d, e, g): ..."),
        (many_arguments, "class C:\n    async def f(self, a, b, /, c, *, d, e, g): ..."),
        (long_functions, "def f():\n" + "    x = 1\n" * (MAX_FUNCTION_LINES + 1)),
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
        (foreign, "import math\nimport numpy as np\nfrom model.table import Dataset"),
        (long_functions, "def f():\n" + "    x = 1\n" * (MAX_FUNCTION_LINES - 1)),
        (many_arguments, "class C:\n    def f(self, a, b, c, d, e): ..."),
    ],
)
def test_no_rule_complains_of_what_is_right(rule: Callable[[ast.AST], Iterator[str]], source: str) -> None:
    assert list(rule(ast.parse(source))) == []
