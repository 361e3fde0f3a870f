"""The table of outcomes, row by row, for the POST that registers: what the record, the status and the issuer say after it."""

import pytest

from oauthclient_operator import names
from oauthclient_operator.record.attempts import AttemptState
from oauthclient_operator.record.calls import CallOutcome
from oauthclient_operator.verdict.verdict import SLOWLY
from tests.cluster.scenarios.registration_answers import answer, attempts, calls, cut
from tests.cluster.scenarios.room import WEB, Room, condition, conditions
from tests.parts.certificates import CertificateAuthority
from tests.parts.misbehaving import hang, leave, reset, respond, send
from tests.parts.misbehaving_issuer import MisbehavingIssuer, Spoil

pytestmark = pytest.mark.usefixtures("operator")


REJECTED = [
    pytest.param(
        answer(302),
        "RegistrationRejected",
        "the registration endpoint answers with a redirect (HTTP 302), which is not followed" + SLOWLY,
        id="302",
    ),
    pytest.param(
        answer(307),
        "RegistrationRejected",
        "the registration endpoint answers with a redirect (HTTP 307), which is not followed" + SLOWLY,
        id="307",
    ),
    pytest.param(
        answer(400, {"error": "invalid_client_metadata", "error_description": "no such scope"}),
        "RegistrationRejected",
        "the authorization server rejected the registration "
        '(HTTP 400 invalid_client_metadata: "no such scope"); correct spec.clientMetadata' + SLOWLY,
        id="400 of RFC 7591",
    ),
    pytest.param(
        answer(401),
        "RegistrationUnauthorized",
        "the authorization server does not let this operator register clients (HTTP 401); name a Secret with an "
        "initial access token in spec.registration.initialAccessToken, or let the server's administrator allow open "
        "registration" + SLOWLY,
        id="401 without a body",
    ),
    pytest.param(
        answer(403, {"error": "access_denied"}),
        "RegistrationUnauthorized",
        "the authorization server does not let this operator register clients (HTTP 403 access_denied); name a Secret "
        "with an initial access token in spec.registration.initialAccessToken, or let the server's administrator allow "
        "open registration" + SLOWLY,
        id="403",
    ),
    pytest.param(
        answer(413),
        "RegistrationRejected",
        "the authorization server rejected the registration (HTTP 413); correct spec.clientMetadata" + SLOWLY,
        id="413 of something in between",
    ),
]


@pytest.mark.parametrize(("spoil", "reason", "message"), REJECTED)
def test_rejected_leaves_nothing_behind_and_the_same_attempt_goes_on(
    spoil: Spoil, reason: str, message: str, room: Room, issuer: MisbehavingIssuer
) -> None:
    issuer.spoil("POST", spoil, applied=False)
    uid = room.apply("web", issuer.issuer)
    resource = room.wait_for("web", reason)
    assert condition(resource)["message"] == message
    assert conditions(resource)["Stalled"] == ("True", reason)
    assert "suspectedOrphans" not in resource["status"]
    record = room.record(uid)
    assert calls(record) == [(1, CallOutcome.REJECTED, 1)]
    assert (attempts(record), record.open) == ([(1, AttemptState.OPEN)], None)

    room.apply("web", issuer.issuer, metadata={"client_name": "Mended", "redirect_uris": ["https://shop.example/cb"]})
    room.wait_for("web", "Registered")
    record = room.record(uid)
    assert calls(record) == [(1, CallOutcome.REJECTED, 1), (2, CallOutcome.COMMITTED, 1)]
    assert attempts(record) == [(1, AttemptState.COMMITTED)]
    assert (issuer.calls, len(issuer.clients)) == (["POST", "POST"], 1)


AMBIGUOUS = [
    pytest.param(answer(408), "the answer was HTTP 408, which does not say whether the request took effect", id="408"),
    *(
        pytest.param(
            answer(status),
            f"the answer was HTTP {status}, which does not say whether the request took effect",
            id=str(status),
        )
        for status in (500, 501, 502, 503, 504)
    ),
    pytest.param(lambda _: reset, "the connection broke before the response was complete", id="reset"),
    pytest.param(
        lambda _: leave,
        "the connection ended, or what came is not HTTP, before the response was complete",
        id="end without a word",
    ),
    pytest.param(lambda _: hang, "no complete response within 6 s", id="timeout"),
    pytest.param(
        cut(b'"client_id"'),
        "the connection ended, or what came is not HTTP, before the response was complete",
        id="truncation before the client_id",
    ),
    pytest.param(
        cut(b'"registration_client_uri"'),
        "the connection ended, or what came is not HTTP, before the response was complete",
        id="truncation before the client can be managed",
    ),
]


@pytest.mark.parametrize(("spoil", "cause"), AMBIGUOUS)
def test_ambiguous_is_a_suspect_and_never_a_blind_retry(
    spoil: Spoil, cause: str, room: Room, issuer: MisbehavingIssuer
) -> None:
    issuer.spoil("POST", spoil, applied=True)
    uid = room.apply("web", issuer.issuer, policy={"ambiguous": "Hold"})
    resource = room.wait_for("web", "RegistrationAmbiguous")
    record = room.record(uid)
    assert calls(record) == [(1, CallOutcome.AMBIGUOUS, 1)]
    said = record.closed[0].said.description or ""
    assert said.startswith(cause)
    assert (attempts(record), record.clients, record.open) == ([(1, AttemptState.SUSPECT)], (), None)
    assert record.suspects[0].metadata == WEB
    (orphan,) = resource["status"]["suspectedOrphans"]
    assert (orphan["attempt"], orphan["issuer"]) == (1, issuer.issuer)
    assert condition(resource)["message"] == (
        f"the answer to registration attempt 1 at {issuer.issuer}/reg was lost ({said}): a client made between "
        f"{orphan['sentAt']} and {orphan['until']} may exist there; look for it at the authorization server and "
        f'remove it, then annotate this resource with oauth-operator.dev/resolve: "{uid}/1"'
    )
    assert conditions(resource) == {
        "Ready": ("False", "RegistrationAmbiguous"),
        "Registered": ("False", "RegistrationAmbiguous"),
        "SecretPublished": ("False", "RegistrationAmbiguous"),
        "Stalled": ("True", "RegistrationAmbiguous"),
    }
    assert not room.has_secret("web")
    assert issuer.calls == ["POST"]
    event = ("Warning", "RegistrationAmbiguous", condition(resource)["message"])
    room.wait_until(lambda: room.events("web") == [event], "one Event", seen=lambda: room.events("web"))


def test_a_client_that_could_be_read_out_of_a_broken_answer_is_removed(room: Room, issuer: MisbehavingIssuer) -> None:
    issuer.spoil("POST", lambda right: send(right[:-1]), applied=True)
    uid = room.apply("web", issuer.issuer)
    resource = room.wait_for("web", "Registered")
    assert issuer.calls == ["POST", "DELETE", "POST"]
    assert list(issuer.clients) == [resource["status"]["clientID"]] == [room.secret("web")["client_id"]]
    assert "suspectedOrphans" not in resource["status"]
    record = room.record(uid)
    assert attempts(record) == [(1, AttemptState.COMMITTED), (2, AttemptState.COMMITTED)]
    assert [client.alive for client in record.clients] == [False, True]


def test_not_sent_is_tried_again_by_the_same_attempt(room: Room, certificate_authority: CertificateAuthority) -> None:
    issuer = MisbehavingIssuer(certificate=certificate_authority.certificate())
    with issuer.server.in_thread():
        room.apply("first", issuer.issuer)
        room.wait_for("first", "Registered")
    # The metadata are known; now nobody listens.
    uid = room.apply("web", issuer.issuer)
    resource = room.wait_for("web", "IssuerUnavailable")
    assert condition(resource)["message"] == (
        f"issuer {issuer.issuer} is not available now: 127.0.0.1 cannot be connected to on port {issuer.server.port}: "
        "connection refused; it is tried again by itself"
    )
    assert "Stalled" not in conditions(resource)
    assert "suspectedOrphans" not in resource["status"]
    record = room.record(uid)
    assert {(outcome, attempt) for _, outcome, attempt in calls(record)} == {(CallOutcome.NOT_SENT, 1)}
    assert attempts(record) == [(1, AttemptState.OPEN)]
    with issuer.server.in_thread():
        room.wait_for("web", "Registered")
        assert attempts(room.record(uid)) == [(1, AttemptState.COMMITTED)]
        assert issuer.calls == ["POST", "POST"]


def test_429_waits_for_as_long_as_it_says(room: Room, issuer: MisbehavingIssuer) -> None:
    issuer.spoil("POST", lambda _: respond(429, retry_after="2"), applied=False)
    uid = room.apply("web", issuer.issuer)
    resource = room.wait_for("web", "IssuerUnavailable")
    assert condition(resource)["message"] == (
        "the authorization server asks to wait (HTTP 429); the request is repeated later"
    )
    assert "Stalled" not in conditions(resource)
    room.wait_for("web", "Registered", within=10)
    record = room.record(uid)
    assert calls(record) == [(1, CallOutcome.REJECTED, 1), (2, CallOutcome.COMMITTED, 1)]
    assert (record.closed[1].at - record.closed[0].at).total_seconds() >= 2


@pytest.mark.parametrize("status", [404, 405])
def test_an_endpoint_that_is_not_there_is_looked_up_again(status: int, room: Room, issuer: MisbehavingIssuer) -> None:
    old = issuer.server.url("/old")
    issuer.documents = lambda _, metadata: respond(200, {**metadata, "registration_endpoint": old})
    issuer.spoil("POST", answer(status), applied=False)
    issuer.spoil("POST", answer(status), applied=False)
    uid = room.apply("web", issuer.issuer)
    message = condition(room.wait_for("web", "RegistrationRejected"))["message"]
    assert message == (
        f"the registration endpoint does not register clients (HTTP {status}): correct "
        "spec.discovery.registrationEndpoint where it is written, or ask the server's administrator; the metadata are "
        "read again"
    )
    room.wait_until(lambda: len(issuer.fetched) == 2, "the metadata are read again")
    assert issuer.calls == ["POST"]

    issuer.documents = None
    other = room.apply("other", issuer.issuer)
    # What is remembered names the old place; it is looked up again, and the same attempt goes on at the new one.
    room.wait_for("other", "Registered")
    assert calls(room.record(other)) == [(1, CallOutcome.REJECTED, 1), (2, CallOutcome.COMMITTED, 1)]
    assert [closed.call.endpoint for closed in room.record(other).closed] == [old, issuer.server.url("/reg")]
    assert calls(room.record(uid)) == [(1, CallOutcome.REJECTED, 1)]


def test_hold_goes_on_when_a_person_has_looked(room: Room, issuer: MisbehavingIssuer) -> None:
    issuer.spoil("POST", lambda _: reset, applied=True)
    uid = room.apply("web", issuer.issuer, policy={"ambiguous": "Hold"})
    room.wait_for("web", "RegistrationAmbiguous")
    # The person looks, finds it, removes it and says so.
    issuer.clients.clear()
    room.annotate("web", names.RESOLVE_ANNOTATION, f"{uid}/1")
    resource = room.wait_for("web", "Registered")
    assert "suspectedOrphans" not in resource["status"]
    assert "Stalled" not in conditions(resource)
    record = room.record(uid)
    assert attempts(record) == [(1, AttemptState.SETTLED), (2, AttemptState.COMMITTED)]
    assert (issuer.calls, len(issuer.clients)) == (["POST", "POST"], 1)
