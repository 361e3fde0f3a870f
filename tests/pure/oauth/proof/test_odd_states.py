"""Whatever stands in front of a server, or has happened to it: credentials that are right are never called refused."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from oauthclient_operator.exchange import Answer, Incomplete, NotSent, Response
from oauthclient_operator.oauth.proof.results import (
    Calibrated,
    Doubt,
    NotKnown,
    NotProvable,
    Obstacle,
    Refused,
    Unavailable,
    Valid,
)
from tests.pure.oauth.proof.fake import FakeServer, Intercept, calibrate, calibrated, check, said
from tests.pure.oauth.proof.servers import BASIC, KEY, KINDS, POST, Kind, Row

LATER = (404, 405, 408, 425, 429, 500, 502, 503, 504)
ANSWERS: dict[str, Answer] = {
    "a bare 401": said("401"),
    "a 401 with a page": Response(status=401, body=b"<html>Who are you?</html>"),
    "a 401 with an error of its own": said("401 unauthorized"),
    "a 401 about another token": said("401 invalid_token"),
    "a 401 that wants a DPoP nonce": said("401 use_dpop_nonce"),
    "a 403, for the realm is off": said("403 access_denied"),
    "a bare 403": said("403"),
    "a page": Response(status=200, body=b"<html>Welcome</html>"),
    "a 200": said("200"),
    "a redirection": Response(status=302, headers={"location": "https://login.example"}),
    "a bare 400": said("400"),
    "a 400 with an error of its own": said("400 blocked"),
    "a 400 that wants another time": said("400 temporarily_unavailable"),
    "a 400 about the request": said("400 invalid_request"),
    "a 413": said("413"),
    "a 451": said("451"),
    "nothing, for no byte was sent": NotSent(cause="no connection"),
    "half an answer": Incomplete(cause="the connection broke", status=401, partial=b'{"error":"invalid_client"}'),
    **{f"a {status}": said(str(status)) for status in LATER},
    **{f"a {status} about the client": said(f"{status} invalid_client") for status in LATER},
}
ONE_OF_EACH = [
    kind
    for kind in KINDS
    if kind.server in ("Canaille", "Keycloak", "MCP Python", "Spring Security") and not kind.grants
]
PLACES: dict[str, Callable[[Answer], Intercept]] = {
    "both": lambda answer: lambda _control: answer,
    "the control": lambda answer: lambda control: answer if control else None,
    "the client": lambda answer: lambda control: None if control else answer,
}


@pytest.mark.parametrize("kind", ONE_OF_EACH, ids=str)
async def test_no_answer_of_somebody_in_between_is_a_refusal(kind: Kind) -> None:
    server = FakeServer(kind)
    found = await calibrated(server)
    said_of = {}
    for place, intercept in PLACES.items():
        for name, answer in ANSWERS.items():
            server.intercept = intercept(answer)
            said_of[name, place] = await check(server, found)
    assert [about for about, verdict in said_of.items() if isinstance(verdict, Refused)] == []


@pytest.mark.parametrize("kind", ONE_OF_EACH, ids=str)
async def test_what_is_calibrated_meanwhile_is_nothing(kind: Kind) -> None:
    server = FakeServer(kind)
    for answer in ANSWERS.values():
        server.intercept = lambda _control, answer=answer: answer  # type: ignore[misc] # the default binds what is meant
        assert isinstance(await calibrate(server), NotProvable | Unavailable)


@pytest.mark.parametrize("answer", ["401 invalid_client", "400 invalid_client", "401 unauthorized_client"])
async def test_where_a_gateway_answers_everybody_as_the_server_answers_nobody_nothing_is_found(answer: str) -> None:
    for kind in KINDS:
        server = FakeServer(kind)
        server.intercept = lambda _control: said(answer)
        assert await calibrate(server) == NotProvable(Obstacle.NO_PROBE)


@pytest.mark.parametrize("kind", ONE_OF_EACH, ids=str)
async def test_a_realm_that_is_off_is_known_by_its_control_and_the_client_is_not_asked(kind: Kind) -> None:
    server = FakeServer(kind)
    found = await calibrated(server)
    server.intercept = lambda _control: said("403 invalid_request")
    assert await check(server, found) == NotKnown(Doubt.CONTROL_DIFFERS)
    assert len(server.asked) == 1


@pytest.mark.parametrize("answer", ["401 invalid_client", "400 invalid_client", "401 unauthorized_client"])
async def test_somebody_who_refuses_everybody_otherwise_than_the_server_refuses_nobody_is_seen(answer: str) -> None:
    for kind in KINDS:
        server = FakeServer(kind)
        found = await calibrated(server)
        server.intercept = lambda _control: said(answer)
        if answer != f"{found.control.status} {found.control.error}":
            # Where it says the very same, only time can tell: that is asked again before it is believed.
            assert await check(server, found) == NotKnown(Doubt.CONTROL_DIFFERS)


@pytest.mark.parametrize("status", LATER)
async def test_an_answer_that_says_later_says_when(status: int) -> None:
    server = FakeServer(KINDS[0])
    found = await calibrated(server)
    server.intercept = lambda _control: Response(status=status, headers={"retry-after": "90"})
    assert await check(server, found) == Unavailable(why=f"the answer was HTTP {status}", retry_after=90.0)
    assert len(server.asked) == 1


@pytest.mark.parametrize(("status", "of_client"), [(429, False), (404, False), (500, True), (503, True)])
async def test_a_server_that_fails_over_the_client_alone_is_told_from_one_that_is_down(
    status: int, of_client: bool
) -> None:
    server = FakeServer(KINDS[0])
    found = await calibrated(server)
    server.intercept = lambda control: None if control else Response(status=status)
    assert await check(server, found) == Unavailable(why=f"the answer was HTTP {status}", of_client=of_client)


@pytest.mark.parametrize("status", [404, 405])
async def test_an_endpoint_that_is_not_there_does_not_hide_the_next(status: int) -> None:
    server = FakeServer(kind(BASIC))
    ask = server.ask

    async def without_revocation(request: object) -> Answer:
        answer = await ask(request)  # type: ignore[arg-type]
        return said(str(status)) if server.asked[-1][0] == "revocation" else answer

    server.ask = without_revocation  # type: ignore[method-assign]
    found = await calibrate(server)
    assert isinstance(found, Calibrated)
    assert found.probe.kind.value == "token"


async def test_where_an_endpoint_is_not_there_and_no_other_tells_it_is_asked_later() -> None:
    server = FakeServer(kind(BASIC), ("revocation",))
    server.intercept = lambda _control: said("404")
    assert await calibrate(server) == Unavailable(why="the answer was HTTP 404")


@pytest.mark.parametrize("answer", [NotSent(cause="no route"), said("429"), said("503")], ids=["unsent", "429", "503"])
async def test_a_server_that_cannot_be_asked_now_is_not_asked_on(answer: Answer) -> None:
    server = FakeServer(kind(KEY))
    server.intercept = lambda _control: answer
    assert isinstance(await calibrate(server), Unavailable)
    assert len(server.asked) == 1


async def test_an_endpoint_that_is_named_no_more_says_nothing() -> None:
    found = await calibrated(FakeServer(kind(BASIC)))
    assert await check(FakeServer(kind(BASIC), ("token",)), found) == NotKnown(Doubt.NO_ENDPOINT)


async def test_a_server_that_names_no_endpoint_proves_nothing() -> None:
    assert await calibrate(FakeServer(kind(BASIC), ())) == NotProvable(Obstacle.NO_ENDPOINT)


async def test_what_was_calibrated_with_a_secret_says_nothing_of_a_key() -> None:
    found = await calibrated(FakeServer(kind(POST)))
    server = FakeServer(kind(KEY))
    assert await check(server, found) == NotKnown(Doubt.NOT_THE_SAME)
    assert server.asked == []


@pytest.mark.parametrize("answer", ["200 invalid_token", "200 invalid_client", "204"])
async def test_the_status_goes_before_the_body(answer: str) -> None:
    server = FakeServer(kind(BASIC))
    found = await calibrated(server)
    server.intercept = lambda control: None if control else said(answer)
    assert await check(server, found) == Valid()


async def test_keycloak_says_200_with_an_error_and_means_yes() -> None:
    server = FakeServer(next(k for k in KINDS if k.server == "Keycloak" and k.method == BASIC))
    found = await calibrated(server)
    assert found.accepted.error == "invalid_token"
    assert await check(server, found) == Valid()


@pytest.mark.parametrize("nobody", ["401", "401 unauthorized", "403 invalid_request", "400 invalid_request"])
async def test_a_server_that_refuses_nobody_in_a_way_that_anybody_could_proves_nothing(nobody: str) -> None:
    """A gateway's bare 401 would be taken for its word later."""
    row = Row("200", nobody, nobody, tells=False)
    assert await calibrate(FakeServer(replace(kind(BASIC), revocation=row, token=row))) == NotProvable(
        Obstacle.NO_PROBE
    )


async def test_a_client_whose_grants_changed_is_valid_as_before() -> None:
    server = FakeServer(kind(BASIC), ("token",))
    found = await calibrated(server)
    for answer in ("400 unauthorized_client", "400 unsupported_grant_type", "400 invalid_scope", "200"):
        server.intercept = lambda control, answer=answer: None if control else said(answer)  # type: ignore[misc]
        assert await check(server, found) == Valid()


def kind(method: str) -> Kind:
    return next(k for k in KINDS if k.method == method and k.server == "node-oidc-provider")
