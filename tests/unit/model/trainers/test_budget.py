"""The budget is computed, not timed."""

from model.network.network import Architecture
from model.trainers.budget import Budget, gradient_cost, jacobian_cost


def test_what_is_spent_is_no_longer_there() -> None:
    budget = Budget(1.0, 100)

    assert budget.affords(1e9)
    budget.spend(0.5e9)
    assert not budget.affords(0.6e9)


def test_more_rows_are_allowed_more() -> None:
    assert Budget(None, 10_000).left > 5 * Budget(None, 1000).left


def test_an_epoch_costs_more_with_rows_and_parameters() -> None:
    small, large = Architecture((8, 10, 10, 1)), Architecture((8, 20, 20, 1))

    for cost in (gradient_cost, jacobian_cost):
        assert cost(small, 1000) < cost(small, 2000) < cost(large, 2000)
        assert cost(large, 3) < cost(small, 1000)
    assert gradient_cost(small, 1000) < jacobian_cost(small, 1000)
