"""Each issuer that OAuthClients use: whether it serves them, what it can do, and whether what lets them in is there."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from .. import names
from ..cluster.api import Cluster
from ..cluster.connection import Connection
from ..cluster.target import cluster_oauth_issuer
from ..errors import ClusterError, NotFound, OperatorError
from ..oauth.json_object import JSON
from ..resource.access import AuthenticationMethod, ClientCredentials
from ..resource.addressed_secret import Recipient
from ..resource.client_credentials_secret import client_credentials
from ..resource.cluster_oauth_issuer import ClusterOAuthIssuer
from ..resource.initial_access_token import initial_access_token
from ..resource.issuer_reach import ca_bundle_reference
from ..resource.json_path import child, text
from ..resource.secret import Secret
from ..resource.software_statement import software_statement
from ..resource.terms import ByInitialAccessToken, IssuerTerms, SoftwareStatementReference
from .abilities import Abilities
from .checks import NO, Check, holding
from .from_here import FromHere
from .issuers_used import MOST, Used, issuers_used


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where it is looked: at the OAuthClients of a namespace, and in the operator's own."""

    namespace: str
    system_namespace: str


async def issuer_checks(
    connection: Connection, bodies: Sequence[Mapping[str, JSON]], place: Place, from_here: FromHere | None
) -> AsyncIterator[Check]:
    """Yield what is so of each issuer that those OAuthClients use; it is asked only where `from_here` says how."""
    found = issuers_used(bodies)
    for used in found[:MOST]:
        issuer = await _issuer_resource(connection, used)
        terms = used.terms
        if isinstance(issuer, ClusterOAuthIssuer):
            yield _as_said(used, issuer)
            terms = IssuerTerms.of_issuer(issuer, await _authorities(connection, issuer, place))
            abilities = Abilities.of_status(issuer.status.discovered, issuer.status.observed)
            if abilities is not None:
                yield holding(f"{used.label} can", abilities.registers, abilities.said())
        else:
            serves, said = used.as_told()
            if issuer is not None:
                serves, said = (False, issuer.said) if issuer.holds == NO else (serves, f"{said}; {issuer.said}")
            yield holding(used.label, serves, said)
        if terms is None:
            continue
        namespace = place.namespace if used.name is None else place.system_namespace
        endpoint = _endpoint(terms, issuer if isinstance(issuer, ClusterOAuthIssuer) else None)
        for what, look in _credentials(connection, namespace, terms, endpoint):
            yield await _held(f"{used.label}: {what}", look)
        if from_here is not None:
            yield await from_here.check(used, terms)
    if len(found) > MOST:
        yield holding("more issuers", None, f"{len(found) - MOST} are not looked at: name one OAuthClient")


def _as_said(used: Used, issuer: ClusterOAuthIssuer) -> Check:
    ready = issuer.status.ready
    if ready is None or issuer.status.observed_generation != issuer.generation:
        return holding(used.label, None, "the operator has not come to it yet")
    serves, said = used.as_told()
    if ready.status == "True" and serves is False:
        # That the server refuses the token, for one, only its clients learn.
        return holding(used.label, False, said)
    return holding(used.label, {"True": True, "False": False}.get(ready.status), ready.message)


async def _issuer_resource(connection: Connection, used: Used) -> ClusterOAuthIssuer | Check | None:
    """Return the ClusterOAuthIssuer, what keeps it from being looked at, or None where none is named."""
    if used.name is None:
        return None
    try:
        return ClusterOAuthIssuer.parse(await connection.request("GET", cluster_oauth_issuer(used.name)))
    except NotFound:
        return holding(used.label, False, "there is no such ClusterOAuthIssuer")
    except ClusterError as error:
        return holding(used.label, None, f"you may not look at it: {error}")


async def _authorities(connection: Connection, issuer: ClusterOAuthIssuer, place: Place) -> str | None:
    reference = ca_bundle_reference(issuer.spec)
    if reference is None:
        return None
    try:
        body = await Cluster(connection).read_config_map(place.system_namespace, reference.config_map)
    except ClusterError:
        return None
    return None if body is None else text(child(body, "data"), reference.key)


def _endpoint(terms: IssuerTerms, issuer: ClusterOAuthIssuer | None) -> str | None:
    discovered = None if issuer is None else issuer.status.discovered.registration_endpoint
    return terms.registration_endpoint or discovered


def _credentials(
    connection: Connection, namespace: str, terms: IssuerTerms, endpoint: str | None
) -> Iterator[tuple[str, Callable[[], Awaitable[str]]]]:
    """Yield what lets clients in, and the look whether it is there."""

    async def held(name: str, take: Callable[[Secret | None], str]) -> str:
        body = await Cluster(connection).read_secret(namespace, name)
        bound = take(None if body is None else Secret.parse(body))
        return f"Secret {name} in {namespace} holds it for this issuer{bound}"

    match terms.access:
        case ByInitialAccessToken(secret=name):
            yield "initial access token", partial(held, name, partial(_initial_access_token, name, terms, endpoint))
        case ClientCredentials(secret=name, method=method):
            yield "client credentials", partial(held, name, partial(_client_credentials, name, terms, method))
        case _:
            # It is open, or the operator asks for a token of its service account each time.
            pass
    if (reference := terms.software_statement) is not None:
        look = partial(held, reference.secret, partial(_software_statement, reference, terms, endpoint))
        yield "software statement", look


def _initial_access_token(name: str, terms: IssuerTerms, endpoint: str | None, secret: Secret | None) -> str:
    token = initial_access_token(secret, name, _recipient(terms, endpoint, secret, names.ENDPOINT_KEY))
    return ", bound to a DPoP key" if token.dpop_key is not None else ""


def _client_credentials(
    name: str, terms: IssuerTerms, method: AuthenticationMethod | None, secret: Secret | None
) -> str:
    client_credentials(secret, name, _recipient(terms, None, secret, names.TOKEN_ENDPOINT_KEY), method)
    return ""


def _software_statement(
    reference: SoftwareStatementReference, terms: IssuerTerms, endpoint: str | None, secret: Secret | None
) -> str:
    software_statement(secret, _recipient(terms, endpoint, secret, names.ENDPOINT_KEY), reference)
    return ""


def _recipient(terms: IssuerTerms, endpoint: str | None, secret: Secret | None, key: str) -> Recipient:
    """Return for whom it has to be; where the endpoint is not known here, what the Secret says of it is believed."""
    if endpoint is not None:
        chosen = terms.chooses_endpoint
        return Recipient(issuer=terms.issuer, endpoint=endpoint, chosen=chosen, place=terms.place_of_secrets)
    try:
        named = None if secret is None else secret.value(key)
    except ValueError:
        named = None
    return Recipient(issuer=terms.issuer, endpoint=(named or "").strip(), place=terms.place_of_secrets)


async def _held(what: str, look: Callable[[], Awaitable[str]]) -> Check:
    try:
        return holding(what, True, await look())
    except ClusterError as error:
        return holding(what, None, f"you may not look: {error}")
    except OperatorError as error:
        return holding(what, False, str(error))
