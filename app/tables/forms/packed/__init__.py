"""Forms of tables that are packed, so that they may be larger than they look: workbooks, Arrow and Parquet."""

from app.tables.forms.packed.frame_table import read_frame_table
from app.tables.forms.packed.workbook import read_workbook

__all__ = ["read_frame_table", "read_workbook"]
