"""What a registration comes to: all that a client needs to go on to the token endpoint."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from ..confidential import Confidential, NotPickled
from ..exchange import Answer, Request
from ..oauth import rfc8705
from ..oauth.authentication_methods import ClientAuthentication, NotPrepared
from ..oauth.client_authentication import certificate
from ..oauth.client_information import ClientInformation
from ..oauth.client_metadata import ClientMetadata
from ..oauth.jose import PrivateKey
from ..oauth.json_object import JSON
from ..oauth.rfc7591 import deviations, insufficiency
from ..oauth.rfc8414 import ServerMetadata
from . import arguments
from .transport import Channel, now

STORED_VERSION: Final = 1
"""Of what `to_dict` returns: another number means that it is read otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Configuration(NotPickled):
    """A client that is registered at an authorization server; made by `dynamic_client_registration` or `restore`.

    It does not change: `dataclasses.replace` makes another one, with another `timeout`, `client_authentication` or
    `dpop_key` for instance. Its repr holds no secret.

    `timeout` bounds each exchange, `clock_skew` is how far the server's clock is ahead of ours, `clock_tolerance` how
    far a moment may be passed all the same; all in seconds. `use_mtls_endpoint_aliases` is as in `Options`. The
    initial access token is not sent again: it is known so that no error shows it.
    """

    server: ServerMetadata
    information: ClientInformation
    client_authentication: ClientAuthentication | NotPrepared
    dpop_key: PrivateKey | None
    timeout: float
    clock_skew: float
    clock_tolerance: float
    use_mtls_endpoint_aliases: bool | None
    initial_access_token: Confidential | None
    requested: ClientMetadata = field(repr=False)
    document: Mapping[str, JSON] = field(repr=False)
    channel: Channel = field(repr=False)

    def __post_init__(self) -> None:
        arguments.seconds("timeout", self.timeout, above=0)
        arguments.clock_skew(self.clock_skew)
        arguments.seconds("clock_tolerance", self.clock_tolerance, at_least=0)

    @property
    def issuer(self) -> str:
        """The issuer identifier (RFC 8414 section 2)."""
        return self.server.issuer

    @property
    def client_id(self) -> str:
        """The client identifier that the server issued (RFC 7591 section 3.2.1)."""
        return self.information.client_id

    @property
    def client_secret(self) -> Confidential | None:
        """The client secret that the server issued, if it did (RFC 7591 section 3.2.1)."""
        return self.information.client_secret

    @property
    def insufficiency(self) -> str | None:
        """Why the client cannot be used as it was asked for, or None if it can (RFC 7591 section 3.2.1)."""
        return insufficiency(self.requested, self.information)

    @property
    def deviations(self) -> tuple[str, ...]:
        """The names of members that the server changed or dropped, sorted (RFC 7591 section 3.2.1)."""
        return deviations(self.requested, self.information)

    def server_metadata(self) -> dict[str, JSON]:
        """Return the server's metadata document, whole, as a copy (RFC 8414 section 2)."""
        return copy.deepcopy(dict(self.document))

    def client_metadata(self) -> dict[str, JSON]:
        """Return what the server registered and issued, whole and with its secrets, as a copy.

        It is the client information response (RFC 7591 section 3.2.1, RFC 7592 section 3), not what was asked for.
        """
        return copy.deepcopy(self.information.to_members())

    def endpoint(self, name: str) -> str | None:
        """Return the URL of an endpoint, for example `token_endpoint`; None where the server has none.

        Where the client does mutual TLS that is the alias (RFC 8705 section 5).

        Raises:
            DiscoveryFailed: the alias is not a URL.
        """
        use_aliases = does_mutual_tls(self.use_mtls_endpoint_aliases, self.client_authentication)
        return rfc8705.endpoint(self.server, name, use_aliases=use_aliases)

    def now(self) -> int:
        """Return the server's time, in seconds since the epoch."""
        return now(self.clock_skew)

    def to_dict(self) -> dict[str, JSON]:
        """Return what is to be kept of it, secrets and all, as an object of JSON: `restore` makes it anew.

        Not among it are what a program says anew: options, a DPoP key, and a client authentication of its own.
        """
        return {
            "version": STORED_VERSION,
            "authorization_server_metadata": self.server_metadata(),
            "requested_client_metadata": copy.deepcopy(dict(self.requested.members)),
            "client_information": self.client_metadata(),
        }

    async def send(self, request: Request) -> Answer:
        """Send a request of the client's management once; see `Channel.exchange`."""
        return await self.channel.exchange(request, timeout=self.timeout)

    async def ask(self, make: Callable[[], Request]) -> tuple[Request, Answer]:
        """Send a request that can be repeated, with a DPoP proof if there is a key; see `Channel.prove`."""

        async def send(proven: Request) -> Answer:
            return await self.channel.ask(proven, timeout=self.timeout)

        algorithms = self.server.dpop_signing_alg_values_supported
        return await self.channel.prove(
            make, send, key=self.dpop_key, clock_skew=self.clock_skew, algorithms=algorithms
        )


def does_mutual_tls(said: bool | None, authentication: ClientAuthentication | NotPrepared | None) -> bool:
    """Say whether endpoints for mutual TLS are called: as it was said, else where a certificate is shown."""
    return said if said is not None else authentication is not None and certificate(authentication) is not None
