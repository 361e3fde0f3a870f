"""What is known of an issuer before it is asked, as one value: where its metadata are, and how clients are let in."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ..names import STATEMENT_KEY
from ..oauth.json_object import JSON
from ..oauth.metadata_source import MetadataSource
from ..oauth.rfc8414 import DiscoveryForm, issuer_problem
from ..reach import IssuerAddress, Reach
from .access import AccessByToken, access_by_token
from .allowed import Allowed
from .client_defaults import ClientDefaults
from .cluster_oauth_issuer import ClusterOAuthIssuer
from .dialect import Dialect, Management, Sending
from .discovery import DOCUMENT_ADVICE, ENDPOINT_ADVICE, unreachable, written_url
from .issuer_metadata import IssuerMetadata
from .issuer_reach import reach_of
from .issuer_reference import AppliedIssuer
from .json_path import child, text
from .kubernetes_names import is_secret_key, is_secret_name
from .words import choice


@dataclass(frozen=True, slots=True)
class Open:
    """Whoever asks may register."""


@dataclass(frozen=True, slots=True)
class ByInitialAccessToken:
    """With the initial access token that a Secret of that name holds (RFC 7591 section 3)."""

    secret: str


Access = Open | ByInitialAccessToken | AccessByToken


@dataclass(frozen=True, slots=True)
class SoftwareStatementReference:
    """Where a software statement is (RFC 7591 section 2.3): the name of a Secret, and the key in it."""

    secret: str
    key: str = STATEMENT_KEY


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerResource:
    """Which issuer resource says the terms, and which version of it."""

    name: str
    uid: str
    generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerTerms:
    """An issuer as a spec describes it, a client's own or an issuer resource's; `problems` say what cannot be honoured.

    `resource` and `allowed` are None where it is the client's own spec. Where it is not, what `access` names is in the
    operator's namespace.
    """

    issuer: str
    form: DiscoveryForm = DiscoveryForm.AUTO
    metadata_url: str | None = None
    registration_endpoint: str | None = None
    access: Access = Open()
    software_statement: SoftwareStatementReference | None = None
    reach: Reach | None = None
    resource: IssuerResource | None = None
    allowed: Allowed | None = None
    metadata: IssuerMetadata = field(default_factory=IssuerMetadata)
    dialect: Dialect = field(default_factory=Dialect)
    defaults: ClientDefaults = field(default_factory=ClientDefaults)
    problems: tuple[str, ...] = ()

    @classmethod
    def of_spec(cls, spec: Mapping[str, JSON]) -> "IssuerTerms":
        """Read `spec.issuer` of a client and what stands beside it."""
        problems = list[str]()
        issuer, form, url, endpoint = _where(spec, problems)
        return cls(
            issuer=issuer,
            form=form,
            metadata_url=url,
            registration_endpoint=endpoint,
            access=_access(child(spec, "registration"), TOKEN_PLACE, problems),
            software_statement=_software_statement(child(spec, "registration"), problems),
            problems=tuple(problems),
        )

    @classmethod
    def of_issuer(cls, issuer: ClusterOAuthIssuer, ca_bundle: str | None) -> "IssuerTerms":
        """Read the spec of an issuer resource.

        `ca_bundle` is the text to which `spec.trust.caBundleRef` leads, None where there is none.
        """
        spec, problems = issuer.spec, list[str]()
        access, dialect = _access_of_issuer(spec, problems), Dialect.of(spec, problems)
        identifier, form, url, endpoint = _where(spec, problems)
        reach = replace(
            reach_of(spec, issuer.uid, ca_bundle, problems), managed=dialect.management is not Management.NONE
        )
        if dialect.management is Management.ACCESS and isinstance(access, Open | ByInitialAccessToken):
            problems.append(
                "spec.dialect.management: Access needs access by clientCredentials or serviceAccountToken; write one "
                "of them under spec.access, or leave management out"
            )
        allowed = Allowed.of(spec, problems)
        if dialect.scope is Sending.OMIT and allowed.scopes is not None:
            problems.append(
                "spec.allowed.scopes: leave it out beside spec.dialect.scope: Omit, by which no scope is asked for and "
                "the authorization server chooses"
            )
        if identifier.startswith("http:") and not reach.http:
            problems.append(
                "spec.issuer: write an https URL, or reach.http: true, and everything that is sent to this issuer, "
                "credentials too, can be read on the way"
            )
        return cls(
            issuer=identifier,
            form=form,
            metadata_url=url,
            registration_endpoint=endpoint,
            access=access,
            reach=reach,
            resource=IssuerResource(name=issuer.name, uid=issuer.uid, generation=issuer.generation),
            allowed=allowed,
            metadata=IssuerMetadata.of(spec, problems),
            dialect=dialect,
            defaults=ClientDefaults.of(spec, problems),
            problems=tuple(problems),
        )

    @property
    def applied(self) -> AppliedIssuer:
        """Return what a status says of the issuer."""
        if self.resource is None:
            return AppliedIssuer(url=self.issuer)
        return AppliedIssuer(
            url=self.issuer, name=self.resource.name, uid=self.resource.uid, generation=self.resource.generation
        )

    @property
    def source(self) -> MetadataSource:
        """Return where the issuer's metadata are found."""
        return MetadataSource(
            issuer=self.issuer,
            form=self.form,
            url=self.metadata_url,
            needs_endpoint=self.registration_endpoint is None,
            reach=self.reach,
        )

    @property
    def address(self) -> IssuerAddress:
        """Return the issuer, and how it is reached."""
        return IssuerAddress(self.issuer, self.reach)

    @property
    def place_of_secrets(self) -> str:
        """Return where the Secrets are that these terms name, for the end of a clause; "" in the client's namespace."""
        return "" if self.resource is None else " in the operator's namespace"

    @property
    def chooses_endpoint(self) -> bool:
        """Return whether these terms, and not the issuer alone, say where clients are registered.

        Who names the document names the endpoint too: an issuer's origin may serve what others have put there.
        """
        return self.metadata_url is not None or self.registration_endpoint is not None


NO_ISSUER = "write the authorization server's issuer identifier; a client can write issuerRef in its place"
TOKEN_PLACE = "spec.registration.initialAccessToken.secretRef.name"  # noqa: S105 - a place in a manifest
STATEMENT_PLACE = "spec.registration.softwareStatement.secretRef"


def _where(spec: Mapping[str, JSON], problems: list[str]) -> tuple[str, DiscoveryForm, str | None, str | None]:
    """Return issuer identifier, well-known form, address of the metadata and registration endpoint as written."""
    discovery, issuer = child(spec, "discovery"), text(spec, "issuer") or ""
    if spec.get("issuer") is None:
        problems.append(f"spec.issuer: {NO_ISSUER}")
    elif (why := issuer_problem(issuer)) is not None:
        problems.append(f"spec.issuer {why}")
    elif (why := unreachable(issuer)) is not None:
        problems.append(f"spec.issuer: {why}")
    form = choice(discovery, "discovery.form", DiscoveryForm.AUTO, problems) or DiscoveryForm.AUTO
    url = written_url(discovery, "url", DOCUMENT_ADVICE, problems)
    endpoint = written_url(discovery, "registrationEndpoint", ENDPOINT_ADVICE, problems)
    if url is not None and form is not DiscoveryForm.AUTO:
        problems.append("spec.discovery.form: leave it out beside url, for the metadata are read there")
    return issuer, form, url, endpoint


def _access(parent: Mapping[str, JSON], place: str, problems: list[str]) -> Access:
    if parent.get("initialAccessToken") is None:
        return Open()
    name = text(child(child(parent, "initialAccessToken"), "secretRef"), "name")
    if name is None or not is_secret_name(name):
        problems.append(f"{place}: write the name of the Secret that holds the initial access token, e.g. idp-token")
        return Open()
    return ByInitialAccessToken(name)


def _access_of_issuer(spec: Mapping[str, JSON], problems: list[str]) -> Access:
    written = spec.get("access")
    if written is None:
        return Open()
    ways = {"initialAccessToken", "clientCredentials", "serviceAccountToken"}
    if not isinstance(written, dict) or len(written) != 1 or not written.keys() <= ways:
        # A way in that is not known here may be one of a definition that is newer than this program.
        problems.append(
            "spec.access: write one of initialAccessToken, clientCredentials and serviceAccountToken, or leave access "
            "out where registration is open"
        )
        return Open()
    if "initialAccessToken" in written:
        return _access(written, "spec.access.initialAccessToken.secretRef.name", problems)
    return access_by_token(written, problems) or Open()


def _software_statement(registration: Mapping[str, JSON], problems: list[str]) -> SoftwareStatementReference | None:
    if registration.get("softwareStatement") is None:
        return None
    reference = child(child(registration, "softwareStatement"), "secretRef")
    name, key = text(reference, "name"), reference.get("key", STATEMENT_KEY)
    if name is None or not is_secret_name(name):
        problems.append(
            f"{STATEMENT_PLACE}.name: write the name of the Secret that holds the software statement, e.g. "
            "idp-statement"
        )
        return None
    if not isinstance(key, str) or not is_secret_key(key):
        problems.append(
            f"{STATEMENT_PLACE}.key: write the key of that Secret under which the software statement stands, or leave "
            f"it out for {STATEMENT_KEY}"
        )
        return None
    return SoftwareStatementReference(name, key)
