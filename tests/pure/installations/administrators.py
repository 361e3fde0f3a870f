"""What becomes of the authorization server at its administrators' hands: it is away, moves, and errs, for a while."""

import random
from collections.abc import Callable
from typing import Any, Final

from oauthclient_operator.exchange import Answer, Incomplete, NotSent, Request, Response
from tests.pure.installations.authorization_server import GOOD_SECRET, WELL_KNOWN, ErringServer
from tests.pure.simulation.authorization_server import ISSUER

Which = Callable[[Request], bool]
AWAY: Final[tuple[Answer, ...]] = (
    NotSent(cause="the connection was refused"),
    Incomplete(cause="no complete response"),
    Response(status=503),
)
DOCUMENTS: Final[tuple[dict[str, Any] | None, ...]] = (
    None,
    {"issuer": "https://another.example"},
    {"registration_endpoint": None},
    {"registration_endpoint": "https://another.example/register"},
)


def everything(_: Request) -> bool:
    return True


def metadata(request: Request) -> bool:
    return WELL_KNOWN in request.url


def calls(request: Request) -> bool:
    return not metadata(request)


def access_tokens(request: Request) -> bool:
    return request.url == f"{ISSUER}/token"


def nothing(_: Request) -> bool:
    return False


class Administrators:
    """Those of the authorization server."""

    def __init__(self, server: ErringServer, rng: random.Random) -> None:
        self._server = server
        self._rng = rng

    @property
    def absences(self) -> tuple[Callable[[], None], ...]:
        """Return what is over when it answers again; what stands here twice happens twice as often."""
        return (*(self.go_away,) * 5, *(self.mend,) * 3, self.move_registration)

    @property
    def errors(self) -> tuple[Callable[[], None], ...]:
        """Return what a person did, and may have to put right."""
        return (
            *(self.break_metadata, self.refuse_the_registrar, self.withdraw_access_tokens),
            *(self.forget_a_client, self.change_a_secret, self.change_a_token),
        )

    def go_away(self) -> None:
        """Have all that is asked come to nothing, or the metadata alone, or all but these, or access tokens alone."""
        self._server.comes_to = self._rng.choice(AWAY)
        self._server.away = self._rng.choice((everything, everything, metadata, calls, calls, access_tokens))

    def mend(self) -> None:
        """Answer again, with what is right, and let the operator in as before."""
        self._server.away, self._server.document, self._server.registrar = nothing, {}, GOOD_SECRET

    def move_registration(self) -> None:
        """Register clients at another endpoint, which the metadata name."""
        self._server.registers_at = f"{ISSUER}/{self._rng.choice(('register', 'clients'))}"

    def break_metadata(self) -> None:
        """Have no metadata, or wrong ones."""
        self._server.document = self._rng.choice(DOCUMENTS)

    def refuse_the_registrar(self) -> None:
        """Let the operator in by another client secret than it has."""
        self._server.registrar = "another-one"

    def withdraw_access_tokens(self) -> None:
        """Take none of those any more that were given out."""
        self._server.tokens.clear()

    def forget_a_client(self) -> None:
        """Delete one, as an administrator does."""
        if self._server.clients:
            del self._server.clients[self._rng.choice(sorted(self._server.clients))]

    def change_a_secret(self) -> None:
        """Give a client another secret, of which nobody is told."""
        if self._server.clients:
            client = self._server.clients[self._rng.choice(sorted(self._server.clients))]
            client["client_secret"] += "-anew"

    def change_a_token(self) -> None:
        """Give a client another registration access token, of which nobody is told."""
        if self._server.clients:
            client = self._server.clients[self._rng.choice(sorted(self._server.clients))]
            client["registration_access_token"] += "-anew"
