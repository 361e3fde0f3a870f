"""The OAuthClients and ClusterOAuthIssuers among documents: also those in lists, and what only looks like one."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Final

from ... import names
from ...oauth.json_object import JSON
from ...oauth.words import cleaned
from ...resource.json_path import text
from .documents import Document, Path

_ALIKE: Final = 0.8
_KINDS: Final = (names.KIND, names.ISSUER_KIND)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A resource of ours, and where in its document it begins; `problem` says why the API server has no such kind."""

    kind: str
    document: Document
    path: Path
    body: dict[str, JSON] = field(repr=False)
    problem: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOver:
    """Something else; `kind` is for people."""

    kind: str = "without a kind"


def manifests(document: Document) -> Iterator[Manifest | PassedOver]:
    """Yield what a document holds: itself, or the items of the list that it is."""
    yield from _manifests(document, (), document.value)


def _manifests(document: Document, path: Path, value: JSON) -> Iterator[Manifest | PassedOver]:
    if not isinstance(value, dict):
        yield PassedOver()
        return
    kind, version, items = text(value, "kind"), text(value, "apiVersion"), value.get("items")
    if kind is not None and kind.endswith("List") and isinstance(items, list):
        for i, item in enumerate(items):
            yield from _manifests(document, (*path, "items", i), item)
        return
    meant = _meant(kind, version)
    if meant is not None:
        yield Manifest(kind=meant, document=document, path=path, body=value, problem=_problem(meant, kind, version))
    else:
        said = f"{kind} of {version}" if kind in _KINDS else kind
        yield PassedOver() if said is None else PassedOver(kind=cleaned(said, limit=80))


def _meant(kind: str | None, version: str | None) -> str | None:
    """Return which of our kinds a document is of, also where another word is written, or None."""
    group = (version or "").partition("/")[0]
    if kind in _KINDS:
        # OpenShift has a kind of this name, whose group is not alike.
        return kind if not group or _are_alike(group, names.GROUP) else None
    if group != names.GROUP:
        return None
    return next((ours for ours in _KINDS if _are_alike((kind or "").casefold(), ours.casefold())), None)


def _problem(meant: str, kind: str | None, version: str | None) -> tuple[str, str] | None:
    """Return what is wrong with the kind or the version."""
    if kind != meant:
        return "kind", f"there is no such kind; write {meant}"
    return None if version == names.API_VERSION else ("apiVersion", f"write {names.API_VERSION}")


def _are_alike(written: str, meant: str) -> bool:
    return len(written) < len(meant) * 2 and SequenceMatcher(None, written, meant).ratio() > _ALIKE
