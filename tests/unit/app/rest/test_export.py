"""Exports: weights as text and as the checkpoint, for others to read."""

import io
import stat
import zipfile
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from app.rest.exports import EXPORTS, ExportQuery, ExportRequest
from model.checkpoint import Checkpoint
from model.network import Architecture, Ensemble
from model.predictors import Classifier, ClassMixture, ClassNetworks, ClassShares, Regressor
from model.table import CategoryEncoding, Column, NetworkInputs, Signature, standardise
from model.training import train
from tests.support.trained import checkpoint, spec


def write(kind: str, trained: Checkpoint[Any]) -> bytes:
    query = ExportQuery.model_validate({"format": kind})
    export = EXPORTS[query.format]
    assert export.write is not None
    return export.write(ExportRequest("exam-score", 1, trained, query))


def unpacked(trained: Checkpoint[Regressor]) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float64]]]:
    with zipfile.ZipFile(io.BytesIO(write("txt", trained))) as archive:
        return {name: np.loadtxt(archive.open(name), ndmin=2) for name in archive.namelist()}


def test_each_layer_s_weights_are_in_a_file_that_numpy_reads() -> None:
    trained = checkpoint()
    (network,) = trained.predictor.mixture.networks[0].ensemble.members

    files = unpacked(trained)

    assert list(files) == ["w1.txt", "w2.txt"]
    for name, (weights, _) in zip(files, network.layers, strict=True):
        assert files[name].shape == weights.shape
        assert (files[name] == weights).all()  # to the last bit


def test_biases_have_files_of_their_own_and_members_have_folders() -> None:
    wanted = spec(members=2)
    trained = train(replace(wanted, network=replace(wanted.network, bias=True, hidden_layers=(3, 2))))

    files = unpacked(trained)

    expected = [f"member-{member}/{letter}{layer}.txt" for member in (1, 2) for layer in (1, 2, 3) for letter in "wb"]
    assert list(files) == expected
    for member, network in enumerate(trained.predictor.mixture.networks[0].ensemble.members, 1):
        for layer, (weights, bias) in enumerate(network.layers, 1):
            assert bias is not None
            assert (files[f"member-{member}/w{layer}.txt"].reshape(weights.shape) == weights).all()
            assert (files[f"member-{member}/b{layer}.txt"].ravel() == bias).all()


def test_the_files_can_be_read_by_whoever_unpacks_them() -> None:
    with zipfile.ZipFile(io.BytesIO(write("txt", checkpoint()))) as archive:
        for entry in archive.infolist():
            assert stat.S_IMODE(entry.external_attr >> 16) == 0o644
            assert entry.compress_type == zipfile.ZIP_DEFLATED


@pytest.mark.parametrize("kind", ["onnx", "txt"])
def test_equal_weights_make_equal_bytes(kind: str) -> None:
    assert write(kind, train(spec())) == write(kind, train(spec()))


def test_of_a_mixture_of_classes_the_networks_are_there_and_the_rest_is_named() -> None:
    inputs = NetworkInputs.from_scaler(np.array([0]), standardise(np.array([[0.0], [1.0]]), ()))
    networks = ClassNetworks(inputs, Ensemble(Architecture((1, 2)), np.arange(4.0)[None]))
    mixture = ClassMixture((ClassShares(np.log([0.5, 0.5])), networks), np.array([0.25, 0.75]), np.array([1.0, 1.5]))
    encoding = CategoryEncoding(np.array([0]), np.array([np.nan]), np.array([0.0]))
    signature = Signature((Column("x"),), (Column("y", kind="category", categories=("a", "b")),))
    classifier = Classifier(signature, encoding, np.array([[0.0], [1.0]]), mixture)

    with zipfile.ZipFile(io.BytesIO(write("txt", Checkpoint(classifier, checkpoint().report)))) as archive:
        assert archive.namelist() == ["README.txt", "part-2/w1.txt", "part-2/b1.txt"]
        explained = archive.read("README.txt").decode()
    assert "part 1: how frequent each class is, weight 0.25, temperature 1: left out" in explained
    assert "part 2: neural networks, weight 0.75, temperature 1.5: in part-2/" in explained
