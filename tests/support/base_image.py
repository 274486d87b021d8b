"""A base image for the tests of the container, made from Debian's packages: no image registry is asked.

It has what the Dockerfile's own base has and we rely on: Python with venv, and a pip that has to go.
What pip needs on this machine to reach its packages (certificates, an index of its own) is in it too.
Set PYTHON_IMAGE to take another image instead.
"""

import ast
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
from pathlib import Path

SUITE = "bookworm"
DEBIAN = f"scorecast-test-{SUITE}-slim"  # kept from run to run: it takes a minute or two
BASE = "scorecast-test-base"
LEFT_OUT = (
    "usr/share/doc",
    "usr/share/info",
    "usr/share/locale",
    "usr/share/man",
    "var/cache/apt",
    "var/lib/apt/lists",
)
"""As Debian's slim images do, from which the Dockerfile's own base is made."""
NETWORK_SETTINGS = ("index-url", "extra-index-url", "trusted-host", "proxy", "default-timeout")
DOCKERFILE = f"""
FROM {DEBIAN}
COPY certificates.pem /etc/ssl/certs/ca-certificates.crt
COPY pip.conf /etc/pip.conf
RUN rm -f /usr/lib/python3*/EXTERNALLY-MANAGED \\
 && PYTHONPATH="$(echo /usr/share/python-wheels/pip-*.whl)" \\
    python3 -m pip install --no-index /usr/share/python-wheels/pip-*.whl
"""


def is_at_hand() -> bool:
    """Whether there is a base image, or it can be made."""
    can_be_made = os.geteuid() == 0 and shutil.which("debootstrap") is not None
    return "PYTHON_IMAGE" in os.environ or can_be_made or _is_there(DEBIAN)


def base_image() -> str:
    """Return the name of the base image, made if need be."""
    if "PYTHON_IMAGE" in os.environ:
        return os.environ["PYTHON_IMAGE"]
    if not _is_there(DEBIAN):
        _import_debian()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "Dockerfile").write_text(DOCKERFILE)
        Path(folder, "certificates.pem").write_bytes(Path(ssl.get_default_verify_paths().cafile or "").read_bytes())
        Path(folder, "pip.conf").write_text("\n".join(["[global]", *_pip_settings()]))
        docker("build", "--network=host", "-t", BASE, folder)
    return BASE


def docker(*arguments: str) -> str:
    """Run docker and return what it printed. Raises with its error if there is one."""
    done = subprocess.run([program("docker"), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"docker {' '.join(arguments)}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout.strip()


def program(name: str) -> str:
    """Return where a program is; it has to be there."""
    found = shutil.which(name)
    assert found, f"{name} is not installed"
    return found


def _is_there(image: str) -> bool:
    return shutil.which("docker") is not None and bool(docker("image", "ls", "--quiet", image))


def _import_debian() -> None:
    with tempfile.TemporaryDirectory(dir="/var/tmp") as root:  # in /tmp devices may be forbidden
        packages = "--include=python3,python3-venv,ca-certificates"
        subprocess.run([program("debootstrap"), "--variant=minbase", packages, SUITE, root], check=True)
        excluded = [f"--exclude=./{folder}/*" for folder in LEFT_OUT]
        tar = subprocess.Popen([program("tar"), "-C", root, *excluded, "-c", "."], stdout=subprocess.PIPE)
        with tar:
            subprocess.run([program("docker"), "import", "-", DEBIAN], stdin=tar.stdout, check=True)
        assert tar.returncode == 0


def _pip_settings() -> list[str]:
    """Return what this machine's pip is document about the network, from its files and the environment alike."""
    pip = [sys.executable, "-m", "pip", "config", "list"]
    listed = subprocess.run(pip, capture_output=True, text=True, check=True).stdout.splitlines()
    settings = {"cert": "/etc/ssl/certs/ca-certificates.crt"}
    for scope, line in sorted(line.split(".", 1) for line in listed if "." in line):
        name, _, value = line.partition("=")
        words = [word for word in ast.literal_eval(value).split() if not word.startswith("file:")]
        if name in NETWORK_SETTINGS and words and (scope == ":env:" or name not in settings):
            settings[name] = " ".join(words)
    return [f"{name} = {value}" for name, value in settings.items()]
