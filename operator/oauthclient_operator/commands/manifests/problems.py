"""What is wrong with a manifest: one thing, its place, and the line on which that stands."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from ...names import Reason
from ...oauth.json_object import JSON
from ...resource.json_path import child, text
from .definition import objections, place
from .documents import Path
from .found import Manifest

_PLACE: Final = re.compile(r"spec(\.[^\s:.]+)*")
_HALF_ENCODED: Final = re.compile("%(?![0-9A-Fa-f]{2})")
_URLS: Final = ("url", "registrationEndpoint")
_PART: Final = re.compile(r"\[[0-9]{1,9}\]|[^.\[\]]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a resource would be refused, where, and on which line.

    `reason` is that of the condition which the operator would set; None where the API server would not take it at all.
    """

    place: str
    line: int
    message: str
    reason: Reason | None = None


def problem(manifest: Manifest, where: str, message: str, reason: Reason | None = None) -> Problem:
    """Make one, and find its line."""
    parts = (int(part[1:-1]) if part.startswith("[") else part for part in _PART.findall(where))
    path: Path = (*manifest.path, *parts)
    return Problem(place=where, line=manifest.document.line(path), message=message, reason=reason)


def refused_by_definition(manifest: Manifest) -> Iterator[Problem]:
    """Yield what the API server does not take, whatever the operator says."""
    if manifest.problem is not None:
        yield problem(manifest, *manifest.problem)
    for path, why in objections(manifest.body, manifest.kind):
        yield Problem(place=place(path), line=manifest.document.line((*manifest.path, *path)), message=why)


def misspelt(manifest: Manifest, spec: Mapping[str, JSON]) -> Iterator[Problem]:
    """Yield what the API server's rules know of URLs, and the operator does not need to know."""
    discovery = child(spec, "discovery")
    issuer = text(spec, "issuer") or ""
    if issuer[:8].casefold().startswith(("https:", "http:")) and not issuer.startswith("http"):
        yield problem(manifest, "spec.issuer", "write its scheme in lower case, https://")
    urls = {"issuer": issuer, **{f"discovery.{member}": text(discovery, member) or "" for member in _URLS}}
    for where, url in urls.items():
        if _HALF_ENCODED.search(url.partition("?")[0]):
            yield problem(manifest, f"spec.{where}", "write two hexadecimal digits after each %, e.g. %25 for % itself")


def taken_apart(said: str) -> tuple[str, str]:
    """Return the place that a sentence of the operator's begins with, and the rest."""
    match = _PLACE.match(said)
    where = match.group() if match is not None else "spec"
    return where, said[match.end() if match is not None else 0 :].lstrip(": ")


def not_yet_said(found: Iterator[Problem], others: Collection[Problem]) -> list[Problem]:
    """Return those of which nothing was said at their place, or around or inside it: one of the two follows."""
    return [one for one in found if not any(_overlap(one.place, other.place) for other in others)]


def _overlap(one: str, other: str) -> bool:
    return _within(one, other) or _within(other, one)


def _within(inner: str, outer: str) -> bool:
    return inner == outer or inner.startswith((f"{outer}.", f"{outer}["))
