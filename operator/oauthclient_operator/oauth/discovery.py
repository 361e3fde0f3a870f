"""Discovery as a ladder: which place is asked next, and when the search ends.

    404                                            the next place
    a document without registration_endpoint       the next place; the first such document if there is no better
    a document with one                            found
    anything else                                  the issuer's answer, and the end of the search

Where the registration endpoint is known beforehand, any document is found.

Whoever searches brings the exchange.
"""

from collections.abc import Awaitable, Callable, Sequence

from ..confidential import Confidential
from ..errors import DiscoveryFailed, IssuerNotAsked, IssuerUnavailable, MetadataMissing
from ..exchange import Answer, NotSent, Purpose, Request, Response
from .rfc8414 import ServerMetadata, server_metadata
from .unsent import unsent

Ask = Callable[[Request], Awaitable[Answer]]
"""Sends a request once and returns what came of it."""


async def search(
    issuer: str, urls: tuple[str, ...], ask: Ask, *, needs_endpoint: bool = True, hide: Sequence[Confidential] = ()
) -> ServerMetadata:
    """Return an issuer's metadata from the first of several places that has them, registration endpoint and all.

    If no document has a registration endpoint, the first is returned; without `needs_endpoint`, the first at all.
    `hide` is what no message shows.

    Raises:
        EgressRefused: the door does not let us ask.
        IssuerNotAsked: our own side did not get it done.
        IssuerUnavailable: no complete answer, or one that says "later".
        MetadataMissing: there is no document anywhere.
        DiscoveryFailed: the metadata are malformed or another issuer's.
    """
    unregistrable: ServerMetadata | None = None
    for url in urls:
        response = _complete(await ask(Request(method="GET", url=url, purpose=Purpose.DISCOVER)))
        if response.status == 404:
            continue
        try:
            metadata = server_metadata(issuer, response, needs_endpoint=needs_endpoint, hide=hide)
        except (DiscoveryFailed, IssuerUnavailable) as error:
            error.args = (f"{error} (at {url})",)
            raise
        if metadata.registration_endpoint is not None or not needs_endpoint:
            return metadata
        unregistrable = unregistrable or metadata
    if unregistrable is not None:
        return unregistrable
    raise MetadataMissing(f"there is no metadata document: 404 from {', '.join(urls)}", status=404)


def _complete(answer: Answer) -> Response:
    if isinstance(answer, Response):
        return answer
    if isinstance(answer, NotSent):
        raise unsent(answer)
    raise IssuerNotAsked(answer.cause) if answer.ours else IssuerUnavailable(answer.cause)
