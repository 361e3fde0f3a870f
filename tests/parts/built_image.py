"""The image as an engine built it: what it says of itself, what is in it, and how it is run."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.image.engines import Engine

from .image_bases import build_flags
from .installation import ROOT
from .toolchains import uv

VERSION: str = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
_NAME = "localhost/oauthclient-operator-tests/operator"
HERE = {"BUILDAH_ISOLATION": "chroot"}
"""Without a container runtime, which a machine that only builds need not have."""
FILES = "/given"
"""Where a running image sees the files that it is given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltImage:
    """An image under its name at an engine, and its archive, by which all engines' images are read alike."""

    engine: Engine
    name: str
    archive: Path

    @classmethod
    def saved(cls, engine: Engine, name: str, archive: Path) -> "BuiltImage":
        """Have the engine write the archive."""
        if engine.name == "buildah":
            _run("buildah", "push", "--quiet", name, f"docker-archive:{archive}:{name}")
        else:
            _run(engine.name, "save", "--output", str(archive), name)
        return cls(engine=engine, name=name, archive=archive)

    def configuration(self) -> dict[str, Any]:
        """Return the image's configuration (OCI image specification)."""
        with tarfile.open(self.archive) as archive:
            found: dict[str, Any] = json.load(_file(archive, self._manifest(archive)["Config"]))
        return found

    def layers(self) -> list[list[tarfile.TarInfo]]:
        """Return what each layer adds, the base's first."""
        found = []
        with tarfile.open(self.archive) as archive:
            for layer in self._manifest(archive)["Layers"]:
                with tarfile.open(fileobj=_file(archive, layer)) as files:
                    found.append(files.getmembers())
        return found

    def read(self, path: str) -> bytes:
        """Return a file of the last layer."""
        with tarfile.open(self.archive) as archive:
            layer = _file(archive, self._manifest(archive)["Layers"][-1])
            with tarfile.open(fileobj=layer) as files:
                return bytes(_file(files, path).read())

    @contextmanager
    def program(self, files: Mapping[str, Path], directory: Path) -> Iterator[list[str]]:
        """Make a command of the image's entry point, on this machine's network, with those files under `FILES`."""
        given = directory / "given"
        given.mkdir()
        for name, file in files.items():
            (given / name).write_bytes(file.read_bytes())
            (given / name).chmod(0o444)
        given.chmod(0o755)
        if self.engine.name != "buildah":
            yield [self.engine.name, "run", "--rm", "--network=host", f"--volume={given}:{FILES}:ro", self.name]
            return
        # `buildah run` kills where it should ask to end; so it is run as itself, and its signals reach it.
        container = _run("buildah", "from", self.name)
        try:
            root = _run("buildah", "mount", container)
            shutil.copytree(given, f"{root}{FILES}")
            yield self._changed_root(root)
        finally:
            _run("buildah", "rm", container)

    def remove(self, *further: str) -> None:
        """Have the engine forget it, by its other names, too."""
        _run(self.engine.name, "rmi", "--force", self.name, *further)

    def _changed_root(self, root: str) -> list[str]:
        configured = self.configuration()["config"]
        own = ["env", "--ignore-environment", *configured["Env"], *configured["Entrypoint"]]
        return ["chroot", f"--userspec={configured['User']}", "--groups=", root, *own]

    @staticmethod
    def _manifest(archive: tarfile.TarFile) -> dict[str, Any]:
        (manifest,) = json.load(_file(archive, "manifest.json"))
        return dict(manifest)


def build(engine: Engine, directory: Path, *options: str, environment: Mapping[str, str] | None = None) -> BuiltImage:
    """Run `python3 -m deploy.image` as a person does, under a name of our own, on other bases where this machine can make them."""
    name = f"{_NAME}-{os.getpid()}"
    flags = build_flags(engine, uv(), directory)
    command = [sys.executable, "-m", "deploy.image", f"--name={name}", *options, "--", *flags]
    variables = {**os.environ, **HERE, **(environment or {})}
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return BuiltImage.saved(engine, f"{name}:{VERSION}", directory / "image.tar")


def _file(archive: tarfile.TarFile, name: str) -> Any:
    found = archive.extractfile(name)
    assert found is not None, f"{name} is a file"
    return found


def _run(*command: str) -> str:
    environment = {**os.environ, **HERE}
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout.strip()
