"""The candidates of a mixture: what each learns from a table, and what it says of rows that it has not seen."""

from model.fitting.candidates.contract import Answers, Candidate, Fitted, Task
from model.fitting.candidates.folds import Folds
from model.fitting.candidates.kinds import CANDIDATES, Choice, choose_candidates
from model.fitting.candidates.networks import MAX_ROWS_AT_ONCE, NETWORK_NAMES, FittedNetworks, Training
from model.fitting.candidates.scoring import StudentFit, fit_student, is_surely_behind, score_rows

__all__ = [
    "CANDIDATES",
    "MAX_ROWS_AT_ONCE",
    "NETWORK_NAMES",
    "Answers",
    "Candidate",
    "Choice",
    "Fitted",
    "FittedNetworks",
    "Folds",
    "StudentFit",
    "Task",
    "Training",
    "choose_candidates",
    "fit_student",
    "is_surely_behind",
    "score_rows",
]
