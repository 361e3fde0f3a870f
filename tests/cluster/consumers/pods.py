"""What a pod of a Deployment gets, without a node: variables, arguments and files, as the kubelet makes them.

A container has a root of its own, and here there is none: where the Deployment names a path that something is mounted at,
the process is told the directory that stands for it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cluster.scenarios.room import Body

Read = Callable[[str], Mapping[str, str]]
_EVERY_POD_HAS = {"KUBERNETES_SERVICE_HOST": "10.96.0.1", "KUBERNETES_SERVICE_PORT": "443"}
"""Spring Boot, for one, is told by these that an ingress stands before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """What a process finds in there, and nothing of ours."""

    environment: Mapping[str, str]
    arguments: tuple[str, ...]
    mounts: Mapping[str, Path]
    """What stands for the paths at which something is mounted."""


def container(deployment: Body, *, secret: Read, config_map: Read, root: Path) -> Container:
    """Return what the Deployment's one container gets, its mounts below `root`."""
    pod = deployment["spec"]["template"]["spec"]
    (declared,) = pod["containers"]
    volumes = {volume["name"]: volume for volume in pod.get("volumes", [])}
    mounted = {mount["mountPath"]: volumes[mount["name"]] for mount in declared.get("volumeMounts", [])}
    places = {path: root / path.removeprefix("/") for path in mounted}
    for path, volume in mounted.items():
        _mount(_files(volume, secret, config_map), places[path])
    environment = dict(_EVERY_POD_HAS)
    for source in declared.get("envFrom", []):
        environment |= secret(source["secretRef"]["name"])
    for variable in declared.get("env", []):
        environment[variable["name"]] = _value(variable, secret, places)
    arguments = tuple(_moved(text, places) for text in declared.get("args", []))
    return Container(environment=environment, arguments=arguments, mounts=places)


def _value(variable: Body, secret: Read, places: Mapping[str, Path]) -> str:
    if "valueFrom" in variable:
        reference = variable["valueFrom"]["secretKeyRef"]
        return secret(reference["name"])[reference["key"]]
    return _moved(variable["value"], places)


def _moved(text: str, places: Mapping[str, Path]) -> str:
    assert "$(" not in text, "no example refers to variables, and here they are not looked for"
    for path, place in places.items():
        # A directory above the mount is found beside it.
        for known, found in ((path, place), (str(Path(path).parent), place.parent)):
            if known != "/" and re.search(rf"{re.escape(known)}(/|$)", text):
                return text.replace(known, str(found))
    return text


def _files(volume: Body, secret: Read, config_map: Read) -> dict[str, str]:
    """Return the content of a volume's files, by their paths."""
    if "projected" in volume:
        parts = [_files(source, secret, config_map) for source in volume["projected"]["sources"]]
        return {path: text for part in parts for path, text in part.items()}
    source: Any = volume.get("secret") or volume["configMap"]
    name = source.get("secretName") or source["name"]
    data = secret(name) if "secret" in volume else config_map(name)
    items = source.get("items") or [{"key": key, "path": key} for key in data]
    return {item["path"]: data[item["key"]] for item in items}


def _mount(files: Mapping[str, str], directory: Path) -> None:
    # As the kubelet lays it out, so that all files change at once: programs stumble over that, if over anything.
    written = directory / "..2026_11_29_12_00_00.1234567890"
    written.mkdir(parents=True)
    (directory / "..data").symlink_to(written.name)
    for path, text in files.items():
        (written / path).write_text(text)
        (directory / path).symlink_to(Path("..data", path))
