"""One of the networks that a predictor's answers are mixed from: what it reads, its layers, and what its units answer."""

from dataclasses import dataclass

import numpy as np

from model.arrays import FloatArray
from model.network import Network
from model.predictors import Classifier, ClassMixture, ClassNetworks, NetworkPart, Regressor
from model.table import CategoryEncoding, Column, NetworkInputs

Networks = NetworkPart | ClassNetworks


@dataclass(frozen=True, eq=False)
class MixtureNetwork:
    """A member of the ensemble that has most weight in a mixture."""

    network: Network
    member: int
    """Its number, from 1."""
    members: int
    weights: tuple[float, ...]
    """For each target, the share of the ensemble in the answers."""
    inputs: tuple[str, ...]
    """What its first layer reads: a column, a category's indicator, a piece of a column, or a component of all."""
    outputs: tuple[str, ...]
    """What its last layer answers: a target in scaled units, or the logit of a class."""
    category_encoding: CategoryEncoding
    network_inputs: NetworkInputs
    rotation: FloatArray | None
    """As that of the part."""

    def activations(self, features: FloatArray) -> tuple[FloatArray, ...]:
        """Return the inputs (rows, inputs), then what each layer answers (rows, units), for features (rows, features)."""
        read = self.network_inputs.apply(self.category_encoding.apply(features))
        values = [np.asarray(read if self.rotation is None else read @ self.rotation)]
        for (weights, bias), activation in zip(self.network.layers, self.network.architecture.activations, strict=True):
            answered = values[-1] @ weights if bias is None else values[-1] @ weights + bias
            activation.function(answered, answered)
            values.append(answered)
        return tuple(values)


def find_network(predictor: Regressor | Classifier, member: int = 1) -> MixtureNetwork | None:
    """Return a network of the ensemble with most weight; None where no network takes part.

    Raises `IndexError` for a member that there is not.
    """
    found = _find_part(predictor)
    if found is None:
        return None
    part, weights = found
    members = part.ensemble.members
    if not 1 <= member <= len(members):
        raise IndexError(f"there are {len(members)} networks")
    columns = predictor.category_encoding.columns(predictor.signature)
    rotation = part.rotation if isinstance(part, NetworkPart) else None
    targets = predictor.signature.targets
    is_class = isinstance(predictor, Classifier)
    return MixtureNetwork(
        network=members[member - 1],
        member=member,
        members=len(members),
        weights=tuple(weights.tolist()),
        inputs=_name_inputs(part.network_inputs, columns) if rotation is None else _name_components(rotation),
        outputs=targets[0].categories if is_class else tuple(column.name for column in targets),
        category_encoding=predictor.category_encoding,
        network_inputs=part.network_inputs,
        rotation=rotation,
    )


def _find_part(predictor: Regressor | Classifier) -> tuple[Networks, FloatArray] | None:
    """Return the networks with most weight, and their weights (targets,)."""
    mixture = predictor.mixture
    weights = mixture.weights[:, None] if isinstance(mixture, ClassMixture) else mixture.weights
    parts = [
        (part, weight)
        for part, weight in zip(mixture.parts, weights, strict=True)
        if isinstance(part, NetworkPart | ClassNetworks)
    ]
    return max(parts, key=lambda one: float(one[1].sum()), default=None)


def _name_inputs(inputs: NetworkInputs, columns: tuple[Column, ...]) -> tuple[str, ...]:
    """Return the name of each input: its column's, with the limits that it is held between."""
    limits = zip(inputs.source.tolist(), inputs.low.tolist(), inputs.high.tolist(), strict=True)
    return tuple(
        f"{columns[source].name}, {low:.4g} to {high:.4g}" if np.isfinite(low) else columns[source].name
        for source, low, high in limits
    )


def _name_components(rotation: FloatArray) -> tuple[str, ...]:
    return tuple(f"component {number}" for number in range(1, rotation.shape[1] + 1))
