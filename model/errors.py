"""What can go wrong with a model, as one small tree.

ModelError
├── SignatureError       columns that cannot be a signature
├── OptionsError         network or trainer options that do not fit the table
├── TrainingFailed       the training ended without a usable network
├── TrainingCancelled    the caller asked the training to stop
└── CheckpointError      bytes that are no checkpoint of ours
"""


class ModelError(Exception):
    """Anything that can go wrong with a model; its text is written for the user."""


class SignatureError(ModelError):
    """Columns that cannot be a signature: no name, the same name twice, bounds the wrong way round."""


class OptionsError(ModelError):
    """Network or trainer options that do not fit each other or the table."""


class TrainingFailed(ModelError):
    """The training ended without a usable network; the text says why."""


class TrainingCancelled(ModelError):
    """The caller asked the training to stop; raised by `on_epoch`."""


class CheckpointError(ModelError):
    """Bytes that are no checkpoint of ours: damaged, cut short, or of a newer format."""
