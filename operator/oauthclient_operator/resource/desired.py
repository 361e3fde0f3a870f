"""What an OAuthClient asks for. Every spec has a value: one that cannot be honoured says why, and keeps what can be."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ..errors import InvalidClientMetadata
from ..oauth.client_metadata import ClientMetadata
from ..oauth.json_object import JSON
from .json_path import child
from .oauth_client import OAuthClient
from .publication import Publication
from .terms import TOKEN_PLACE, ByInitialAccessToken, IssuerTerms
from .words import choice


class DeletionPolicy(StrEnum):
    """What becomes of the client when the resource is deleted."""

    DELETE = "Delete"
    RETAIN = "Retain"


class AmbiguousPolicy(StrEnum):
    """What follows a registration whose answer was lost."""

    RETRY = "Retry"
    HOLD = "Hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    """A spec, read, under the terms of its issuer.

    With `problem` set nothing new is begun; `publication` may still be honoured.
    """

    terms: IssuerTerms
    metadata: ClientMetadata | None = None
    publication: Publication | None = None
    deletion: DeletionPolicy = DeletionPolicy.DELETE
    ambiguous: AmbiguousPolicy = AmbiguousPolicy.RETRY
    problem: str | None = None

    @classmethod
    def of(cls, resource: OAuthClient, terms: IssuerTerms, metadata_prefixes: Collection[str] = ()) -> "Desired":
        """Read what a resource asks for; total: an invalid spec is a value too.

        `metadata_prefixes` are those of labels and annotations that a Secret may be given.
        """
        problems = list(terms.problems)
        policy = child(resource.spec, "policy")
        metadata = _metadata(resource.spec, problems)
        publication = Publication.of(resource, metadata_prefixes, problems)
        deletion = choice(policy, "policy.deletion", DeletionPolicy.DELETE, problems)
        ambiguous = choice(policy, "policy.ambiguous", AmbiguousPolicy.RETRY, problems)
        if publication is not None and terms.access == ByInitialAccessToken(publication.secret_name):
            problems.append(
                f"{TOKEN_PLACE}: it cannot be the Secret that is published (secret.name, or the resource's own name)"
            )
        return cls(
            terms=terms,
            metadata=metadata,
            publication=publication,
            # A word that is not known here is no leave to destroy, nor to try again.
            deletion=deletion or DeletionPolicy.RETAIN,
            ambiguous=ambiguous or AmbiguousPolicy.HOLD,
            problem="; ".join(problems) or None,
        )


def _metadata(spec: Mapping[str, JSON], problems: list[str]) -> ClientMetadata | None:
    try:
        return ClientMetadata.parse(child(spec, "clientMetadata"), "spec.clientMetadata")
    except InvalidClientMetadata as error:
        problems.append(str(error))
        return None
