"""The image's two bases, made on this machine from Debian's packages where that can be done: no registry of images is asked.

Elsewhere the image is built on those that its Dockerfile names.
"""

import os
import subprocess
import tarfile
from functools import partial
from hashlib import sha256
from pathlib import Path
from shutil import which

from deploy.image.engines import Engine

from .cache import cache_directory, made_once
from .processes import run
from .progress import step

_SUITE = "bookworm"
"""Its Python is the oldest that is supported, as in the Dockerfile."""
_PACKAGES = "python3,python3-venv,ca-certificates"
_NAME = "localhost/oauthclient-operator-tests"
_CERTIFICATES = "/etc/ssl/certs"


def made() -> Path | None:
    """Return the archive of the base with Python, made first if it is not there; None where it cannot be made."""
    if which("mmdebstrap") is None or os.geteuid() != 0:
        return None
    return made_once(cache_directory() / f"image-base-{_SUITE}", _make) / "base.tar"


def build_flags(engine: Engine, uv: Path, directory: Path) -> list[str]:
    """Return what the build is told to stand on, and on the way to the packages to trust what this machine trusts."""
    archive = made()
    if archive is None:
        return []
    python = _imported(engine, f"{_NAME}/python:{_SUITE}", archive)
    with tarfile.open(directory / "uv.tar", "w") as packed:
        packed.add(uv.resolve(), "uv")
    installer = _imported(engine, f"{_NAME}/uv:{sha256(uv.read_bytes()).hexdigest()[:16]}", directory / "uv.tar")
    flags = [f"--build-arg=PYTHON_IMAGE={python}", f"--build-arg=UV_IMAGE={installer}", "--network=host"]
    if engine.name == "docker":
        return flags
    # Seen by what runs while it is built; nothing of it is in the image.
    settings = directory / "uv.toml"
    settings.write_text("system-certs = true\n")
    return [*flags, f"--volume={_CERTIFICATES}:{_CERTIFICATES}:ro", f"--volume={settings}:/etc/uv/uv.toml:ro"]


def _make(into: Path) -> None:
    archive = into / "base.tar"
    command = ["mmdebstrap", "--variant=minbase", f"--include={_PACKAGES}", _SUITE, str(archive)]
    with step("Making a base for the image from Debian's packages (a minute)"):
        run("mmdebstrap", *command, log=into / "mmdebstrap.log")
    (into / "mmdebstrap.log").unlink()


def _imported(engine: Engine, name: str, archive: Path) -> str:
    command = partial(_output, engine.name)
    if engine.name != "buildah":
        command("import", str(archive), name)
    elif name not in command("images", "--format={{.Name}}:{{.Tag}}").split():
        container = command("from", "scratch")
        try:
            command("add", "--quiet", container, str(archive), "/")
            command("commit", "--quiet", container, name)
        finally:
            command("rm", container)
    return name


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
