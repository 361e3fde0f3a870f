"""Where an issuer's metadata are, by the rules of its discovery form; one fetch after the other, nothing remembered."""

from collections.abc import Callable
from typing import Final

from ..egress.door import Door
from ..errors import DiscoveryFailed, EgressRefused
from ..exchange import Answer, Request, Response
from ..oauth.discovery import search
from ..oauth.metadata_source import MetadataSource
from ..oauth.rfc8414 import ServerMetadata
from ..oauth.rfc9449 import Nonces
from ..reach import IssuerAddress
from ..resource.discovery import elsewhere, where_to_look
from ..spread import spread
from .caller import Tenant

DoorTo = Callable[[IssuerAddress], Door]
"""Return the door by which an issuer is reached: what may be reached for it, and whom to trust there."""
_SPREAD: Final = 0.25


class Discovery:
    """Fetch metadata, and hold what they name to the issuer's origin; an exchange has up to `timeout` seconds."""

    def __init__(self, door_to: DoorTo, nonces: Nonces, *, timeout: float) -> None:
        self._door_to = door_to
        self._nonces = nonces
        self._timeout = timeout

    async def fetch(self, source: MetadataSource, tenant: Tenant | None = None) -> ServerMetadata:
        """Fetch an issuer's metadata from the place, or the places, where they are (see `search`), for a tenant.

        Raises:
            EgressRefused: the door does not let us ask.
            IssuerNotAsked: our own side did not get it done.
            IssuerUnavailable: no complete answer, or one that says "later".
            DiscoveryFailed: there are no metadata, or they are malformed, another issuer's, or name an endpoint
                elsewhere.
        """
        issuer = source.issuer
        # Judged by the parser that opens connections: another one makes the metadata's URLs of it, and where the two
        # disagree the request would lead elsewhere.
        door = self._door_to(source.address)
        door.policy.admit(issuer)
        if source.url is not None and not door.policy.admits_endpoint(issuer, source.url):
            # A document can name any issuer: one that a tenant put somewhere could claim to be a genuine issuer's.
            raise EgressRefused(elsewhere("url"))

        async def ask(request: Request) -> Answer:
            answer: Answer = await door.exchange(request, timeout=self._patience(issuer), tenant=tenant)
            if isinstance(answer, Response):
                self._nonces.learn(request.url, answer.headers, (source.reach, tenant))
            return answer

        try:
            metadata = await search(issuer, source.urls, ask, needs_endpoint=source.needs_endpoint)
        except DiscoveryFailed as error:
            if (hint := where_to_look(issuer, source, error.status)) is not None:
                error.args = (f"{error}; {hint}",)
            raise
        if metadata.registration_endpoint is not None:
            self._hold_to_origin(door, issuer, metadata.registration_endpoint)
        return metadata

    def _patience(self, issuer: str) -> float:
        """Return how long an issuer's answer is waited for, in seconds: another part of the timeout for each.

        Of issuers that never answer a tenant can have many, asked in one moment: given up in one moment, they would
        stand in everybody's way. It is an issuer's own, for it is said in a condition, which must not change each time.
        """
        return self._timeout * (1 - _SPREAD * spread(issuer))

    @staticmethod
    def _hold_to_origin(door: Door, issuer: str, endpoint: str) -> None:
        if not door.policy.admits_endpoint(issuer, endpoint):
            # The endpoint is not shown: whoever controls the document would choose the words.
            raise DiscoveryFailed(
                "the issuer's metadata name a registration_endpoint at another origin: if that is as it should be, "
                "the operator's administrator can set --allow-endpoint-origin"
            )
