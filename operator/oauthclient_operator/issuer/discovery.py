"""Where an issuer's metadata are, by the rules of its discovery form; one fetch after the other, nothing remembered."""

from collections.abc import Callable

from ..egress.door import Door
from ..errors import DiscoveryFailed, EgressRefused
from ..exchange import Answer, Request, Response
from ..oauth.discovery import search
from ..oauth.metadata_source import MetadataSource
from ..oauth.rfc8414 import ServerMetadata
from ..oauth.rfc9449 import Nonces
from ..resource.discovery import elsewhere

DoorTo = Callable[[str], Door]
"""Return the door by which an issuer is reached: what may be reached for it, and whom to trust there."""


class Discovery:
    """Fetch metadata, and hold what they name to the issuer's origin."""

    def __init__(self, door_to: DoorTo, nonces: Nonces, *, timeout: float) -> None:
        self._door_to = door_to
        self._nonces = nonces
        self._timeout = timeout

    async def fetch(self, source: MetadataSource) -> ServerMetadata:
        """Fetch an issuer's metadata from the place, or the places, where they are (see `search`).

        Raises:
            EgressRefused: the door does not let us ask.
            IssuerUnavailable: no complete answer, or one that says "later".
            DiscoveryFailed: there are no metadata, or they are malformed, another issuer's, or name an endpoint
                elsewhere.
        """
        issuer = source.issuer
        # Judged by the parser that opens connections: another one makes the metadata's URLs of it, and where the two
        # disagree the request would lead elsewhere.
        door = self._door_to(issuer)
        door.policy.admit(issuer)
        if source.url is not None and not door.policy.admits_endpoint(issuer, source.url):
            # A document can name any issuer: one that a tenant put somewhere could claim to be a genuine issuer's.
            raise EgressRefused(elsewhere("url"))

        async def ask(request: Request) -> Answer:
            answer: Answer = await door.exchange(request, timeout=self._timeout)
            if isinstance(answer, Response):
                self._nonces.learn(request.url, answer.headers)
            return answer

        metadata = await search(issuer, source.urls, ask, needs_endpoint=source.needs_endpoint)
        if metadata.registration_endpoint is not None:
            self._hold_to_origin(door, issuer, metadata.registration_endpoint)
        return metadata

    @staticmethod
    def _hold_to_origin(door: Door, issuer: str, endpoint: str) -> None:
        if not door.policy.admits_endpoint(issuer, endpoint):
            # The endpoint is not shown: whoever controls the document would choose the words.
            raise DiscoveryFailed(
                "the issuer's metadata name a registration_endpoint at another origin: if that is as it should be, "
                "the operator's administrator can set --allow-endpoint-origin"
            )
