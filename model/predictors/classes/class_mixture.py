"""A mixture of classes: the probabilities of its parts, each by its own temperature, weighted.

    p = sum of w_j softmax(z_j / T_j)

with z_j the logits of part j, T_j what makes its probabilities as frequent as they say (Guo et al. 2017), and w_j its weight.
"""

from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from model.arrays import FloatArray
from model.network import BufferPool, softmax
from model.predictors.classes.class_parts import ClassPart


@dataclass(frozen=True, eq=False)
class ClassMixture:
    """The parts that have weight. Threads may share it."""

    parts: tuple[ClassPart, ...]
    weights: FloatArray
    """(parts,): they sum to 1."""
    temperatures: FloatArray
    """(parts,)"""

    @staticmethod
    def single(part: ClassPart, temperature: FloatArray) -> "ClassMixture":
        """Return the mixture in which one part has all the weight; its temperature is (1,)."""
        return ClassMixture((part,), np.ones(1), temperature)

    @property
    def is_quick(self) -> bool:
        """Whether many rows at once are answered in a few milliseconds."""
        return self._pool.are_quick

    @property
    def operations_a_row(self) -> int:
        """About how many floating-point operations it takes to answer a row."""
        return sum(part.operations_a_row for part in self.parts)

    @property
    def buffer_bytes(self) -> int:
        """How much memory answering takes at a time, beside the answer."""
        return self._pool.buffer_bytes

    def probabilities(self, columns: FloatArray) -> FloatArray:
        """Return probabilities (rows, classes) for columns (rows, columns)."""
        return self._pool.run(columns, _MixturePass.probabilities)[0]

    @cached_property
    def _pool(self) -> "BufferPool[_MixturePass]":
        bytes_a_row = max(part.bytes_a_row for part in self.parts)
        return BufferPool(partial(_MixturePass, self), bytes_a_row, sum(part.shared_bytes for part in self.parts))


class _MixturePass:
    """Answers for up to a fixed number of rows, in buffers that are allocated once."""

    def __init__(self, mixture: ClassMixture, samples: int) -> None:
        passes = [part.make_pass(samples) for part in mixture.parts]
        self._parts = list(zip(passes, mixture.weights.tolist(), mixture.temperatures.tolist(), strict=True))

    def probabilities(self, columns: FloatArray) -> tuple[FloatArray]:
        """Return probabilities (rows, classes) for columns (rows, columns); summed in one order, so that a row's bits are its own."""
        each = [
            weight * softmax(one.logits(columns) / temperature).mean(axis=0)[: len(columns)]
            for one, weight, temperature in self._parts
        ]
        return (np.asarray(sum(each[1:], each[0])),)
