"""Posteriors side by side are those of each network by itself."""

import numpy as np
import pytest

from model.network.ensemble_pass import outputs_and_jacobian
from model.network.network import Architecture, Ensemble
from model.posterior import approximate_posterior
from model.posterior.stacked import approximate_posteriors, curvatures, predict_rows
from model.table.dataset import Dataset
from model.trainers import LevenbergMarquardt, fit_side_by_side
from tests.support.model_tables import wave


@pytest.fixture(autouse=True)
def larger_stacks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that normal equations are stacked as well, which otherwise pays only for shapes smaller than these."""
    monkeypatch.setattr(curvatures, "MAX_BYTES_EACH", 1 << 17)


def table(rows: int, targets: int) -> Dataset:
    one = wave(rows, 0.2)
    return Dataset(one.features, np.column_stack([one.targets, one.features])[:, :targets])


@pytest.mark.parametrize(("rows", "targets"), [(20, 1), (120, 1), (23, 2), (80, 2)])
@pytest.mark.parametrize("noise", ["normal", "student"])
def test_posteriors_and_predictions_are_those_of_each_network_by_itself(rows: int, targets: int, noise: str) -> None:
    dataset, architecture = table(rows, targets), Architecture((3, 6, 6, targets))
    rng = np.random.default_rng(0)
    starts = Ensemble(architecture, np.stack([architecture.initialise(rng).parameters for _ in range(4)]))
    fold = np.arange(rows) % 4
    seen, unseen = ([np.flatnonzero(chosen(fold, k)) for k in range(4)] for chosen in (np.not_equal, np.equal))
    trainer = LevenbergMarquardt(max_epochs=20, noise=noise)  # type: ignore[arg-type]
    fits = fit_side_by_side(trainer, starts, dataset, seen, lambda *_: None)
    ensemble = Ensemble(architecture, np.stack([done.parameters for done in fits]))

    members = approximate_posteriors(ensemble, dataset, seen, [done.prior for done in fits])
    predictions = predict_rows(ensemble, members, dataset.features, unseen)

    for number, (network, member, said) in enumerate(zip(ensemble.members, members, predictions, strict=True)):
        alone = approximate_posterior(network, dataset.take(seen[number]), fits[number].prior)
        assert member.evidence.value == pytest.approx(alone.evidence.value, rel=1e-8)
        np.testing.assert_allclose(member.evidence.by_group, alone.evidence.by_group, rtol=1e-6)
        np.testing.assert_allclose(member.evidence.by_target, alone.evidence.by_target, rtol=1e-6)
        np.testing.assert_allclose(member.first_weights, alone.first_weights, rtol=1e-8)
        np.testing.assert_allclose(member.left_out.residuals, alone.left_out.residuals, rtol=1e-5, atol=1e-8)
        np.testing.assert_allclose(member.left_out.variances, alone.left_out.variances, rtol=1e-5)
        outputs, jacobian = outputs_and_jacobian(network, dataset.features[unseen[number]])
        variances = np.einsum("nkk->nk", alone.covariance.propagate(jacobian)) + 1.0 / alone.prior.beta
        np.testing.assert_allclose(said.locations, outputs, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(said.variances, variances, rtol=1e-6)


def test_without_priors_each_is_estimated_by_itself() -> None:
    dataset, architecture = table(20, 1), Architecture((3, 4, 1))
    ensemble = Ensemble(architecture, np.stack([architecture.initialise(np.random.default_rng(0)).parameters] * 2))

    members = approximate_posteriors(ensemble, dataset, None, [None, None])

    alone = approximate_posterior(ensemble.members[0], dataset, None)
    assert [member.evidence.value for member in members] == [alone.evidence.value] * 2
    (first, _) = predict_rows(ensemble, members, dataset.features)
    assert first.variances.shape == (20, 1)
