"""What a registration presents is what its pass has read, whatever a watch or a look had told of that Secret before."""

import asyncio
import base64
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.exchange import Answer, NotSent, Response
from oauthclient_operator.plan.observed import Unread
from tests.pure.simulation import operator_process
from tests.pure.simulation.authorization_server import ISSUER
from tests.pure.simulation.lives import Life
from tests.pure.simulation.operator_process import KEY, NAME, NAMESPACE

TOKEN = ("secrets", NAMESPACE, "idp-token")
REGISTRATION = {"initialAccessToken": {"secretRef": {"name": "idp-token"}}}


async def put(life: Life, name: str = "idp-token", token: str = "iat") -> None:
    values = {"token": token, "issuer": ISSUER}
    data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
    about = {"name": name, "namespace": NAMESPACE}
    await life.world.api.create_secret(
        NAMESPACE, {"type": names.INITIAL_ACCESS_TOKEN_TYPE, "metadata": about, "data": data}
    )


def listening(life: Life, *, anonymous: bool) -> list[str | None]:
    """Return with which token each registration comes; a server that takes none refuses what comes without."""
    shown: list[str | None] = []
    exchange = life.server.exchange

    async def listened(request: Any, issuer: Any, **options: Any) -> Any:
        if request.method == "POST":
            shown.append(None if request.credentials is None else request.credentials.reveal())
            if request.credentials is None and not anonymous:
                refusal = b'{"error":"invalid_token"}'
                return Response(status=401, headers={"content-type": "application/json"}, body=refusal)
        return await exchange(request, issuer, **options)

    life.server.exchange = listened  # type: ignore[method-assign] # it listens, and answers the same
    return shown


def answering(answer: Answer) -> tuple[list[str], Callable[..., Any]]:
    """Return the registrations that come, and who answers each of them like that."""
    posts: list[str] = []

    async def fault(label: str, call: Callable[[], Any]) -> Any:
        if label != "exchange:POST":
            return await call()
        posts.append(label)
        return answer

    return posts, fault


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What is known of the Secret's version, which the test says: as where Secrets are looked at now and then."""
    known: list[Any] = [None]
    monkeypatch.setattr(operator_process.Watched, "presented_version", lambda *_: known[0])
    return known


@pytest.mark.parametrize("anonymous", [True, False], ids=["anybody is registered", "nobody is without a token"])
def test_a_token_that_was_read_is_presented_though_the_last_look_had_found_none(
    anonymous: bool, known: list[Any]
) -> None:
    async def main() -> None:
        life = Life()
        shown = listening(life, anonymous=anonymous)
        life.apply(registration=REGISTRATION)
        await life.live(timedelta(minutes=1))
        assert life.world.condition()[1] == "InitialAccessTokenMissing"
        await put(life)
        life.world.api.annotate(NAMESPACE, NAME, {names.RETRY_ANNOTATION: "1"})
        await life.live(timedelta(minutes=5))
        said = life.world.api.objects[TOKEN]["metadata"]
        known[0] = f"{said['uid']}/{said['resourceVersion']}"
        await life.live(timedelta(minutes=5))
        assert shown == ["iat"]

    asyncio.run(main())


def test_a_token_that_comes_while_its_pass_is_under_way_is_presented() -> None:
    async def main() -> None:
        came = False

        async def fault(label: str, call: Callable[[], Any]) -> Any:
            nonlocal came
            if label == "discover" and not came:
                came = True
                await put(life)
            return await call()

        life = Life(fault=fault)
        shown = listening(life, anonymous=True)
        life.apply(registration=REGISTRATION)
        await life.live(timedelta(minutes=5))
        assert came
        assert shown == ["iat"]

    asyncio.run(main())


@pytest.mark.parametrize(
    "answer", [Response(status=429), NotSent(cause="connection refused")], ids=["too many", "nobody is there"]
)
def test_what_nobody_has_looked_at_yet_does_not_keep_the_times_between_attempts_from_growing(
    answer: Answer, known: list[Any]
) -> None:
    async def main() -> None:
        posts, fault = answering(answer)
        known[0] = Unread()
        life = Life(fault=fault)
        await put(life)
        life.apply(registration=REGISTRATION)
        await life.live(timedelta(minutes=10))
        assert 2 <= len(posts) <= 12

    asyncio.run(main())


def test_a_token_that_was_refused_is_not_presented_again_when_it_becomes_known(known: list[Any]) -> None:
    async def main() -> None:
        posts, fault = answering(Response(status=401))
        known[0] = "uid-of-another/1"
        life = Life(fault=fault)
        await put(life)
        life.apply(registration=REGISTRATION)
        await life.live(timedelta(minutes=1))
        assert len(posts) == 1
        said = life.world.api.objects[TOKEN]["metadata"]
        known[0] = f"{said['uid']}/{said['resourceVersion']}"
        await life.live(timedelta(minutes=5))
        assert len(posts) == 1

    asyncio.run(main())


def test_what_was_read_of_one_secret_says_nothing_of_another_that_is_named_then(known: list[Any]) -> None:
    async def main() -> None:
        life = Life()
        shown = listening(life, anonymous=False)
        exchange = life.server.exchange

        async def refuses_the_first(request: Any, issuer: Any, **options: Any) -> Any:
            answer = await exchange(request, issuer, **options)
            return Response(status=401) if shown == ["iat"] else answer

        life.server.exchange = refuses_the_first  # type: ignore[method-assign] # so that another one is needed
        known[0] = None
        await put(life)
        life.apply(registration=REGISTRATION)
        await life.live(timedelta(minutes=1))
        assert shown == ["iat"]
        await put(life, "another", "other")
        life.apply(registration={"initialAccessToken": {"secretRef": {"name": "another"}}})
        await life.live(timedelta(minutes=1))
        assert shown == ["iat", "other"]

    asyncio.run(main())


def test_what_a_pass_has_read_the_next_one_knows(known: list[Any]) -> None:
    async def main() -> None:
        looks: list[str] = []

        async def fault(label: str, call: Callable[[], Any]) -> Any:
            looks.append(label)
            return Response(status=401) if label == "exchange:POST" else await call()

        known[0] = "uid-of-another/1"
        life = Life(fault=fault)
        await put(life)
        life.apply(registration=REGISTRATION)
        await life.live(timedelta(minutes=1))
        assert "exchange:POST" in looks
        looks.clear()
        for _ in range(5):
            await life.process.reconcile(KEY)
        assert "discover" not in looks

    asyncio.run(main())
