"""The model that every service has: an exam score from hours studied and hours slept."""

from app.registry.declaration import Declaration
from model.table import Column, Signature

EXAM_SCORE = "exam-score"


BUILT_IN = {
    EXAM_SCORE: Declaration(
        Signature(
            features=(
                Column("hours_studied", "hours", minimum=0, maximum=24),
                Column("hours_slept", "hours", minimum=0, maximum=24),
            ),
            targets=(Column("score", "points", minimum=0, maximum=100),),
        )
    )
}
