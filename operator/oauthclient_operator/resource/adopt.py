"""`spec.adopt`: the Secret that hands over a client which is there already."""

from collections.abc import Mapping
from typing import Final

from ..oauth.json_object import JSON
from .json_path import child, text
from .kubernetes_names import is_secret_name

PLACE: Final = "spec.adopt.secretRef.name"


def adopted_secret(spec: Mapping[str, JSON], published: str | None, problems: list[str]) -> str | None:
    """Return the name of that Secret, or None; `published` is the one that must not be it."""
    if spec.get("adopt") is None:
        return None
    name = text(child(child(spec, "adopt"), "secretRef"), "name")
    if name is None or not is_secret_name(name):
        problems.append(f"{PLACE}: write the name of the Secret that hands the client over, e.g. web-client")
        return None
    if name == published:
        problems.append(f"{PLACE}: it cannot be the Secret that is published (secret.name, or the resource's own name)")
    return name
