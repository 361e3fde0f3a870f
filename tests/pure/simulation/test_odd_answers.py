"""Servers that answer oddly for two days: no call is repeated for an answer that would come again, and each says why."""

import asyncio
import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.exchange import Answer, Incomplete, Request, Response
from oauthclient_operator.reach import IssuerAddress
from tests.pure.simulation.authorization_server import ISSUER, AuthorizationServer
from tests.pure.simulation.operator_process import KEY, NAME, NAMESPACE, Simulation, no_fault
from tests.pure.simulation.test_crash_points import EDITED, SPEC

HOURS = 48
THIRD = {**SPEC, "clientMetadata": {**EDITED["clientMetadata"], "client_name": "a third"}}  # type: ignore[dict-item] # an object
Odd = Callable[[dict[str, Any]], Answer]
"""What is answered in place of those members, after the request took effect."""


class OddServer(AuthorizationServer):
    """Does what it is asked, and answers oddly to one method."""

    def __init__(self, method: str = "", odd: Odd | None = None) -> None:
        super().__init__()
        self._method = method
        self._odd = odd

    async def exchange(self, request: Request, issuer: IssuerAddress, **options: Any) -> Answer:
        answer = await super().exchange(request, issuer, **options)
        if self._odd is None or request.method != self._method or not isinstance(answer, Response):
            return answer
        return self._odd(json.loads(answer.body)) if answer.status < 300 else answer


class Strict(OddServer):
    """Registers with `metadata: {}` and more of its own, and lets none of it be set."""

    async def exchange(self, request: Request, issuer: IssuerAddress, **options: Any) -> Answer:
        said = json.loads(request.body) if request.body else {}
        if request.method == "PUT" and said.keys() & {"metadata", "x_server"}:
            self.calls.append("PUT")
            error = {"error": "invalid_client_metadata", "error_description": "metadata cannot be set"}
            return Response(status=400, body=json.dumps(error).encode())
        answer = await super().exchange(request, issuer, **options)
        if isinstance(answer, Response) and answer.status < 300 and answer.body:
            own = {"metadata": {}, "x_server": 1}
            return Response(status=answer.status, body=json.dumps({**json.loads(answer.body), **own}).encode())
        return answer


class Keycloak21(OddServer):
    """Answers an update with an address that ends in …/ID/ID, and knows no such address."""

    async def exchange(self, request: Request, issuer: IssuerAddress, **options: Any) -> Answer:
        parts = request.url.split("/")
        if parts[-1] == parts[-2]:
            self.calls.append(request.method)
            return Response(status=404, body=b'{"error": "HTTP 404 Not Found"}')
        answer = await super().exchange(request, issuer, **options)
        if request.method != "PUT" or not isinstance(answer, Response) or answer.status != 200:
            return answer
        members = json.loads(answer.body)
        uri = {"registration_client_uri": f"{request.url}/{members['client_id']}"}
        return Response(status=200, body=json.dumps({**members, **uri}).encode())


def whole(members: dict[str, Any], **more: Any) -> Response:
    return Response(status=200, body=json.dumps({**members, **more}).encode())


async def live(simulation: Simulation) -> None:
    """Let two days pass, in which the operator looks whenever it said it would, and each hour."""
    process, end = simulation.start(), simulation.clock.time + timedelta(hours=HOURS)
    for _ in range(3000):
        due = await process.reconcile(KEY)
        later = simulation.clock.time + timedelta(seconds=1 if due.backoff else 3600)
        simulation.clock.time = min(later, max(due.at, simulation.clock.time)) if due.at is not None else later
        if simulation.clock.time >= end:
            return
    raise AssertionError("it looks without end")


def lived(server: OddServer, *specs: dict[str, Any]) -> Simulation:
    """Return the world after two days of each of the specs."""
    simulation = Simulation(fault=no_fault, server=server)
    for spec in specs:
        simulation.api.apply(NAMESPACE, NAME, spec)
        asyncio.run(live(simulation))
    return simulation


def message(simulation: Simulation, kind: str = "Ready") -> str:
    body = simulation.resource()
    assert body is not None
    return str(next(c["message"] for c in body["status"]["conditions"] if c["type"] == kind))


TAKEN: dict[str, tuple[Odd, str]] = {
    "a number": (lambda m: whole(m, client_id=int(m["client_id"].rpartition("-")[2])), "a client_id that is a number"),
    "a member twice": (
        lambda m: Response(status=201, body=json.dumps(m)[:-1].encode() + b', "client_name": "web"}'),
        "a member that is named twice",
    ),
    "a header line that is not HTTP": (
        lambda m: Response(status=201, body=json.dumps(m).encode(), flaws=("a header line that is not HTTP",)),
        "a header line that is not HTTP",
    ),
    "no close_notify": (
        lambda m: Incomplete(cause="the connection broke: unexpected eof", status=201, partial=json.dumps(m).encode()),
        "the connection broke: unexpected eof",
    ),
    "202": (lambda m: Response(status=202, body=json.dumps(m).encode()), "HTTP 202 in place of 200 or 201"),
}


@pytest.mark.parametrize("answer", TAKEN)
def test_what_is_whole_is_taken_with_one_call_and_named(answer: str) -> None:
    odd, flaw = TAKEN[answer]
    simulation = lived(OddServer("POST", odd), SPEC)
    assert simulation.server.calls == ["POST"]
    assert simulation.condition() == ("True", "Registered")
    assert flaw in message(simulation)
    assert flaw in simulation.api.events[-1]["note"]


NOT_UNDERSTOOD: dict[str, tuple[Odd, str]] = {
    "a page": (
        lambda _: Response(status=200, headers={"content-type": "text/html"}, body=b"<html>"),
        "HTTP 200 with a body that is no JSON object (text/html)",
    ),
    "no content": (lambda _: Response(status=204), "HTTP 204 without a body"),
    "another object": (
        lambda m: Response(status=201, body=json.dumps({"client": m}).encode()),
        'HTTP 201 with a JSON object without a client_id; it has "client"',
    ),
    "what is broken in its middle": (
        lambda m: Response(status=201, body=json.dumps(m).encode()[:-1] + b", oops}"),
        "HTTP 201 with a body that is no JSON object to its end",
    ),
    "a body of more than is read": (
        lambda m: Incomplete(
            cause="the response is larger than 256 KiB",
            status=201,
            partial=json.dumps(m).encode()[:-1] + b', "x": "aaa',
            too_much=True,
        ),
        "HTTP 201 in more than is read: the response is larger than 256 KiB",
    ),
    "a head of more than is read": (
        lambda _: Incomplete(cause="the response's headers are larger than 64 KiB", status=201, too_much=True),
        "HTTP 201 in more than is read: the response's headers are larger than 64 KiB",
    ),
}


@pytest.mark.parametrize("answer", NOT_UNDERSTOOD)
def test_a_registration_that_is_not_understood_is_one_call(answer: str) -> None:
    odd, cause = NOT_UNDERSTOOD[answer]
    simulation = lived(OddServer("POST", odd), SPEC)
    assert simulation.server.calls in (["POST"], ["POST", "DELETE"]), "and one that can be named is deregistered"
    assert len(simulation.server.clients) <= 1
    assert (simulation.condition(), simulation.condition("Stalled")) == (
        ("False", "NotUnderstood"),
        ("True", "NotUnderstood"),
    )
    assert cause in message(simulation)
    assert cause in simulation.api.events[-1]["note"]


@pytest.mark.parametrize("answer", NOT_UNDERSTOOD)
def test_an_update_that_is_not_understood_is_one_call_for_each_edit(answer: str) -> None:
    odd, cause = NOT_UNDERSTOOD[answer]
    simulation = lived(OddServer("PUT", odd), SPEC, EDITED)
    assert simulation.server.calls == ["POST", "PUT"]
    assert simulation.condition() == ("False", "NotUnderstood")
    assert simulation.condition("SecretPublished") == ("True", "Published")
    assert cause in message(simulation)


def test_an_oauth_error_with_200_is_a_refusal() -> None:
    refusal = Response(status=200, body=b'{"error": "invalid_redirect_uri", "error_description": "not that one"}')
    simulation = lived(OddServer("POST", lambda _: refusal), SPEC)
    # Once in a quarter of an hour, as of any refusal: an administrator may repair the server.
    assert simulation.server.calls == ["POST"] * len(simulation.server.calls)
    assert len(simulation.server.calls) <= HOURS * 4 + 1
    assert simulation.condition() == ("False", "RegistrationRejected")
    assert 'HTTP 200 invalid_redirect_uri: "not that one"' in message(simulation)


def test_answers_that_are_always_cut_after_the_credentials_are_asked_for_three_times() -> None:
    def cut(members: dict[str, Any]) -> Answer:
        return Incomplete(cause="reset", status=201, partial=json.dumps(members).encode()[:-1])

    simulation = lived(OddServer("POST", cut), SPEC)
    assert simulation.server.calls == ["POST", "DELETE"] * 3
    assert simulation.condition("Stalled") == ("True", "RegistrationAmbiguous")
    assert "could not be read whole (reset)" in message(simulation)


def test_an_update_that_is_always_cut_after_its_token_is_one_condition() -> None:
    """What is refused in between, for it presented the token of before, takes the place of no cause."""

    def cut(members: dict[str, Any]) -> Answer:
        return Incomplete(cause="reset by peer", status=200, partial=json.dumps(members).encode()[:-1] + b', "x": "')

    simulation = lived(OddServer("PUT", cut), SPEC, EDITED)
    said = [event["note"] for event in simulation.api.events if event["reason"] == "UpdateAmbiguous"]
    assert len(said) == 2, "the first one is repeated, and then it is what it is"
    assert all("was lost (reset by peer)" in note for note in said)
    assert simulation.condition() == ("False", "UpdateAmbiguous")


ANSWERS: dict[str, list[Answer | None]] = {
    "RegistrationAmbiguous": [Incomplete(cause="reset")] * 3,
    "NotUnderstood": [Response(status=204)],
    "Registered": [Incomplete(cause="reset"), None],
}


@pytest.mark.parametrize("reason", ANSWERS)
@pytest.mark.parametrize("value", ["nonsense", "uid-1/7", "another/1"])
def test_an_annotation_that_settles_nothing_is_said_while_something_is_to_be_settled(reason: str, value: str) -> None:
    answers = iter(ANSWERS[reason])
    odd = OddServer("POST", lambda m: next(answers, None) or whole(m))
    simulation = lived(odd, SPEC)
    assert (simulation.condition()[1], "settles nothing" in message(simulation)) == (reason, False)
    simulation.api.annotate(NAMESPACE, NAME, {names.RESOLVE_ANNOTATION: value})
    asyncio.run(live(simulation))
    assert simulation.condition()[1] == reason
    body = simulation.resource()
    assert body is not None
    newest = f"{body['metadata']['uid']}/{body['status']['suspectedOrphans'][-1]['attempt']}"
    assert f'says "{value}", which settles nothing: the newest' in message(simulation)
    assert f'"{newest}"' in message(simulation)
    written = simulation.api.events[:]
    asyncio.run(live(simulation))
    assert simulation.api.events == written, "it is said once"
    simulation.api.annotate(NAMESPACE, NAME, {names.RESOLVE_ANNOTATION: newest})
    asyncio.run(live(simulation))
    assert "settles nothing" not in message(simulation)


def test_a_server_that_refuses_what_it_answered_itself_gets_every_edit() -> None:
    simulation = lived(Strict(), SPEC, EDITED, THIRD)
    assert simulation.server.calls == ["POST", "PUT", "PUT", "PUT"], (
        "once more with what is asked alone, then always so"
    )
    assert simulation.condition() == ("True", "Registered")
    assert [c["client_name"] for c in simulation.server.clients.values()] == ["a third"]


def test_a_server_that_names_a_wrong_address_gets_every_edit_and_the_deletion() -> None:
    simulation = lived(Keycloak21(), SPEC, EDITED, THIRD)
    assert simulation.server.calls == ["POST", "PUT", "PUT", "PUT"], "the second edit is refused once, then taken"
    assert simulation.condition() == ("True", "Registered")
    assert [c["client_name"] for c in simulation.server.clients.values()] == ["a third"]
    simulation.api.delete(NAMESPACE, NAME)
    asyncio.run(live(simulation))
    assert (simulation.resource(), simulation.server.clients) == (None, {})
    assert simulation.server.calls[4:] == ["DELETE", "DELETE"]


@pytest.mark.parametrize("hidden", ["{bcrypt}$2a$10$dXJ3SW6G7P50lGmMkkmwe", "**********"])
def test_a_hash_or_a_mask_overwrites_no_secret_that_worked(hidden: str) -> None:
    simulation = lived(OddServer("PUT", lambda m: whole(m, client_secret=hidden)), SPEC, EDITED)
    secret = simulation.secret()
    assert secret is not None
    assert base64.b64decode(secret["data"]["client_secret"]) == b"secret-1"
    assert simulation.server.calls == ["POST", "PUT"]
    assert "stays in the Secret" in message(simulation)


def test_a_secret_that_a_public_client_never_uses_makes_nothing_due() -> None:
    spec = {"issuer": ISSUER, "clientMetadata": {**SPEC["clientMetadata"], "token_endpoint_auth_method": "none"}}  # type: ignore[dict-item] # an object
    simulation = Simulation(fault=no_fault, server=OddServer("POST", lambda m: whole(m, client_secret_expires_at=1)))
    simulation.api.apply(NAMESPACE, NAME, spec)
    asyncio.run(live(simulation))
    assert simulation.condition() == ("True", "Registered")
    assert "oauth-operator.dev/due" not in simulation.record()["metadata"]["annotations"]
