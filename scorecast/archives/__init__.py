"""Archives: a model with all its versions as one file, written from one service and put into another."""

from scorecast.archives.archive import ArchiveError
from scorecast.archives.moving import Exported, Imported, ImportStopped, Moved, export_model, import_model

__all__ = ["ArchiveError", "Exported", "ImportStopped", "Imported", "Moved", "export_model", "import_model"]
