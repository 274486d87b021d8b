"""A column of text cells in as little memory as the text itself takes: a Python string needs 50 bytes more than it holds."""

from app.tables.columns.chunked_column import ChunkedColumn

SEPARATOR = "\x1f"
"""The unit separator of ASCII, which hardly any cell holds."""

Chunk = str | list[str]
"""Cells, joined to one text; or as they are, if one of them holds the separator."""


class TextColumn(ChunkedColumn[str, Chunk]):
    """Text cells."""

    @staticmethod
    def _pack(cells: list[str]) -> Chunk:
        text = SEPARATOR.join(cells)
        return text if text.count(SEPARATOR) == len(cells) - 1 else cells

    @staticmethod
    def _unpack(chunk: Chunk) -> list[str]:
        return chunk.split(SEPARATOR) if isinstance(chunk, str) else chunk
