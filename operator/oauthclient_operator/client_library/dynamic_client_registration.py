"""The whole of a registration: discovery, one POST, and what came of it (RFC 8414, RFC 7591)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ..confidential import Confidential
from ..egress.policy import ProgramPolicy
from ..errors import RegistrationNotSupported
from ..exchange import Answer, Request, Response
from ..oauth import rfc6749, rfc7591, rfc8414, rfc8705
from ..oauth.authentication_methods import ClientAuthentication
from ..oauth.client_authentication import certificate
from ..oauth.discovery import search
from ..oauth.json_object import JSON, decode
from ..oauth.metadata_source import MetadataSource
from ..oauth.rfc8414 import ServerMetadata
from . import arguments
from .configuration import Configuration, does_mutual_tls
from .configured import configured
from .held import held_before
from .options import Options, channel_of, options_of
from .registered import registered
from .server import MetadataDocument, source_of
from .transport import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    server: ServerMetadata
    document: Mapping[str, JSON]


async def dynamic_client_registration(
    server: str | MetadataDocument,
    metadata: Mapping[str, object],
    client_authentication: ClientAuthentication | None = None,
    options: Options | None = None,
) -> Configuration:
    """Register a client at an authorization server, and return the configuration by which it goes on.

    `server` is the issuer identifier; its metadata document is looked for where RFC 8414 section 3 and OpenID Connect
    Discovery 1.0 section 4 have it, unless a `MetadataDocument` says where it is. `metadata` are sent as they are
    (RFC 7591 section 2), None meaning absent. `client_authentication` is for the token endpoint afterwards; without it
    the client authenticates as the server registered it. If it shows a certificate, that is shown here, too.

    The registration is sent once, and once more only where the server asks for a DPoP nonce (RFC 9449 section 8). It is
    not idempotent: see `RegistrationAmbiguous`. So a task that is cancelled while it is under way ends with that error,
    or with the configuration if the answer was there, and with CancelledError only where nothing was sent.

        >>> import asyncio
        >>> from oauthclient_operator.client_library import Options, Response
        >>> async def in_memory(request, send):
        ...     if request.method == "GET":
        ...         return Response(status=200, body=b'''{
        ...             "issuer": "https://idp.example.com",
        ...             "registration_endpoint": "https://idp.example.com/reg"
        ...         }''')
        ...     return Response(status=201, body=b'{"client_id": "s6BhdRkqt3", "client_secret": "cf136dc3c1fc"}')
        >>> configuration = asyncio.run(
        ...     dynamic_client_registration(
        ...         "https://idp.example.com", {"client_name": "Shop"}, options=Options(transport=in_memory)
        ...     )
        ... )
        >>> configuration.client_id, configuration.client_secret
        ('s6BhdRkqt3', Confidential(…))
        >>> configuration.client_authentication
        ClientSecretBasic(secret=None)
        >>> configuration.deviations
        ('client_name',)

    Raises:
        InvalidArgumentType, InvalidArgumentValue: an argument is not what it should be; nothing was sent.
        EgressRefused: a URL is not https, or leads to where no authorization server is.
        IssuerUnavailable: no complete answer to discovery, or one that says "later"; or the registration was not sent.
        DiscoveryFailed: the metadata document is malformed, missing (MetadataMissing), or another issuer's
            (IssuerMismatch).
        RegistrationNotSupported: it names no registration endpoint.
        DPoPKeyNotSupported: it names no JWS algorithm of the DPoP key.
        RegistrationRejected: the server refused; RegistrationUnauthorized if it was about the initial access token.
        RegistrationAmbiguous: nobody can say whether there is a client now; what came of it is kept in the error.
        ExecuteFailed: there is one, and a function of `options.execute` failed; it is kept in the error. Where the
            function ends the program (KeyboardInterrupt, SystemExit), that goes on, and this is its cause.
    """
    options = options_of(options)
    arguments.client_authentication(client_authentication)
    requested = arguments.client_metadata(metadata)
    policy = ProgramPolicy(insecure=options.allow_insecure_requests)
    source = source_of(server, options.discovery_form, policy)
    channel = channel_of(options, policy)
    held = held_before(requested, client_authentication, options)
    found = await _discovered(source, channel, options, held)
    use_aliases = does_mutual_tls(options.use_mtls_endpoint_aliases, client_authentication)
    endpoint = rfc8705.endpoint(found.server, "registration_endpoint", use_aliases=use_aliases)
    if endpoint is None:
        raise RegistrationNotSupported("the issuer's metadata name no registration_endpoint")
    request = rfc7591.registration_request(endpoint, requested, options.initial_access_token)
    if client_authentication is not None:
        request = replace(request, certificate=certificate(client_authentication))
    sent, answer = await _sent(request, channel, options, found)
    # From here on there may be a client: nothing is awaited, and whatever fails says so.
    information = registered(answer, options.initial_access_token, requested, (*held, *rfc6749.presented(sent)))
    return configured(
        found.server,
        found.document,
        requested,
        information,
        client_authentication=client_authentication,
        options=options,
        channel=channel,
    )


async def _discovered(
    source: MetadataSource, channel: Channel, options: Options, held: Sequence[Confidential]
) -> _Found:
    documents: list[bytes] = []

    async def ask(request: Request) -> Answer:
        answer = await channel.ask(request, timeout=options.timeout)
        if isinstance(answer, Response) and answer.status == 200:
            documents.append(answer.body)
        return answer

    server = await search(source.issuer, source.urls, ask, hide=held)
    # The search ends with the document that has a registration endpoint; without one it returns the first.
    chosen = documents[0 if server.registration_endpoint is None else -1]
    return _Found(server=server, document=decode(chosen, limit=rfc8414.DOCUMENT_LIMIT))


async def _sent(request: Request, channel: Channel, options: Options, found: _Found) -> tuple[Request, Answer]:
    async def send(proven: Request) -> Answer:
        return await channel.exchange(proven, timeout=options.timeout)

    algorithms = found.server.dpop_signing_alg_values_supported
    return await channel.prove(
        lambda: request, send, key=options.dpop_key, clock_skew=options.clock_skew, algorithms=algorithms
    )
