"""Where an issuer's metadata are, by the rules of its discovery form; one fetch after the other, nothing remembered."""

from ..egress.door import Door
from ..errors import DiscoveryError, EgressRefused, IssuerUnavailable
from ..exchange import Answer, Incomplete, NotSent, Request, Response
from ..oauth.rfc8414 import DiscoveryForm, ServerMetadata, server_metadata, well_known_urls
from ..oauth.rfc9449 import Nonces
from .limits import Limits


class Discovery:
    """Fetch metadata, and hold what they name to the issuer's origin."""

    def __init__(self, door: Door, limits: Limits, nonces: Nonces, *, timeout: float) -> None:
        self._door = door
        self._limits = limits
        self._nonces = nonces
        self._timeout = timeout

    async def fetch(self, issuer: str, form: DiscoveryForm) -> ServerMetadata:
        """Fetch an issuer's metadata from the place, or the places, where the form says they are.

        It goes on to the next place only after a 404 or a document without `registration_endpoint`; if no document
        has one, the first is returned. Every other failure is the issuer's answer.

        Raises:
            EgressRefused: the door does not let us ask.
            IssuerUnavailable: no complete answer, or one that says "later".
            DiscoveryError: there are no metadata, or they are malformed, another issuer's, or name an endpoint
                elsewhere.
        """
        # By the parser that opens connections: the URLs are made of it by another one, and must not lead elsewhere.
        self._door.policy.admit(issuer)
        unregistrable: ServerMetadata | None = None
        urls = well_known_urls(issuer, form)
        for url in urls:
            response = await self._response(issuer, url)
            if response.status == 404:
                continue
            metadata = server_metadata(issuer, response)
            if metadata.registration_endpoint is None:
                unregistrable = unregistrable or metadata
                continue
            self._hold_to_origin(issuer, metadata.registration_endpoint)
            return metadata
        if unregistrable is not None:
            return unregistrable
        raise DiscoveryError(f"there is no metadata document: 404 from {', '.join(urls)}")

    async def _response(self, issuer: str, url: str) -> Response:
        async with self._limits.slot(issuer):
            answer: Answer = await self._door.exchange(Request(method="GET", url=url), timeout=self._timeout)
        match answer:
            case Response():
                self._nonces.learn(url, answer.headers)
                return answer
            case NotSent(refused=True):
                raise EgressRefused(answer.cause)
            case NotSent() | Incomplete():
                raise IssuerUnavailable(answer.cause)

    def _hold_to_origin(self, issuer: str, endpoint: str) -> None:
        if not self._door.policy.admits_endpoint(issuer, endpoint):
            # The endpoint is not shown: whoever controls the document would choose the words.
            raise DiscoveryError(
                "the issuer's metadata name a registration_endpoint at another origin: if that is as it should be, "
                "the operator's administrator can set --allow-endpoint-origin"
            )
