"""Patterns of redirection URIs: what a platform team allows a namespace's clients to be sent to.

A pattern is a URI in which `*` may stand for the whole first label of the host, or for the rest of the path, and
`{namespace}` for a whole label, or a whole segment of the path: that of the namespace whose client it is. All else is
compared character by character. `:*` after a loopback host is any port (RFC 8252 section 7.3), and `*` alone is every
https URI.
"""

import re
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

from .plain_uri import LABEL, NotPlain, PlainURI, plain_uri

LONGEST: Final = 1024
ANY: Final = "*"
NAMESPACE: Final = "{namespace}"
_PARTS: Final = re.compile(
    r"(?P<scheme>[^:/?]*:)(?P<slashes>//)?(?P<host>(?<=//)[^/:?\[\]]*)?(?P<port>[^/?]*)(?P<path>[^?]*)(?P<query>\?.*)?",
    re.DOTALL,
)
_ANY_PORT: Final = ":*"
_ENCODED: Final = "xn--"
"""What an internationalized label begins with: it is shown as something else than is compared here."""
_SOME: Final = "x"
"""A label, or a segment of a path, that stands where a pattern has something variable."""

Port: TypeAlias = int | Literal["*"] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class URIPattern:
    """`host` and `path` as those of a `PlainURI`, with `*` and `{namespace}` where those may be; `written` is all."""

    written: str
    scheme: str
    host: tuple[str, ...]
    port: Port
    path: tuple[str, ...]
    query: str | None

    def of(self, namespace: str) -> "URIPattern | None":
        """Return the pattern of one namespace's URIs; None where it has none, as what is no namespace's name."""
        if not LABEL.fullmatch(namespace) or (NAMESPACE in self.host and namespace.startswith(_ENCODED)):
            return None
        host, path = (tuple(namespace if p == NAMESPACE else p for p in parts) for parts in (self.host, self.path))
        return replace(self, host=host, path=path)

    def matches(self, uri: PlainURI) -> bool:
        """Whether a URI is one of a namespace's; none is before it is said whose, where that makes a difference."""
        return (
            (uri.scheme, uri.query) == (self.scheme, self.query)
            and self.port in (ANY, uri.port)
            and (uri.host == self.host or self._varies_to(uri.host))
            and (uri.path == self.path or self._begins(uri.path))
        )

    def _varies_to(self, host: tuple[str, ...]) -> bool:
        # At least the last label is written out.
        return self.host[:1] == (ANY,) and host[1:] == self.host[1:] and not host[0].startswith(_ENCODED)

    def _begins(self, path: tuple[str, ...]) -> bool:
        before = self.path[:-1]
        return self.path[-1] == ANY and len(path) > len(before) and path[: len(before)] == before

    def __str__(self) -> str:
        return self.written


@dataclass(frozen=True, slots=True)
class EveryHTTPSURI:
    """`*` alone: any URI that is https and read alike everywhere."""

    def of(self, namespace: str) -> "EveryHTTPSURI | None":
        """Return the same for any namespace."""
        return self if LABEL.fullmatch(namespace) else None

    def matches(self, uri: PlainURI) -> bool:
        """Whether a URI is https."""
        return uri.scheme == "https"

    def __str__(self) -> str:
        return ANY


RedirectURIPattern: TypeAlias = URIPattern | EveryHTTPSURI


def redirect_uri_pattern(written: str) -> RedirectURIPattern | NotPlain:
    """Read a pattern, or say why it is none: what it says with something in each variable place is a plain URI."""
    if written == ANY:
        return EveryHTTPSURI()
    if len(written) > LONGEST:
        return NotPlain(f"it is longer than {LONGEST} characters")
    parts = _PARTS.fullmatch(written)
    if parts is None:
        return NotPlain("it is no absolute URI")
    labels, port = tuple((parts["host"] or "").split(".")), parts["port"]
    any_port = port.endswith(_ANY_PORT)
    segments = tuple(parts["path"][1:].split("/"))
    some_labels = [_SOME if _varies(label, first=not place) else label for place, label in enumerate(labels)]
    some_segments = [_SOME if segment == NAMESPACE else segment for segment in segments]
    if segments[-1] == ANY:
        some_segments[-1] = ""
    filled = (
        f"{parts['scheme']}{parts['slashes'] or ''}{'.'.join(some_labels)}{port.removesuffix(_ANY_PORT)}"
        f"{parts['path'][:1]}{'/'.join(some_segments)}{parts['query'] or ''}"
    )
    if ANY in filled:
        return NotPlain("its * is neither the whole first label of its host nor what its path ends with, after a /")
    if "{" in filled:
        return NotPlain("its {namespace} is neither a whole label of its host nor a whole segment of its path")
    example = plain_uri(filled)
    if isinstance(example, NotPlain):
        return example
    if some_labels[-1] != labels[-1]:
        # A namespace can be called com.
        return NotPlain("the last label of its host is not written out")
    if any_port and (example.scheme != "http" or example.port is not None):
        return NotPlain("only a loopback host is there at any port, and then :* stands for it alone")
    return URIPattern(
        written=written,
        scheme=example.scheme,
        host=labels if some_labels != [*labels] else example.host,
        port=ANY if any_port else example.port,
        path=segments,
        query=example.query,
    )


def _varies(label: str, *, first: bool) -> bool:
    return label == NAMESPACE or (first and label == ANY)
