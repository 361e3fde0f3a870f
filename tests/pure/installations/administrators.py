"""What becomes of the authorization server at its administrators' hands: it is away, moves, and errs, for a while."""

import random
from collections.abc import Callable
from typing import Any, Final

from oauthclient_operator.exchange import Answer, Incomplete, NotSent, Purpose, Request, Response
from tests.pure.installations import private_keys
from tests.pure.installations.authorization_server import GOOD_SECRET, WELL_KNOWN, ErringServer, has_own_keys, kids
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


def proofs(request: Request) -> bool:
    return request.purpose is Purpose.PROVE


def nothing(_: Request) -> bool:
    return False


class Administrators:
    """Those of the authorization server."""

    def __init__(self, server: ErringServer, rng: random.Random) -> None:
        self._server = server
        self._rng = rng
        self._before: dict[str, str] = {}
        """The client secrets that were changed, as they were."""
        self._keys_before: dict[str, dict[str, Any]] = {}
        """Likewise the keys of clients that have their own."""

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

    @property
    def refusals(self) -> tuple[Callable[[], None], ...]:
        """Return what has clients' credentials refused, or accepted again, and what has nobody able to tell."""
        return (
            *(self.disable_a_client,) * 3,
            *(self.enable_clients,) * 2,
            *(self.disable_all_clients, self.forget_a_client, self.change_a_token),
            *(self.change_a_secret, self.put_secrets_back),
            *(self.answer_no_proofs, self.answer_everybody_alike, self.tell_whom_it_knows),
        )

    @property
    def key_errors(self) -> tuple[Callable[[], None], ...]:
        """Return what is done to the keys of clients."""
        return (*(self.change_keys,) * 2, self.put_keys_back)

    def go_away(self) -> None:
        """Have all that is asked come to nothing, or the metadata alone, or all but these, or access tokens alone."""
        self._server.comes_to = self._rng.choice(AWAY)
        self._server.away = self._rng.choice((everything, everything, metadata, calls, calls, access_tokens))

    def mend(self) -> None:
        """Answer again, with what is right, and let the operator in as before."""
        self._server.away, self._server.document, self._server.registrar = nothing, {}, GOOD_SECRET
        self._server.proves = True

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
            self._before.setdefault(client["client_id"], client["client_secret"])
            client["client_secret"] += "-anew"

    def put_secrets_back(self) -> None:
        """Give clients the secrets again that they had."""
        for client_id, secret in self._before.items():
            if client_id in self._server.clients:
                self._server.clients[client_id]["client_secret"] = secret
        self._before.clear()

    def change_keys(self) -> None:
        """Take a key out of a client's, put a stranger's beside them, or in their place."""
        having = sorted(name for name, client in self._server.clients.items() if kids(client))
        if not having:
            return
        client = self._server.clients[self._rng.choice(having)]
        keys, strangers = list(client["jwks"]["keys"]), private_keys.made(self._rng, "ES256")
        self._keys_before.setdefault(client["client_id"], client["jwks"])
        match self._rng.randrange(3):
            case 0:
                del keys[self._rng.randrange(len(keys))]
            case 1:
                keys.append(private_keys.public(strangers))
            case 2:
                keys = [private_keys.public(strangers)]
        client["jwks"] = {"keys": keys}
        self._server.changed_keys.add(client["client_id"])

    def put_keys_back(self) -> None:
        """Give clients the keys again that they had, whatever they were given since."""
        for client_id, keys in self._keys_before.items():
            if has_own_keys(client := self._server.clients.get(client_id, {})) and client["jwks"] != keys:
                client["jwks"] = keys
                self._server.changed_keys.add(client_id)
        self._keys_before.clear()

    def disable_a_client(self) -> None:
        """Treat one as if it was not there."""
        if self._server.clients:
            client_id = self._rng.choice(sorted(self._server.clients))
            self._server.disabled[client_id] = self._server.clients.pop(client_id)

    def disable_all_clients(self) -> None:
        """Have none of them there, as with an empty database."""
        self._server.disabled |= self._server.clients
        self._server.clients.clear()

    def enable_clients(self) -> None:
        """Have all be there again."""
        self._server.clients |= self._server.disabled
        self._server.disabled.clear()

    def answer_no_proofs(self) -> None:
        """Have what proves a client come to nothing, and nothing else."""
        self._server.comes_to, self._server.away = self._rng.choice(AWAY), proofs

    def answer_everybody_alike(self) -> None:
        """Answer who cannot exist otherwise than before, and everybody else so, too."""
        self._server.proves = False

    def tell_whom_it_knows(self) -> None:
        """Refuse who is known otherwise than who is not, or no longer."""
        self._server.tells_whom_it_knows = not self._server.tells_whom_it_knows

    def change_a_token(self) -> None:
        """Give a client another registration access token, of which nobody is told."""
        if self._server.clients:
            client = self._server.clients[self._rng.choice(sorted(self._server.clients))]
            client["registration_access_token"] += "-anew"
