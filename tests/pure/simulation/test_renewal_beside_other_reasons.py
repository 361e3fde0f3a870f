"""A client secret that expires is renewed though something else asks for another pair, and nothing comes of that."""

import asyncio
import base64
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.exchange import Answer, Purpose, Request, Response
from oauthclient_operator.reach import IssuerAddress
from oauthclient_operator.record.compaction import CLOSED_CALLS_KEPT
from tests.pure.simulation.authorization_server import ISSUER, AuthorizationServer
from tests.pure.simulation.expiring import expiring, left
from tests.pure.simulation.lives import METADATA, NOT_MANAGED, Life
from tests.pure.simulation.operator_process import NAME, NAMESPACE
from tests.pure.simulation.phases import DAY
from tests.pure.simulation.refusing import UNWANTED, Refusing
from tests.pure.simulation.two_issuers import OTHER, TwoIssuers

REFUSED = Response(status=400, body=b'{"error": "invalid_client_metadata"}')
KEYED = {**METADATA, "token_endpoint_auth_method": "private_key_jwt"}


class RefusingKeys(AuthorizationServer):
    """It takes no client that authenticates by a key."""

    refuses_keys = True

    async def exchange(self, request: Request, issuer: IssuerAddress, **options: Any) -> Answer:
        if self.refuses_keys and b"private_key_jwt" in (request.body or b"") and request.purpose is not Purpose.PROVE:
            self.calls.append(f"{request.method} refused")
            return REFUSED
        return await super().exchange(request, issuer, **options)


class IgnoringKeys(AuthorizationServer):
    """Whatever is asked, it registers clients with a secret."""

    refuses_keys = True

    def _made(self, metadata: dict[str, Any]) -> dict[str, Any]:
        if self.refuses_keys:
            metadata = {**metadata, "token_endpoint_auth_method": "client_secret_basic"}
            metadata.pop("jwks", None)
        return super()._made(metadata)


class NotUpdating(Refusing):
    """It knows no updates either."""

    async def exchange(self, request: Request, issuer: IssuerAddress, **options: Any) -> Answer:
        if request.method == "PUT":
            return Response(status=405)
        return await super().exchange(request, issuer, **options)


async def is_renewed(life: Life) -> None:
    """Live on for two renewals, and see that the secret never comes near its end."""
    for _ in range(11):
        await life.live(4 * DAY)
        life.check()
        assert left(life) > 2 * DAY


@pytest.mark.parametrize("issued", [{}, NOT_MANAGED], ids=["managed", "not managed"])
@pytest.mark.parametrize("kind", [RefusingKeys, IgnoringKeys])
@pytest.mark.parametrize("after", [1, 17], ids=["before it expires", "when it expires"])
def test_a_key_that_the_server_does_not_take(
    kind: type[RefusingKeys | IgnoringKeys], issued: dict[str, Any], after: int
) -> None:
    async def main() -> None:
        server = kind()
        server.issued = dict(issued)
        life = expiring(server)
        life.apply()
        await life.live(after * DAY)
        life.apply(clientMetadata=KEYED, privateKey={})
        await is_renewed(life)
        assert life.world.condition()[0] == "False"
        assert life.world.condition("Renewing") == ("False", "RenewalFailed")
        # No storm: twice a day what is refused, and what is of no use ever less often.
        assert len(server.calls) < 200
        # And the edit is not forgotten.
        server.refuses_keys = False
        await life.live(8 * DAY)
        shown = life.shown()
        assert shown is not None
        assert server.clients[shown[1]]["token_endpoint_auth_method"] == "private_key_jwt"
        assert life.world.condition() == ("True", "Registered")

    asyncio.run(main())


def test_a_key_that_the_server_does_not_take_by_an_update_of_the_client() -> None:
    async def main() -> None:
        life = expiring(RefusingKeys())
        life.apply(rotation={"strategy": "Server"})
        await life.live(DAY)
        life.apply(clientMetadata=KEYED, privateKey={})
        await is_renewed(life)

    asyncio.run(main())


@pytest.mark.parametrize("issued", [{}, NOT_MANAGED], ids=["updates unsupported", "not managed"])
def test_an_edit_for_which_another_client_is_refused(issued: dict[str, Any]) -> None:
    async def main() -> None:
        server = NotUpdating(REFUSED)
        server.issued = dict(issued)
        life = expiring(server)
        life.apply(policy={"unmanageable": "Reregister"})
        await life.live(DAY)
        life.apply(clientMetadata=UNWANTED)
        await is_renewed(life)
        assert life.world.condition()[0] == "False"

    asyncio.run(main())


class Closed(TwoIssuers):
    """Nobody can register at the other issuer, in that answer's words; `shown` are tokens, by who was shown them."""

    def __init__(self, answer: Response) -> None:
        super().__init__()
        self.answer: Response | None = answer
        self.shown: dict[str, list[str | None]] = {ISSUER: [], OTHER: []}

    async def exchange(self, request: Request, issuer: IssuerAddress, **options: Any) -> Answer:
        if request.method == "POST" and request.purpose is not Purpose.PROVE:
            self.shown[issuer.issuer].append(request.credentials.reveal() if request.credentials else None)
        if issuer.issuer == OTHER and self.answer is not None:
            return self.answer
        return await super().exchange(request, issuer, **options)


@pytest.mark.parametrize(
    "answer",
    [REFUSED, Response(status=401, body=b'{"error": "invalid_token"}'), Response(status=404), Response(status=502)],
    ids=["refused", "a token is wanted", "no such endpoint", "lost"],
)
def test_a_move_to_an_issuer_that_registers_nobody_is_renewed_where_it_is_and_moved_later(answer: Response) -> None:
    async def main() -> None:
        server = Closed(answer)
        life = expiring(server)
        life.apply()
        await life.live(DAY)
        life.apply(issuer=OTHER, clientMetadata={**METADATA, "client_name": "there"})
        await is_renewed(life)
        shown = life.shown()
        assert shown is not None
        assert shown[0] == ISSUER
        # What is meant for the other issuer is not said to this one.
        assert {client["client_name"] for client in server.clients.values()} == {"web"}
        assert life.world.condition()[0] == "False"
        # Twice a day at most, and some more with each renewal.
        assert len(server.shown[OTHER]) < 200
        assert len(life.record().suspects) in (0, 3)
        server.answer = None
        uid = (life.world.resource() or {})["metadata"]["uid"]
        for suspect in life.record().suspects[-1:]:
            life.world.api.annotate(NAMESPACE, NAME, {names.RESOLVE_ANNOTATION: f"{uid}/{suspect.number}"})
        life.world.api.annotate(NAMESPACE, NAME, {names.RETRY_ANNOTATION: "now"})
        await life.live(2 * DAY)
        life.check()
        assert (life.shown(), life.living()) == ((OTHER, "client-1"), {(OTHER, "client-1")})
        assert life.world.condition() == ("True", "Registered")

    asyncio.run(main())


def put_token(life: Life, issuer: str, token: str) -> None:
    """Do what `kubectl apply` of the initial access token's Secret does."""
    values = {"issuer": issuer, "token": token}
    data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
    secret = {"type": names.INITIAL_ACCESS_TOKEN_TYPE, "metadata": {"name": "idp-token"}, "data": data}
    life.world.api.put(("secrets", NAMESPACE, "idp-token"), secret)


BY_TOKEN = {"initialAccessToken": {"secretRef": {"name": "idp-token"}}}


def test_what_is_shown_to_the_issuer_that_refuses_a_move_is_not_shown_to_the_one_before() -> None:
    async def main() -> None:
        server = Closed(REFUSED)
        life = expiring(server)
        life.apply()
        await life.live(DAY)
        put_token(life, OTHER, "for-the-other-one")
        life.apply(issuer=OTHER, registration=BY_TOKEN)
        await is_renewed(life)
        assert set(server.shown[OTHER]) == {"for-the-other-one"}
        assert set(server.shown[ISSUER]) == {None}

    asyncio.run(main())


def test_what_came_by_a_token_is_renewed_by_one_however_often_another_issuer_refused_it_since() -> None:
    async def main() -> None:
        server = Closed(REFUSED)
        life = expiring(server)
        put_token(life, ISSUER, "for-this-one")
        life.apply(registration=BY_TOKEN)
        await life.live(DAY)
        put_token(life, OTHER, "for-the-other-one")
        life.apply(issuer=OTHER)
        for number in range(CLOSED_CALLS_KEPT + 1):
            life.world.api.annotate(NAMESPACE, NAME, {names.RETRY_ANNOTATION: str(number)})
            await life.live(timedelta(minutes=1))
        put_token(life, ISSUER, "for-this-one")
        await is_renewed(life)
        assert set(server.shown[ISSUER]) == {"for-this-one"}
        assert set(server.shown[OTHER]) == {"for-the-other-one"}

    asyncio.run(main())


class Away(RefusingKeys):
    """It takes no key, and while it is away a gateway says so."""

    away = False

    async def exchange(self, request: Request, issuer: IssuerAddress, **options: Any) -> Answer:
        if self.away and request.method == "POST" and request.purpose is not Purpose.PROVE:
            return Response(status=502)
        return await super().exchange(request, issuer, **options)


def test_what_it_was_begun_for_and_what_asks_by_now_are_both_in_status() -> None:
    async def main() -> None:
        server = Away()
        life = expiring(server)
        life.apply()
        await life.live(DAY)
        life.apply(clientMetadata=KEYED, privateKey={})
        await life.live(15 * DAY)
        assert life.status()["rotation"]["reasons"] == ["KeyChanged"]
        server.away = True
        await life.live(5 * DAY)
        assert life.status()["rotation"]["reasons"] == ["KeyChanged", "Expiry"]

    asyncio.run(main())
