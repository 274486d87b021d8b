"""The layers of a network as plain numbers, for those who draw it."""

from dataclasses import dataclass

from model.network import Network


@dataclass(frozen=True)
class LayerNumbers:
    """One layer."""

    units: int
    activation: str
    weights: list[list[float]] | None
    """For each input of the layer, the weights to its units; None where the network is too large to be told."""
    biases: list[float] | None
    """Of the units; None where the network has no biases, or is too large."""


def describe_layers(network: Network, max_parameters: int) -> list[LayerNumbers]:
    """Return a network's layers, from the inputs to the outputs; their sizes alone if it has more parameters."""
    architecture = network.architecture
    names = [architecture.activation] * (len(architecture.blocks) - 1) + [architecture.output_activation]
    is_told = architecture.parameter_count <= max_parameters
    return [
        LayerNumbers(
            units=weights.shape[1],
            activation=name,
            weights=weights.tolist() if is_told else None,
            biases=bias.tolist() if is_told and bias is not None else None,
        )
        for (weights, bias), name in zip(network.layers, names, strict=True)
    ]
