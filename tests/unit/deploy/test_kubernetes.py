"""The files for Kubernetes and KServe: valid, restricted, and with the numbers and paths of the image."""

import os
import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml  # type: ignore[import-untyped]  # it is there with what validates OpenAPI

from app.settings import Settings
from tests.support.deployed import DEPLOY
from tests.support.image_facts import GRACE_SECONDS, PORT, check_pod
from tests.support.needs import needs
from tests.support.server import Server

OVERLAYS = ["base", "shared"]
INFERENCE_SERVICE: dict[str, Any] = yaml.safe_load((DEPLOY / "kserve" / "inference-service.yaml").read_text())
PREDICTOR: dict[str, Any] = INFERENCE_SERVICE["spec"]["predictor"]
OF_KSERVE = {"minReplicas", "maxReplicas", "deploymentStrategy"}
"""What a predictor has beside a pod's members."""

pytestmark = needs("kubectl")


@cache
def build(overlay: str) -> dict[str, Any]:
    """Return what kubectl would apply, by kind."""
    command = ["kubectl", "kustomize", str(DEPLOY / "kubernetes" / overlay)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    resources = list(yaml.safe_load_all(done.stdout))
    assert len({resource["kind"] for resource in resources}) == len(resources)
    return {resource["kind"]: resource for resource in resources}


@pytest.fixture(params=OVERLAYS)
def resources(request: pytest.FixtureRequest) -> dict[str, Any]:
    return build(request.param)


def pod_of(resources: dict[str, Any]) -> dict[str, Any]:
    pod: dict[str, Any] = resources["Deployment"]["spec"]["template"]["spec"]
    return pod


def probes(pod: dict[str, Any]) -> dict[str, dict[str, Any]]:
    (container,) = pod["containers"]
    return {name: container[f"{name}Probe"]["httpGet"] for name in ("startup", "liveness", "readiness")}


def test_they_are_valid_and_say_nothing_that_kubernetes_does_not_know(resources: dict[str, Any]) -> None:
    for resource in resources.values():
        kubernetes_validate.validate(resource, kubernetes_validate.latest_version(), strict=True)


def test_what_is_wrong_would_be_noticed() -> None:
    pod = {**pod_of(build("base")), "enableServiceLink": False}
    with pytest.raises(kubernetes_validate.ValidationError):
        validate_pod(pod)


def test_pods_are_restricted_and_agree_with_the_image(resources: dict[str, Any]) -> None:
    check_pod(pod_of(resources))
    assert resources["Namespace"]["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_its_settings_are_settings(resources: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys are asked for, from the file that the secret is mounted as."""
    settings = resources["ConfigMap"]["data"]
    for name in [name for name in os.environ if name.startswith("SCORECAST_")]:
        monkeypatch.delenv(name)
    for name, value in settings.items():
        assert name.removeprefix("SCORECAST_").lower() in Settings.model_fields, name
        monkeypatch.setenv(name, value)
    read = Settings()
    assert read.grace_seconds == GRACE_SECONDS
    assert not read.allow_anonymous
    (container,) = pod_of(resources)["containers"]
    folders = {mount["mountPath"] for mount in container["volumeMounts"] if mount["name"] == "keys"}
    assert read.api_keys_file
    assert str(Path(read.api_keys_file).parent) in folders
    assert container["envFrom"] == [{"configMapRef": {"name": resources["ConfigMap"]["metadata"]["name"]}}]


def test_everything_is_about_the_same_pods_and_port(resources: dict[str, Any]) -> None:
    labels = resources["Deployment"]["spec"]["template"]["metadata"]["labels"]
    (container,) = pod_of(resources)["containers"]
    names = {port["name"] for port in container["ports"]}
    selected = [
        resources["Deployment"]["spec"]["selector"]["matchLabels"],
        resources["Service"]["spec"]["selector"],
        resources["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
        resources["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"],
    ]
    assert selected == [labels] * 4
    assert {port["targetPort"] for port in resources["Service"]["spec"]["ports"]} <= names
    (rule,) = resources["NetworkPolicy"]["spec"]["ingress"]
    assert {port["port"] for port in rule["ports"]} <= names
    assert {probe["port"] for probe in probes(pod_of(resources)).values()} <= names
    claims = [
        volume["persistentVolumeClaim"]["claimName"]
        for volume in pod_of(resources)["volumes"]
        if len(volume) > 1 and "persistentVolumeClaim" in volume
    ]
    assert claims == [resources["PersistentVolumeClaim"]["metadata"]["name"]]


def test_one_replica_stops_before_the_next_begins_and_several_need_a_volume_for_all() -> None:
    base, shared = build("base"), build("shared")
    assert base["Deployment"]["spec"]["replicas"] == 1
    assert base["Deployment"]["spec"]["strategy"] == {"type": "Recreate"}
    assert base["PersistentVolumeClaim"]["spec"]["accessModes"] == ["ReadWriteOnce"]
    assert "HorizontalPodAutoscaler" not in base

    assert shared["PersistentVolumeClaim"]["spec"]["accessModes"] == ["ReadWriteMany"]
    assert shared["Deployment"]["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert "replicas" not in shared["Deployment"]["spec"]  # each apply would undo what the autoscaler has chosen
    target = shared["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]
    assert (target["kind"], target["name"]) == ("Deployment", shared["Deployment"]["metadata"]["name"])


def test_probes_are_answered(resources: dict[str, Any], server: Server) -> None:
    for pod in (pod_of(resources), PREDICTOR):
        asked = probes(pod)
        assert all(server.client.get(probe["path"]).status_code == 200 for probe in asked.values())
        assert "ready" in asked["readiness"]["path"]
        assert "live" in asked["liveness"]["path"]


def test_kserve_has_a_valid_pod_that_agrees_with_the_image() -> None:
    pod = {name: value for name, value in PREDICTOR.items() if name not in OF_KSERVE}
    validate_pod(pod)
    check_pod(pod)
    assert {probe["port"] for probe in probes(pod).values()} == {PORT}
    assert pod["containers"][0]["name"] == "kserve-container"
    assert PREDICTOR["maxReplicas"] == 1
    of_kubernetes = pod_of(build("base"))
    for member in ("volumes", "securityContext", "terminationGracePeriodSeconds"):
        assert pod[member] == of_kubernetes[member]


def validate_pod(pod: dict[str, Any]) -> None:
    whole = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "scorecast"}, "spec": pod}
    kubernetes_validate.validate(whole, kubernetes_validate.latest_version(), strict=True)


def test_files_that_are_applied_are_named_in_the_documentation() -> None:
    page = (DEPLOY.parent / "docs" / "deploying.md").read_text()
    for path in ("deploy/kubernetes/base", "deploy/kubernetes/shared", "deploy/kserve/inference-service.yaml"):
        assert re.search(rf"{path}\b", page), path
