"""A form with one file (`multipart/form-data`, RFC 7578): to the body that the file is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from app.errors import MalformedBody, UnsupportedMediaType, shorten
from app.frames import ARROW, PARQUET
from app.tables.byte_search import cut
from app.tables.forms.body import CSV, JSON, NDJSON, XLSX

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

FORM = "multipart/form-data"

ENDINGS: Mapping[str, str] = {
    ".csv": CSV,
    ".tsv": CSV,
    ".txt": CSV,
    ".json": JSON,
    ".ndjson": NDJSON,
    ".jsonl": NDJSON,
    ".xlsx": XLSX,
    ".arrow": ARROW,
    ".arrows": ARROW,
    ".feather": ARROW,
    ".ipc": ARROW,
    ".parquet": PARQUET,
}
"""What a file is whose name ends so, where its part has no type that says it."""

MAX_PARTS = 20


@dataclass
class Part:
    """A part of a form: its headers, and its content as it is found."""

    headers: dict[str, str] = field(default_factory=dict)
    content: BytesIO = field(default_factory=BytesIO)

    @property
    def name(self) -> str | None:
        """What the part is called; None: it has no name."""
        return self._option(b"name")

    @property
    def file_name(self) -> str | None:
        """What the file was called; None: the part is no file."""
        return self._option(b"filename")

    def _option(self, name: bytes) -> str | None:
        found = parse_options_header(self.headers.get("content-disposition", ""))[1].get(name)
        return None if found is None else found.decode(errors="replace")


def find_file(data: bytes, content_type: str) -> tuple[Part, bytes]:
    """Return a form's only file, and its content. Raises `MalformedBody`, `UnsupportedMediaType`."""
    parts = split_form(data, content_type)
    files = [part for part in parts if part.file_name is not None]
    if len(files) != 1 or len(parts) != 1:
        raise MalformedBody(
            f"the form has {len(files)} files and {len(parts) - len(files)} other fields: send one file, such as curl "
            "-F file=@table.csv, and options as query parameters"
        )
    (part,) = files
    return part, part.content.getvalue()


def find_media_type(part: Part, own: str | None) -> str:
    """Return what a file is: what its part's type says, if that is read (`own`); else what its name ends with."""
    name = part.file_name or ""
    media_type = own or next((ENDINGS[end] for end in ENDINGS if name.lower().endswith(end)), None)
    if media_type is None:
        raise UnsupportedMediaType(
            f"the form's file {shorten(name)!r} is not read here: its name should end with {', '.join(ENDINGS)}"
        )
    return media_type


def split_form(data: bytes, content_type: str) -> list[Part]:
    """Return the parts of a form. Raises `MalformedBody`, `UnsupportedMediaType`."""
    boundary = parse_options_header(content_type)[1].get(b"boundary")
    if not boundary:
        raise UnsupportedMediaType("a form needs a Content-Type with its boundary: let the client write that header")
    collector = _Collector()
    try:
        parser = MultipartParser(boundary, collector.callbacks)
        for piece in cut(data):
            parser.write(piece)
        parser.finalize()
    except FormParserError as error:
        raise MalformedBody(f"the form cannot be read: {error}") from None
    if not collector.is_complete:
        raise MalformedBody("the form cannot be read: its end is missing")
    return collector.parts


class _Collector:
    """What the parser finds, as parts."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.is_complete = False
        self._name = self._value = b""
        self.callbacks: MultipartCallbacks = {
            "on_part_begin": self._begin,
            "on_header_field": self._add_to_name,
            "on_header_value": self._add_to_value,
            "on_header_end": self._end_header,
            "on_part_data": self._add_to_content,
            "on_end": self._end,
        }

    def _begin(self) -> None:
        if len(self.parts) >= MAX_PARTS:
            raise MalformedBody("the form has too many parts")
        self.parts.append(Part())

    def _add_to_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _add_to_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        self.parts[-1].headers[self._name.decode("latin-1").lower()] = self._value.decode("latin-1")
        self._name = self._value = b""

    def _add_to_content(self, data: bytes, start: int, end: int) -> None:
        self.parts[-1].content.write(data[start:end])

    def _end(self) -> None:
        self.is_complete = True
