"""What a program does to the files of a folder, step by step.

The program works on a real folder. Each write, fsync, link, rename, unlink, mkdir and rmdir in it is noted with what it did to
which file or folder.
"""

import io
import itertools
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import pytest


@dataclass(frozen=True)
class Step:
    """One thing done to one file or folder, its `node`."""

    kind: str
    """`set` and `unset` a name in a folder, `write` a file, `sync` either."""
    node: int
    name: str = ""
    of: int = 0
    """Of a name: which file or folder has it."""
    data: bytes = b""
    is_folder: bool = False


@dataclass
class Recorder:
    """What is done inside a folder, step by step, while it is `recording`."""

    root: Path
    steps: list[Step] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)
        self._nodes: dict[int, int] = {self.root.stat().st_ino: 0}
        """Nodes by inode; an inode that is used again is another node."""

    def recording(self, patch: pytest.MonkeyPatch) -> None:
        """Have the functions of `os`, and `io.open`, note what they do in the folder."""
        for name in ("fsync", "link", "unlink", "mkdir", "rmdir", "replace", "rename", "open"):
            patch.setattr(os, name, self._noting(getattr(os, name), getattr(self, f"_{name}")))
        patch.setattr(os, "remove", os.unlink)
        opened = io.open
        patch.setattr(io, "open", lambda *path, **how: self._open_file(opened, *path, **how))

    def _noting(self, real: Callable[..., Any], note: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *given, **options: note(real, *given, **options)

    def _is_inside(self, path: Any) -> bool:
        return isinstance(path, str | Path) and Path(path).is_relative_to(self.root)

    def _at(self, path: Any) -> tuple[int, str]:
        """Return the node of the folder that a path is in, and its name there."""
        return self._nodes[Path(path).parent.stat().st_ino], Path(path).name

    def _known(self, path: Any) -> int:
        return self._nodes[Path(path).lstat().st_ino]

    def _set(self, path: Any, of: int, *, is_folder: bool = False) -> None:
        node, name = self._at(path)
        self.steps.append(Step("set", node, name, of, is_folder=is_folder))

    def _unset(self, path: Any, of: int) -> None:
        node, name = self._at(path)
        self.steps.append(Step("unset", node, name, of))

    def _new(self, path: Any, *, is_folder: bool = False) -> int:
        """Note a new file or folder."""
        node = self._nodes[Path(path).stat().st_ino] = next(self._numbers)
        self._set(path, node, is_folder=is_folder)
        return node

    def _fsync(self, real: Callable[..., Any], descriptor: int) -> None:
        real(descriptor)
        node = self._nodes.get(os.fstat(descriptor).st_ino)
        if node is not None:
            self.steps.append(Step("sync", node))

    def _link(self, real: Callable[..., Any], source: Any, target: Any) -> None:
        real(source, target)
        if self._is_inside(target):
            self._set(target, self._known(target))

    def _unlink(self, real: Callable[..., Any], path: Any, **options: Any) -> None:
        of = self._known(path) if self._is_inside(path) and os.path.lexists(path) else None
        real(path, **options)
        if of is not None:
            self._unset(path, of)

    def _mkdir(self, real: Callable[..., Any], path: Any, *mode: Any) -> None:
        real(path, *mode)
        if self._is_inside(path):
            self._new(path, is_folder=True)

    def _rmdir(self, real: Callable[..., Any], path: Any, **options: Any) -> None:
        of = self._known(path) if self._is_inside(path) and os.path.lexists(path) else None
        real(path, **options)
        if of is not None:
            self._unset(path, of)

    def _replace(self, real: Callable[..., Any], source: Any, target: Any) -> None:
        real(source, target)
        if self._is_inside(target):
            self._set(target, self._known(target))
            self._unset(source, self._known(target))

    _rename = _replace

    def _open(self, real: Callable[..., Any], path: Any, flags: int, *mode: Any, **options: Any) -> int:
        is_new = bool(flags & os.O_CREAT) and self._is_inside(path) and not os.path.lexists(path)
        descriptor: int = real(path, flags, *mode, **options)
        if is_new:
            self._new(path)
        return descriptor

    def _open_file(self, real: Callable[..., Any], path: Any, mode: str = "r", *more: Any, **options: Any) -> Any:
        if not self._is_inside(path) or not set(mode) & set("wxa+"):
            return real(path, mode, *more, **options)
        assert set(mode) == {"x", "b"}, f"a way to write that is not simulated: {mode}"
        file = real(path, mode, *more, **options)
        return _NotingFile(file, self._new(path), self.steps)


class _NotingFile:
    """A file whose writes are noted."""

    def __init__(self, file: Any, node: int, steps: list[Step]) -> None:
        self._file, self._node, self._steps = file, node, steps

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, data: bytes) -> int:
        self._steps.append(Step("write", self._node, data=bytes(data)))
        written: int = self._file.write(data)
        return written

    def flush(self) -> None:
        self._file.flush()

    def fileno(self) -> int:
        number: int = self._file.fileno()
        return number
