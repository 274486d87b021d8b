"""What the image is, as its Dockerfile says, and how long the service takes to stop: what everything below deploy/ agrees with."""

import re
import tomllib
from pathlib import Path
from typing import Any

from app.settings import Settings

ROOT = Path(__file__).parents[2]
_TEXT = (ROOT / "Dockerfile").read_text()


def _find(pattern: str) -> str:
    found = re.search(pattern, _TEXT, re.MULTILINE)
    assert found, pattern
    return found[1]


VERSION: str = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
USER = int(_find(r"^USER (\d+):"))
GROUP = int(_find(r"^USER \d+:(\d+)$"))
PORT = int(_find(r"^EXPOSE (\d+)$"))
STORE = _find(r"^VOLUME (\S+)$")
SOCKETS = _find(r"TMPDIR=(\S+)")

GRACE_SECONDS: int = Settings.model_fields["grace_seconds"].default
SPARE_SECONDS = 5
"""What a stop takes beside the requests that it waits for: it takes no new ones, hands on trainings, and ends its processes."""

VOLUMES_OF_RESTRICTED_PODS = {"configMap", "downwardAPI", "emptyDir", "persistentVolumeClaim", "projected", "secret"}


def check_pod(pod: dict[str, Any]) -> None:
    """Hold a pod to the restricted standard of Kubernetes, and to what the image is."""
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    for volume in pod["volumes"]:
        assert volume.keys() - {"name"} <= VOLUMES_OF_RESTRICTED_PODS
    assert [pod["securityContext"][name] for name in ("runAsUser", "runAsGroup", "fsGroup")] == [USER, GROUP, GROUP]
    assert container["image"] == f"scorecast:{VERSION}"
    assert [port["containerPort"] for port in container["ports"]] == [PORT]
    mounts = {mount["mountPath"]: mount for mount in container["volumeMounts"]}
    assert mounts.keys() >= {STORE, SOCKETS}
    assert not mounts[STORE].get("readOnly")
    # A service called scorecast would set SCORECAST_PORT, to what is no port.
    assert pod["enableServiceLinks"] is False
    assert pod["automountServiceAccountToken"] is False
    pause = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert pod["terminationGracePeriodSeconds"] >= pause + GRACE_SECONDS + SPARE_SECONDS
