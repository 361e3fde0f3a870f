"""What an OAuthClient asks for. Every spec has a value: one that cannot be honoured says why, and keeps what can be."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from ..errors import InvalidClientMetadata
from ..oauth.client_metadata import ClientMetadata
from ..oauth.json_object import JSON
from ..oauth.rfc7591 import SECRET_METHODS
from ..oauth.signing_algorithm import SigningAlgorithm
from ..oauth.words import quoted
from . import private_key
from .adopt import adopted_secret
from .issuer_metadata import Merged
from .issuer_reference import AppliedIssuer, IssuerReference
from .json_path import child
from .not_allowed import objections
from .oauth_client import OAuthClient
from .objection import Objection
from .publication import Publication
from .rotation import Rotation
from .secret_template import PLACE as TEMPLATE_PLACE
from .terms import STATEMENT_PLACE, TOKEN_PLACE, ByInitialAccessToken, IssuerTerms
from .words import choice


class DeletionPolicy(StrEnum):
    """What becomes of the client when the resource is deleted."""

    DELETE = "Delete"
    RETAIN = "Retain"


class AmbiguousPolicy(StrEnum):
    """What follows a registration whose answer was lost."""

    RETRY = "Retry"
    HOLD = "Hold"


class ExpiryPolicy(StrEnum):
    """What becomes of a client secret that is going to expire."""

    RENEW = "Renew"
    REPORT = "Report"


class GonePolicy(StrEnum):
    """What becomes of a client that its server does not know any more."""

    REPORT = "Report"
    """An administrator who disabled it answers the same."""
    REREGISTER = "Reregister"


class UnmanageablePolicy(StrEnum):
    """What becomes of an edit that the server cannot take."""

    HOLD = "Hold"
    REREGISTER = "Reregister"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    """A spec, read, under the terms of its issuer.

    With `problems` nothing new is begun; `publication` may still be honoured. `signing` is the algorithm of the keys
    that the operator makes for the client, None where it makes none; `adopt` is the name of the Secret that hands a
    client over; `before` are the terms of the issuer resource that was applied last, where that is still there and the
    spec names another issuer; `stays_at` is which version of its issuer resource the client stays at for now;
    `of_issuer` are the members of the metadata whose value an issuer resource says, `objections` what that does not
    allow, `omitted` the members that are written and do not go to its server.
    """

    terms: IssuerTerms
    before: IssuerTerms | None = None
    stays_at: AppliedIssuer | None = None
    namespace: str = ""
    metadata: ClientMetadata | None = None
    of_issuer: frozenset[str] = frozenset()
    omitted: frozenset[str] = frozenset()
    signing: SigningAlgorithm | None = None
    publication: Publication | None = None
    deletion: DeletionPolicy = DeletionPolicy.DELETE
    ambiguous: AmbiguousPolicy = AmbiguousPolicy.RETRY
    expiry: ExpiryPolicy = ExpiryPolicy.RENEW
    gone: GonePolicy = GonePolicy.REPORT
    unmanageable: UnmanageablePolicy = UnmanageablePolicy.HOLD
    rotation: Rotation = field(default_factory=Rotation)
    adopt: str | None = None
    objections: tuple[Objection, ...] = ()
    problems: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        resource: OAuthClient,
        terms: IssuerTerms,
        metadata_prefixes: Collection[str] = (),
        labels: Mapping[str, str] | None = None,
        *,
        tenant_issuers: bool = True,
        before: IssuerTerms | None = None,
    ) -> "Desired":
        """Read what a resource asks for; total: an invalid spec is a value too.

        `metadata_prefixes` are those of labels and annotations that a Secret may be given, `labels` those of the
        resource's namespace, None where they are not known; `tenant_issuers` whether a spec may name an issuer itself.
        """
        problems = [*(() if terms.resource is not None else terms.problems)]
        if terms.resource is None and not tenant_issuers:
            problems.append(_NAMED_ITSELF)
        policy = child(resource.spec, "policy")
        IssuerReference.of(resource.spec, problems)
        merged = terms.metadata.over(child(resource.spec, "clientMetadata"))
        written = _metadata(resource.spec, merged, problems)
        omitted = terms.dialect.omitted(written.members if written is not None else ())
        metadata = written.without(omitted) if written is not None else None
        signing = private_key.signing_algorithm(resource.spec, merged.members, problems)
        publication = Publication.of(resource, metadata_prefixes, problems)
        if publication is not None and publication.template:
            publication = replace(publication, source=terms.source)
            problems += _without_secret(publication, metadata)
        deletion = choice(policy, "policy.deletion", DeletionPolicy.DELETE, problems)
        ambiguous = choice(policy, "policy.ambiguous", AmbiguousPolicy.RETRY, problems)
        expiry = choice(policy, "policy.expiry", ExpiryPolicy.RENEW, problems)
        unmanageable = choice(policy, "policy.unmanageable", UnmanageablePolicy.HOLD, problems)
        gone = choice(policy, "policy.gone", GonePolicy.REPORT, problems)
        rotation = Rotation.of(resource.spec, problems, own_keys=signing is not None, defaults=terms.defaults.rotation)
        adopt = adopted_secret(resource.spec, publication.secret_name if publication is not None else None, problems)
        if publication is not None:
            problems += _published_itself(terms, publication.secret_name)
        return cls(
            terms=terms,
            before=before,
            namespace=resource.namespace,
            metadata=metadata,
            of_issuer=merged.of_issuer - omitted,
            omitted=omitted,
            signing=signing,
            publication=publication,
            # A word that is not known here is no leave to destroy, nor to try again.
            deletion=deletion or DeletionPolicy.RETAIN,
            ambiguous=ambiguous or AmbiguousPolicy.HOLD,
            # A word that is not known here is no reason to make another client.
            expiry=expiry or ExpiryPolicy.REPORT,
            gone=gone or GonePolicy.REPORT,
            unmanageable=unmanageable or UnmanageablePolicy.HOLD,
            rotation=rotation,
            adopt=adopt,
            objections=_objections(resource, terms, merged, metadata, labels, adds_keys=signing is not None),
            problems=tuple(problems),
        )

    @property
    def applied(self) -> AppliedIssuer:
        """Return which issuer a status says is applied, once all that is asked for is done."""
        return self.stays_at or self.terms.applied

    @property
    def problem(self) -> str | None:
        """What is wrong with the spec and what to write, in one line, or None where it is right."""
        return "; ".join(self.problems) or None

    @property
    def honoured(self) -> bool:
        """Whether what the spec asks can be begun: it is right, and its issuer can be used and allows it."""
        return not (self.problems or self.terms.problems or self.objections)


_NAMED_ITSELF: Final = (
    "spec.issuer: the administrator of this operator does not allow it (--tenant-issuers=Deny): write spec.issuerRef, "
    "which names a ClusterOAuthIssuer"
)


def _objections(
    resource: OAuthClient,
    terms: IssuerTerms,
    merged: Merged,
    metadata: ClientMetadata | None,
    labels: Mapping[str, str] | None,
    *,
    adds_keys: bool,
) -> tuple[Objection, ...]:
    """Return what the issuer resource does not allow of it; where the spec itself is wrong that is said first."""
    if terms.allowed is None or metadata is None:
        return ()
    return objections(
        terms.allowed,
        resource.namespace,
        labels,
        metadata.members,
        adds=("jwks",) if adds_keys else (),
        issuers_own=merged.of_issuer,
    )


def _published_itself(terms: IssuerTerms, published: str) -> Iterator[str]:
    """Yield which of the Secrets that are read for a registration would be the one that is published."""
    cannot = "it cannot be the Secret that is published (secret.name, or the resource's own name)"
    if terms.resource is None and terms.access == ByInitialAccessToken(published):
        yield f"{TOKEN_PLACE}: {cannot}"
    if terms.software_statement is not None and terms.software_statement.secret == published:
        yield f"{STATEMENT_PLACE}.name: {cannot}"


def _without_secret(publication: Publication, metadata: ClientMetadata | None) -> Iterator[str]:
    """Yield which templates name a client secret, where none is asked for."""
    if metadata is None or (method := metadata.members.get("token_endpoint_auth_method")) is None:
        return
    for key, template in publication.template.items():
        if "client_secret" in template.names and method not in SECRET_METHODS:
            yield (
                f"{TEMPLATE_PLACE}: {key}: there is no client_secret where token_endpoint_auth_method is "
                f"{quoted(str(method))}; take it out"
            )


def _metadata(spec: Mapping[str, JSON], merged: Merged, problems: list[str]) -> ClientMetadata | None:
    problems += merged.problems
    try:
        return ClientMetadata.parse(merged.members, "spec.clientMetadata", adds_keys=private_key.is_asked(spec))
    except InvalidClientMetadata as error:
        problems += error.problems
        if merged.of_issuer:
            problems.append(f"to what is written the issuer adds {merged.added()}")
        return None
