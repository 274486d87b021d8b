"""A budget of floating-point operations: what is tried depends on the table alone, never on the clock.

So equal specs give equal checkpoints, however busy the machine.
"""

from model.network import Architecture
from model.posterior import block_bytes

PER_TABLE, PER_ROW = 70e9, 0.24e9
"""Operations allowed where nothing else is asked for: about 15 seconds for 1,000 rows, two minutes for 10,000."""


SYSTEM_MATRICES, PASSES = 2, 3
"""How often the matrix of a step's system is held, and what units answer: the least, as measured."""


class Budget:
    """What may be spent, and what is left of it."""

    def __init__(self, billions: float | None, rows: int) -> None:
        self.left = PER_TABLE + PER_ROW * rows if billions is None else 1e9 * billions

    def affords(self, operations: float) -> bool:
        """Whether so many are left."""
        return operations <= self.left

    def spend(self, operations: float) -> None:
        """Take so many away."""
        self.left -= operations


def jacobian_cost(architecture: Architecture, rows: int) -> float:
    """Return about how many operations an epoch with a Jacobian takes, as Levenberg-Marquardt does.

    The symmetric product (one multiplication and one addition for half of its entries), the filling of
    the Jacobian, the factorisations.
    """
    residuals = rows * architecture.layer_sizes[-1]
    size = min(architecture.parameter_count, residuals)
    return residuals * architecture.parameter_count * (size + 20.0) + 2.0 * size**3


def jacobian_bytes(architecture: Architecture, rows: int) -> float:
    """Return about how much memory an epoch with a Jacobian takes: a block of it, or all of a wide one, and the system's matrices."""
    residuals, parameters = rows * architecture.layer_sizes[-1], architecture.parameter_count
    held = 8.0 * residuals * parameters if residuals < parameters else block_bytes(architecture, rows)
    return held + 8.0 * SYSTEM_MATRICES * min(parameters, residuals) ** 2


def gradient_bytes(architecture: Architecture, rows: int, vectors: int) -> float:
    """Return about how much memory an epoch with one gradient takes: what each unit answers to each row, and its slope.

    `vectors` is how many vectors of parameters are held beside.
    """
    return 8.0 * (PASSES * rows * sum(architecture.layer_sizes[1:]) + vectors * architecture.parameter_count)


def gradient_cost(architecture: Architecture, rows: int) -> float:
    """Return about how many operations an epoch with one gradient of the whole table takes."""
    return rows * (6.0 * architecture.parameter_count + 60.0 * sum(architecture.layer_sizes[1:]))
