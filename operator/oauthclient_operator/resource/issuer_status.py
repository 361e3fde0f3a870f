"""The status of a ClusterOAuthIssuer, as it is read and as it is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ..names import ConditionType
from ..oauth.json_object import JSON
from ..oauth.rfc8414 import URL_LIMIT, WORD_LIMIT, WORDS_LIMIT, ServerMetadata
from ..oauth.words import visible
from .condition import Condition
from .json_path import child, number, objects, text

_ENDPOINTS: Final = {
    "token_endpoint": "tokenEndpoint",
    "authorization_endpoint": "authorizationEndpoint",
    "jwks_uri": "jwksURI",
}
"""By the names of RFC 8414 section 2, those of the status."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovered:
    """What the issuer's metadata say, bounded and made visible: a server chose it, and people read it here."""

    registration_endpoint: str | None = None
    token_endpoint: str | None = None
    authorization_endpoint: str | None = None
    jwks_uri: str | None = None
    token_endpoint_auth_methods: tuple[str, ...] = ()
    grant_types: tuple[str, ...] = ()

    @classmethod
    def of(cls, server: ServerMetadata, registration_endpoint: str | None) -> "Discovered":
        """Say what was found; the endpoint is the one that is used, whoever names it."""
        found = {member: _shown(server.endpoints.get(member)) for member in _ENDPOINTS}
        return cls(
            registration_endpoint=_shown(registration_endpoint),
            token_endpoint_auth_methods=_words(server.token_endpoint_auth_methods_supported),
            grant_types=_words(server.grant_types_supported),
            **found,
        )

    @classmethod
    def parse(cls, status: Mapping[str, JSON]) -> "Discovered":
        """Read it of a status."""
        found = child(status, "discovered")
        return cls(
            registration_endpoint=text(found, "registrationEndpoint"),
            token_endpoint_auth_methods=_texts(found, "tokenEndpointAuthMethods"),
            grant_types=_texts(found, "grantTypes"),
            **{member: text(found, name) for member, name in _ENDPOINTS.items()},
        )

    def to_json(self) -> dict[str, JSON]:
        """Return it as JSON, what is absent left out."""
        members: dict[str, JSON] = {
            "registrationEndpoint": self.registration_endpoint,
            "tokenEndpoint": self.token_endpoint,
            "authorizationEndpoint": self.authorization_endpoint,
            "jwksURI": self.jwks_uri,
            "tokenEndpointAuthMethods": list(self.token_endpoint_auth_methods),
            "grantTypes": list(self.grant_types),
        }
        return {name: value for name, value in members.items() if value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What was seen of the server in answers to its clients; None where nothing was. Nothing is decided by it."""

    manageable: bool | None = None
    registration_access_tokens_rotate: bool | None = None
    secrets_expire: bool | None = None

    @classmethod
    def parse(cls, status: Mapping[str, JSON]) -> "Observed":
        """Read it of a status."""
        found = child(status, "observed")
        return cls(
            manageable=_flag(found, "manageable"),
            registration_access_tokens_rotate=_flag(found, "registrationAccessTokensRotate"),
            secrets_expire=_flag(found, "secretsExpire"),
        )

    def over(self, before: "Observed") -> "Observed":
        """Return what was seen by now: what a server did once stays true, for it may do that again."""
        return Observed(
            manageable=_ever(self.manageable, before.manageable),
            registration_access_tokens_rotate=_ever(
                self.registration_access_tokens_rotate, before.registration_access_tokens_rotate
            ),
            secrets_expire=_ever(self.secrets_expire, before.secrets_expire),
        )

    def to_json(self) -> dict[str, JSON]:
        """Return it as JSON, what is not known left out."""
        members: dict[str, JSON] = {
            "manageable": self.manageable,
            "registrationAccessTokensRotate": self.registration_access_tokens_rotate,
            "secretsExpire": self.secrets_expire,
        }
        return {name: value for name, value in members.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerStatus:
    """The whole status."""

    observed_generation: int = -1
    discovered: Discovered = Discovered()
    observed: Observed = Observed()
    conditions: tuple[Condition, ...] = ()

    @classmethod
    def parse(cls, status: Mapping[str, JSON]) -> "IssuerStatus":
        """Read a status; what is malformed counts as absent, for all of it can be rebuilt."""
        return cls(
            observed_generation=number(status, "observedGeneration") if "observedGeneration" in status else -1,
            discovered=Discovered.parse(status),
            observed=Observed.parse(status),
            conditions=tuple(Condition.parse(c) for c in objects(status, "conditions")),
        )

    @property
    def ready(self) -> Condition | None:
        """The Ready condition."""
        return self.condition(ConditionType.READY)

    def condition(self, type_: ConditionType) -> Condition | None:
        """Return the condition of a type."""
        return next((c for c in self.conditions if c.type == type_), None)

    def to_json(self) -> dict[str, JSON]:
        """Return the status as JSON, what is absent left out."""
        members: dict[str, JSON] = {"observedGeneration": self.observed_generation}
        if discovered := self.discovered.to_json():
            members["discovered"] = discovered
        if observed := self.observed.to_json():
            members["observed"] = observed
        return {**members, "conditions": [c.to_json() for c in self.conditions]}

    def patch_from(self, before: "IssuerStatus") -> dict[str, JSON] | None:
        """Return the merge patch from another status to this one, or None where they say the same."""
        old, new = before.to_json(), self.to_json()
        if old == new:
            return None
        gone: dict[str, JSON] = dict.fromkeys(old.keys() - new.keys())
        for part in ("discovered", "observed"):
            if isinstance(members := new.get(part), dict):
                # A merge patch keeps what it does not name.
                new[part] = {**dict.fromkeys(child(old, part).keys() - members.keys()), **members}
        return {**gone, **{name: value for name, value in new.items() if value != old.get(name)}}


def _shown(url: str | None) -> str | None:
    return visible(url)[:URL_LIMIT] if url else None


def _words(said: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(visible(word)[:WORD_LIMIT] for word in said[:WORDS_LIMIT])


def _texts(value: Mapping[str, JSON], name: str) -> tuple[str, ...]:
    found = value.get(name)
    return tuple(one for one in found if isinstance(one, str)) if isinstance(found, list) else ()


def _ever(now: bool | None, before: bool | None) -> bool | None:
    return None if now is None and before is None else bool(now or before)


def _flag(value: Mapping[str, JSON], name: str) -> bool | None:
    found = value.get(name)
    return found if isinstance(found, bool) else None
