"""What the operator would do with an OAuthClient that nothing is wrong with; no secret is in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ...names import PUBLISHED_ENDPOINTS, PUBLISHED_KEYS, PUBLISHED_SIGNING_KEY
from ...oauth.client_metadata import DEFAULTS, ClientMetadata
from ...oauth.json_object import JSON
from ...oauth.rfc7523 import METHODS as ASSERTION_METHODS
from ...oauth.rfc7591 import SECRET_METHODS
from ...resource.desired import Desired
from ...resource.publication import Publication
from ...resource.terms import IssuerTerms
from . import let_in

_ALWAYS: Final = frozenset({"client_id", "issuer", "token_endpoint_auth_method"})
_ALGORITHM: Final = "token_endpoint_auth_signing_alg"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What follows from a spec alone.

    `keys` are those of the Secret that are certain where the server registers what is asked, by the operator's names
    for them, each with the name it is written under; `if_known` are those that the server's metadata or answer decide.
    `not_sent` are members of the metadata that the issuer's dialect keeps from its server.
    """

    terms: IssuerTerms
    metadata: ClientMetadata
    not_sent: tuple[str, ...]
    publication: Publication
    signing: str | None
    adopt: str | None
    keys: Mapping[str, str]
    if_known: Mapping[str, str]

    @classmethod
    def of(cls, desired: Desired) -> "Outcome | None":
        """Return what would be done, or None where it would be refused."""
        if not desired.honoured or desired.metadata is None or desired.publication is None:
            return None
        certain, possible = _keys(desired.metadata, own=desired.signing is not None)
        renamed = desired.publication.keys
        return cls(
            terms=desired.terms,
            metadata=desired.metadata,
            not_sent=tuple(sorted(desired.omitted)),
            publication=desired.publication,
            signing=desired.signing,
            adopt=desired.adopt,
            keys={key: renamed.get(key, key) for key in PUBLISHED_KEYS if key in certain},
            if_known={key: renamed.get(key, key) for key in PUBLISHED_KEYS if key in possible},
        )

    def as_json(self) -> dict[str, JSON]:
        """Return it as JSON; members that say nothing are null."""
        terms, copied = self.terms, self.publication.metadata
        stated = terms.software_statement
        return {
            **terms_as_json(terms),
            "clusterOAuthIssuer": None if terms.resource is None else terms.resource.name,
            "softwareStatement": None if stated is None else {"secret": stated.secret, "key": stated.key},
            "adopts": None if self.adopt is None else {"secret": self.adopt},
            "clientMetadata": dict(self.metadata.members),
            "notSent": [*self.not_sent],
            "privateKey": None if self.signing is None else {"algorithm": self.signing},
            "secret": {
                "name": self.publication.secret_name,
                "keys": dict(self.keys),
                "keysIfKnown": dict(self.if_known),
                "template": {key: [*template.names] for key, template in self.publication.template.items()},
                "labels": {} if copied is None else dict(copied.labels),
                "annotations": {} if copied is None else dict(copied.annotations),
            },
        }


def terms_as_json(terms: IssuerTerms) -> dict[str, JSON]:
    """Return as JSON where an issuer is, and how clients are let in; null where it is not known."""
    return {
        "issuer": terms.issuer or None,
        "metadataURLs": [*terms.source.urls] if terms.issuer else [],
        "registrationEndpoint": terms.registration_endpoint,
        **let_in.as_json(terms),
    }


def _keys(metadata: ClientMetadata, *, own: bool) -> tuple[frozenset[str], frozenset[str]]:
    """Return which keys a Secret has for certain, and which it may have."""
    method = metadata.members.get("token_endpoint_auth_method", DEFAULTS["token_endpoint_auth_method"])
    possible = frozenset(PUBLISHED_ENDPOINTS)
    if own:
        return _ALWAYS | {_ALGORITHM, *PUBLISHED_SIGNING_KEY}, possible
    certain = _ALWAYS | ({"client_secret"} if method in SECRET_METHODS else frozenset())
    if method not in ASSERTION_METHODS:
        return certain, possible
    return (certain | {_ALGORITHM}, possible) if _ALGORITHM in metadata.members else (certain, possible | {_ALGORITHM})
