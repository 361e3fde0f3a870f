"""What is known of an issuer before it is asked, as one value: where its metadata are, and how clients are let in."""

from collections.abc import Mapping
from dataclasses import dataclass

from ..oauth.json_object import JSON
from ..oauth.metadata_source import MetadataSource
from ..oauth.rfc8414 import DiscoveryForm, issuer_problem
from .discovery import DOCUMENT_ADVICE, ENDPOINT_ADVICE, written_url
from .json_path import child, text
from .kubernetes_names import is_secret_name
from .words import choice


@dataclass(frozen=True, slots=True)
class Open:
    """Whoever asks may register."""


@dataclass(frozen=True, slots=True)
class ByInitialAccessToken:
    """With the initial access token that a Secret of that name holds (RFC 7591 section 3)."""

    secret: str


Access = Open | ByInitialAccessToken


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerTerms:
    """An issuer as a resource's own spec describes it; `problems` say what of it cannot be honoured."""

    issuer: str
    form: DiscoveryForm = DiscoveryForm.AUTO
    metadata_url: str | None = None
    registration_endpoint: str | None = None
    access: Access = Open()
    problems: tuple[str, ...] = ()

    @classmethod
    def of_spec(cls, spec: Mapping[str, JSON]) -> "IssuerTerms":
        """Read `spec.issuer` and what stands beside it."""
        discovery, problems = child(spec, "discovery"), list[str]()
        issuer = text(spec, "issuer") or ""
        if (why := issuer_problem(issuer)) is not None:
            problems.append(f"spec.issuer {why}")
        form = choice(discovery, "discovery.form", DiscoveryForm.AUTO, problems) or DiscoveryForm.AUTO
        url = written_url(discovery, "url", DOCUMENT_ADVICE, problems)
        endpoint = written_url(discovery, "registrationEndpoint", ENDPOINT_ADVICE, problems)
        if url is not None and form is not DiscoveryForm.AUTO:
            problems.append("spec.discovery.form: leave it out beside url, for the metadata are read there")
        return cls(
            issuer=issuer,
            form=form,
            metadata_url=url,
            registration_endpoint=endpoint,
            access=_access(child(spec, "registration"), problems),
            problems=tuple(problems),
        )

    @property
    def source(self) -> MetadataSource:
        """Return where the issuer's metadata are found."""
        return MetadataSource(
            issuer=self.issuer,
            form=self.form,
            url=self.metadata_url,
            needs_endpoint=self.registration_endpoint is None,
        )

    @property
    def chooses_endpoint(self) -> bool:
        """Return whether these terms, and not the issuer alone, say where clients are registered.

        Who names the document names the endpoint too: an issuer's origin may serve what others have put there.
        """
        return self.metadata_url is not None or self.registration_endpoint is not None


TOKEN_PLACE = "spec.registration.initialAccessToken.secretRef.name"  # noqa: S105 - a place in a manifest


def _access(registration: Mapping[str, JSON], problems: list[str]) -> Access:
    if registration.get("initialAccessToken") is None:
        return Open()
    name = text(child(child(registration, "initialAccessToken"), "secretRef"), "name")
    if name is None or not is_secret_name(name):
        problems.append(
            f"{TOKEN_PLACE}: write the name of the Secret that holds the initial access token, e.g. idp-token"
        )
        return Open()
    return ByInitialAccessToken(name)
