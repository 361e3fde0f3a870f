"""What an issuer resource allows its clients (`spec.allowed`): whom, and what they may ask for.

It fails closed: what is not written where it has to be, and what cannot be read, allows nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ..oauth.json_object import JSON
from ..oauth.plain_uri import LABEL, NotPlain
from ..oauth.redirect_uri_pattern import RedirectURIPattern, redirect_uri_pattern
from .label_selector import LabelSelector

PLACE: Final = "spec.allowed"
_MOST_NAMES: Final = 256
_MOST_PATTERNS: Final = 64
_MOST: Final = {
    "grantTypes": 32,
    "responseTypes": 32,
    "scopes": 256,
    "tokenEndpointAuthMethods": 32,
    "members": 128,
}
_LONGEST: Final = 256
_REQUIRED: Final = ("namespaces", "redirectURIs")
_OF_NAMESPACES: Final = frozenset({"names", "selector", "all"})

Words = frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowedNamespaces:
    """A union: those that are named, those whose labels are selected, or `every` one."""

    names: Words = frozenset()
    selector: LabelSelector | None = None
    every: bool = False

    def admit(self, namespace: str, labels: Mapping[str, str] | None) -> bool:
        """Whether a namespace's clients are let in; labels that are not known (None) are selected by nothing."""
        if self.every or namespace in self.names:
            return True
        return self.selector is not None and labels is not None and self.selector.matches(labels)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """As written; `Allowed()` allows nothing. An optional member is None where it is absent, and so allows all.

    A response type is a set of words, whose order says nothing (RFC 6749 section 3.1.1).
    """

    namespaces: AllowedNamespaces = field(default_factory=AllowedNamespaces)
    redirect_uris: tuple[RedirectURIPattern, ...] = ()
    grant_types: Words | None = None
    response_types: frozenset[Words] | None = None
    scopes: Words | None = None
    token_endpoint_auth_methods: Words | None = None
    members: Words | None = None

    @classmethod
    def of(cls, spec: Mapping[str, JSON], problems: list[str]) -> "Allowed":
        """Read `spec.allowed`; total: what is wrong in it is a problem, and allows nothing."""
        written = spec.get("allowed")
        if not isinstance(written, dict):
            problems.append(f"{PLACE}: write namespaces and redirectURIs, for without them nothing is allowed")
            return cls()
        unknown = written.keys() - {*_REQUIRED, *_MOST}
        if unknown:
            # It may be a rule of a definition that is newer than this program.
            problems.append(f"{PLACE}: it has members that are not known here, so nothing is allowed")
            return cls()
        response_types = _words(written, "responseTypes", problems)
        return cls(
            namespaces=_namespaces(written, problems),
            redirect_uris=_patterns(written, problems),
            grant_types=_words(written, "grantTypes", problems),
            response_types=None if response_types is None else frozenset(map(response_type, response_types)),
            scopes=_words(written, "scopes", problems),
            token_endpoint_auth_methods=_words(written, "tokenEndpointAuthMethods", problems),
            members=_words(written, "members", problems),
        )


def response_type(written: str) -> Words:
    """Return a response type as what it means."""
    return frozenset(written.split(" "))


def _namespaces(allowed: Mapping[str, JSON], problems: list[str]) -> AllowedNamespaces:
    place, written = f"{PLACE}.namespaces", allowed.get("namespaces")
    if not isinstance(written, dict) or not written.keys() <= _OF_NAMESPACES:
        problems.append(f"{place}: write names, a selector, or all: true")
        return AllowedNamespaces()
    every, selector = written.get("all"), written.get("selector")
    if not isinstance(every, bool | None):
        problems.append(f"{place}.all: write true, or leave it out")
    names = _texts(written.get("names"), _MOST_NAMES)
    if names is None or not all(map(LABEL.fullmatch, names)):
        problems.append(f"{place}.names: write at most {_MOST_NAMES} names of namespaces, e.g. [shop, billing]")
        names = ()
    elif not names and selector is None and not every:
        problems.append(f"{place}: write names, a selector, or all: true")
    selected = None if selector is None else LabelSelector.of(selector, f"{place}.selector", problems)
    return AllowedNamespaces(names=frozenset(names), selector=selected, every=every is True)


def _patterns(allowed: Mapping[str, JSON], problems: list[str]) -> tuple[RedirectURIPattern, ...]:
    place, written = f"{PLACE}.redirectURIs", allowed.get("redirectURIs")
    texts = _texts(written, _MOST_PATTERNS)
    if written is None or texts is None:
        problems.append(
            f"{place}: write at most {_MOST_PATTERNS} patterns, e.g. https://*.{{namespace}}.apps.example.com/*, or [] "
            "for clients without redirection"
        )
        return ()
    found = []
    for number, text in enumerate(texts):
        pattern = redirect_uri_pattern(text)
        if isinstance(pattern, NotPlain):
            problems.append(f"{place}[{number}]: {pattern.why}")
        else:
            found.append(pattern)
    return tuple(found)


def _words(allowed: Mapping[str, JSON], name: str, problems: list[str]) -> Words | None:
    """Read a list that may be absent; nothing is in one that cannot be read."""
    written = allowed.get(name)
    if written is None:
        return None
    texts = _texts(written, _MOST[name])
    if texts is None or not all(0 < len(text) <= _LONGEST for text in texts):
        problems.append(f"{PLACE}.{name}: write at most {_MOST[name]} strings, or leave it out where all are allowed")
        return frozenset()
    return frozenset(texts)


def _texts(written: JSON, most: int) -> tuple[str, ...] | None:
    """Return the strings of a list, none of what is absent, or None where it is no list of at most so many strings."""
    if written is None:
        return ()
    if not isinstance(written, list) or len(written) > most:
        return None
    texts = tuple(text for text in written if isinstance(text, str))
    return texts if len(texts) == len(written) else None
