"""Checkpoints of format 1 and 2: one ensemble of networks, with one t-distribution a target.

A regressor of that time is a mixture in which its networks have all the weight; it answers the same, to the last bit.
"""

from typing import Any

from model.checkpoint.values import Arrays, read_architecture
from model.network import Ensemble
from model.posterior import Posterior
from model.predictors import Mixture, NetworkPart, NoiseNetwork, StudentQuantiles
from model.table import CategoryEncoding, NetworkInputs, Scaler

FORMAT = 2


def read(header: dict[str, Any], arrays: Arrays) -> dict[str, Any]:
    """Return the members of a classifier or a regressor. Raises KeyError, TypeError or ValueError if some do not fit."""
    ensemble = Ensemble(read_architecture(header["architecture"]), arrays["parameters"])
    inputs = NetworkInputs(**_select("encoding", arrays))
    members = {"category_encoding": CategoryEncoding(**_select("expansion", arrays)), "domain": arrays["domain"]}
    if "temperature" in arrays:
        return {**members, "network_inputs": inputs, "ensemble": ensemble, "temperature": arrays["temperature"]}
    posterior = _select("posterior", arrays)
    quantiles = StudentQuantiles(posterior.pop("scale"), posterior.pop("dof"))
    part = NetworkPart(inputs, None, ensemble, Posterior(**posterior))
    mixture = Mixture.single(part, _read_noise_network(arrays), quantiles)
    return {**members, "mixture": mixture, "scaler": Scaler(**_select("targets", arrays))}


def _read_noise_network(arrays: Arrays) -> NoiseNetwork | None:
    if "noise.scale" not in arrays:
        return None
    inputs = NetworkInputs(**_select("noise.encoding", arrays))
    return NoiseNetwork(inputs, arrays["noise.parameters"], arrays["noise.scale"])


def _select(name: str, arrays: Arrays) -> dict[str, Any]:
    return {key.removeprefix(f"{name}."): array for key, array in arrays.items() if key.startswith(f"{name}.")}
