"""Arrow's streams and files, and Parquet's: to a table of typed cells."""

from app.errors import BodyError, InvalidBody, MissingExtra, UnsupportedMediaType
from app.frames import read_frame
from app.tables.columns import make_columns
from app.tables.forms.body import Body
from app.tables.names import clean_name, refuse_repeated
from app.tables.table import Table


def read_frame_table(body: Body) -> Table:
    """Return the table that a body of Arrow or Parquet is.

    Raises `UnsupportedMediaType` where pyarrow is not installed, `MalformedBody`, `InvalidBody` and `BodyTooLarge`.
    """
    try:
        frame = read_frame(body.data, body.media_type, body.max_bytes)
    except MissingExtra as error:
        raise UnsupportedMediaType(str(error)) from None
    columns = [(clean_name(name), cells) for name, cells in make_columns(frame)]
    by_name = dict(columns)
    for place, (name, cells) in enumerate(columns):
        if not name:
            raise InvalidBody([BodyError(f"column {place + 1} of the table has no name", "")])
        if by_name[name] is not cells:
            raise InvalidBody([refuse_repeated(name)])
    return Table(by_name, is_typed=True, row_count=frame.rows)
