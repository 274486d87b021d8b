"""A split as data frames: as words and numbers, or as numbers alone."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from benchmarks.accuracy.tables.table import Columns, Floats, Split, numbers


class Frames(NamedTuple):
    """Features of the rows to learn from and of those to be judged by."""

    known: Any
    fresh: Any


def _frame(split: Split, columns: Columns) -> Any:
    return pd.DataFrame(
        {name: list(columns[name]) if name in split.words else numbers(columns[name]) for name in split.features}
    )


def with_words(split: Split) -> Frames:
    """Return words as text, a missing one as a word of its own; numbers with gaps."""
    frames = Frames(_frame(split, split.known), _frame(split, split.fresh))
    for frame in frames:
        for name in split.words & set(frame):
            frame[name] = frame[name].replace("", "(missing)")
    return frames


def with_categories(split: Split) -> Frames:
    """Return words as categories of the rows to learn from; an unseen word is missing."""
    frames = Frames(_frame(split, split.known), _frame(split, split.fresh))
    for name in split.words & set(frames.known):
        categories = sorted(set(split.known[name]) - {""})
        for frame in frames:
            frame[name] = pd.Categorical(frame[name], categories=categories)
    # XGBoost and LightGBM refuse some characters in names
    return Frames(*(frame.set_axis([f"c{place}" for place in range(frame.shape[1])], axis=1) for frame in frames))


def as_numbers(split: Split) -> tuple[Floats, Floats]:
    """Return both (rows, columns), standardised: a column of 0 and 1 for each word, the mean where a number is missing."""
    known, fresh = (pd.get_dummies(frame, dtype=float).to_numpy() for frame in with_categories(split))
    with np.errstate(all="ignore"):
        mean = np.nan_to_num(np.nanmean(known, axis=0)) if len(known) else 0.0
        deviation = np.nan_to_num(np.nanstd(known, axis=0))
    deviation = np.where(deviation > 0, deviation, 1.0)
    scaled = [np.where(np.isnan(part), 0.0, (part - mean) / deviation) for part in (known, fresh)]
    return scaled[0], scaled[1]
