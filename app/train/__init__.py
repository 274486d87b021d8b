"""One training request: from a body to all that determines its checkpoint."""

from app.train.options import NetworkRequest, Options, default_trainer_request, train_schema, trainer_request
from app.train.request import Training, read_training
from app.train.table_check import TableCheck, check_table

__all__ = [
    "NetworkRequest",
    "Options",
    "TableCheck",
    "Training",
    "check_table",
    "default_trainer_request",
    "read_training",
    "train_schema",
    "trainer_request",
]
