"""The tables that tests train with: the tutorial's, and its question."""

TABLE: list[dict[str, float]] = [
    {"hours_studied": 2, "hours_slept": 9, "score": 92},
    {"hours_studied": 1, "hours_slept": 5, "score": 86},
    {"hours_studied": 3, "hours_slept": 6, "score": 89},
]

QUESTION: dict[str, float] = {"hours_studied": 4, "hours_slept": 8}
