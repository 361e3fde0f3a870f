"""Client metadata that an issuer resource adds to each client's own (`spec.clientMetadata`): under them, and over them.

Defaults hold where a client does not say the member. What is fixed holds for all: a client may say the same.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from ..oauth.comparison import differs, folded
from ..oauth.json_object import JSON
from ..oauth.metadata_rules import TLS_SUBJECTS, out_of_bounds, partial_problems
from ..oauth.words import cleaned
from .json_path import child

PLACE: Final = "spec.clientMetadata"
OWN_MEMBERS: Final = frozenset({"redirect_uris", "jwks", "jwks_uri", "signed_jwks_uri", *TLS_SUBJECTS})
"""Each client has its own: no two share a key, a certificate or a place that users are sent to."""
JOINED_MEMBERS: Final = frozenset({"grant_types", "response_types", "token_endpoint_auth_method"})
"""Others of a client have to fit them (RFC 7591 section 2.1), so that they are no defaults; they may be fixed."""
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """A client's metadata and an issuer's, as one; `of_issuer` are the members whose value is the issuer's."""

    members: Mapping[str, JSON] = field(repr=False)
    of_issuer: frozenset[str] = frozenset()
    problems: tuple[str, ...] = ()

    def added(self) -> str:
        """Return the names of the members that the issuer adds, the first of them where there are many."""
        names = sorted(self.of_issuer)
        shown = ", ".join(cleaned(name, limit=80) for name in names[:_SHOWN])
        return shown if len(names) <= _SHOWN else f"{shown} and {len(names) - _SHOWN} more"


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerMetadata:
    """What is said by an issuer resource; nothing, where a client's own spec names the issuer."""

    defaults: Mapping[str, JSON] = field(default_factory=dict, repr=False)
    fixed: Mapping[str, JSON] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, spec: Mapping[str, JSON], problems: list[str]) -> "IssuerMetadata":
        """Read `spec.clientMetadata` of an issuer resource; what is wrong is a problem."""
        written = spec.get("clientMetadata")
        if written is None:
            return cls()
        members = child(spec, "clientMetadata")
        if not members or not members.keys() <= {"defaults", "fixed"}:
            # What is not known here may be a rule of a definition that is newer than this program.
            problems.append(f"{PLACE}: write defaults, fixed or both, and nothing else")
        defaults = _members(members, "defaults", OWN_MEMBERS | JOINED_MEMBERS, problems)
        return cls(defaults=defaults, fixed=_members(members, "fixed", OWN_MEMBERS, problems))

    def over(self, written: Mapping[str, JSON]) -> Merged:
        """Put them under and over what a client wrote; a member that contradicts a fixed one is a problem."""
        # null means absent, as in RFC 7592 section 2.2; a language tag is the same in any case (RFC 7591 section 2.2).
        own = {name: value for name, value in written.items() if value is not None}
        said = {folded(name) for name in own}
        problems = tuple(islice(self._contradictions(own), _SHOWN))
        fixed = {folded(name) for name in self.fixed}
        defaults = {name: v for name, v in self.defaults.items() if not {folded(name)} & (said | fixed)}
        kept = {name: value for name, value in own.items() if folded(name) not in fixed}
        members = {**defaults, **kept, **self.fixed}
        return Merged(members=members, of_issuer=frozenset(defaults) | frozenset(self.fixed), problems=problems)

    def _contradictions(self, own: Mapping[str, JSON]) -> Iterator[str]:
        # Either may say a member twice, by its language tag in another case.
        for written, said in own.items():
            same = (value for name, value in self.fixed.items() if folded(name) == folded(written))
            if any(differs(written, value, said) for value in same):
                yield (
                    f"{PLACE}.{cleaned(written, limit=80)}: the issuer has one value of it for all its clients; leave "
                    "it out"
                )


def _members(parent: Mapping[str, JSON], name: str, refused: frozenset[str], problems: list[str]) -> Mapping[str, JSON]:
    place, written = f"{PLACE}.{name}", parent.get(name)
    if written is None:
        return {}
    if not isinstance(written, dict):
        problems.append(f"{place}: write an object of client metadata (RFC 7591 section 2)")
        return {}
    members = {member: value for member, value in written.items() if value is not None}
    if (why := out_of_bounds(members)) is not None:
        problems.append(f"{place}: {why}")
        return {}
    found = [
        f"{cleaned(member, limit=80)}: {_REFUSED[member.partition('#')[0] in OWN_MEMBERS]}"
        for member in members
        if member.partition("#")[0] in refused
    ]
    found += partial_problems(members)
    problems += [f"{place}.{problem}" for problem in found[:_SHOWN]]
    return {} if found else members


_REFUSED: Final = {
    True: "it is each client's own; leave it out here, and write it in the clientMetadata of the OAuthClient",
    False: (
        "it is no default, for other members of a client have to fit it; have each OAuthClient write it, or write it "
        "under fixed"
    ),
}
