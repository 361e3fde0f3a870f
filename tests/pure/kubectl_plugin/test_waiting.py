"""When what was asked for is so, by what the resource says: each thing that can be asked for, and each way it ends."""

from typing import Any, Final

import pytest

from oauthclient_operator import names
from oauthclient_operator.kubectl_plugin import waiting
from oauthclient_operator.resource.served import fingerprint

ASKED: Final = "2026-01-01T12:00:00.000+00:00"
FINGERPRINT: Final = fingerprint(ASKED)
ANNOTATIONS: Final = {
    "retry": names.RETRY_ANNOTATION,
    "refresh": names.REFRESH_ANNOTATION,
    "rotate": names.ROTATE_ANNOTATION,
    "prove": names.PROVE_ANNOTATION,
}
UNDER_WAY: Final = None
DONE, NOT_DONE = True, False
READY: Final = ("True", "Registered", "registered and published")
WAITS: Final = ("False", "IssuerUnavailable", "no answer; it is asked again")
STALLED: Final = ("False", "RegistrationRejected", "refused", "stalled")


def condition(kind: str, status: str, reason: str, message: str = "") -> dict[str, Any]:
    return {"type": kind, "status": status, "reason": reason, "message": message, "lastTransitionTime": ASKED}


def resource(
    verb: str,
    ready: tuple[str, ...],
    *more: dict[str, Any],
    served: bool = True,
    seen: int = 1,
    metadata: dict[str, Any] | None = None,
    **status: Any,
) -> dict[str, Any]:
    conditions = [condition("Ready", *ready[:3]), *more]
    if "stalled" in ready:
        conditions.append(condition("Stalled", "True", ready[1]))
    asked = {ANNOTATIONS[verb]: ASKED} if verb in ANNOTATIONS else {}
    return {
        "metadata": {"namespace": "shop", "name": "web", "generation": 1, "annotations": asked, **(metadata or {})},
        "status": {
            "observedGeneration": seen,
            "conditions": conditions,
            **({"served": {verb: FINGERPRINT}} if served and verb in ANNOTATIONS else {}),
            **status,
        },
    }


def asked(verb: str) -> waiting.Asked | None:
    return waiting.Asked(verb=verb, value=FINGERPRINT, edition=1) if verb in ANNOTATIONS else None


RENEWING: Final = condition("Renewing", "True", "Renewing", "is being replaced")
FAILED: Final = condition("Renewing", "False", "RenewalFailed", "the server is away")
REQUESTED: Final[dict[str, Any]] = {"rotation": {"publishedAt": "2026-01-01T12:00:00Z", "reasons": ["Requested"]}}
VALID: Final = condition("CredentialsValid", "True", "Proven", "accepted")
INVALID: Final = condition("CredentialsValid", "False", "CredentialsRefused", "see Ready")
UNMANAGED: Final[dict[str, Any]] = {"registration": {"registeredAt": ASKED, "manageable": False}}
REFUSED: Final = (
    "True",
    "Registered",
    f"registered; a read of the client (the annotation {names.REFRESH_ANNOTATION} asks for one) was refused",
)


@pytest.mark.parametrize(
    ("verb", "body", "expected"),
    [
        pytest.param("status", resource("status", READY), DONE, id="ready"),
        pytest.param("status", resource("status", STALLED), UNDER_WAY, id="somebody may mend it meanwhile"),
        pytest.param("status", resource("status", READY, seen=0), UNDER_WAY, id="of the generation before"),
        pytest.param("retry", resource("retry", READY, served=False, clientID="c"), UNDER_WAY, id="no operator yet"),
        pytest.param("retry", resource("retry", READY, clientID="c"), DONE, id="nothing waited"),
        pytest.param("retry", resource("retry", STALLED, served=False), UNDER_WAY, id="not tried yet"),
        pytest.param("retry", resource("retry", STALLED), NOT_DONE, id="tried, and refused again"),
        pytest.param("retry", resource("retry", WAITS), UNDER_WAY, id="tried, and it mends itself"),
        pytest.param("refresh", resource("refresh", STALLED, served=False), NOT_DONE, id="nothing to be read yet"),
        pytest.param("prove", resource("prove", STALLED, served=False), NOT_DONE, id="nothing to be proven yet"),
        pytest.param("rotate", resource("rotate", STALLED, served=False), NOT_DONE, id="nothing to be replaced yet"),
        pytest.param("rotate", resource("rotate", WAITS, served=False), UNDER_WAY, id="a client is on its way"),
        pytest.param(
            "rotate", resource("rotate", STALLED, served=False, clientID="c"), UNDER_WAY, id="one is published"
        ),
        pytest.param("refresh", resource("refresh", READY, served=False), UNDER_WAY, id="not read yet"),
        pytest.param("refresh", resource("refresh", READY), DONE, id="read"),
        pytest.param("refresh", resource("refresh", REFUSED), NOT_DONE, id="the read was refused"),
        pytest.param("refresh", resource("refresh", READY, **UNMANAGED), NOT_DONE, id="it cannot be read"),
        pytest.param("refresh", resource("refresh", WAITS), UNDER_WAY, id="an update follows the read"),
        pytest.param("prove", resource("prove", READY, VALID, served=False), UNDER_WAY, id="accepted before"),
        pytest.param("prove", resource("prove", READY, VALID), DONE, id="accepted"),
        pytest.param("prove", resource("prove", STALLED, INVALID), NOT_DONE, id="refused"),
        pytest.param("prove", resource("prove", READY), NOT_DONE, id="nobody told"),
        pytest.param("rotate", resource("rotate", READY, served=False), UNDER_WAY, id="not replaced yet"),
        pytest.param("rotate", resource("rotate", READY), DONE, id="replaced"),
        pytest.param("rotate", resource("rotate", READY, edition=2), DONE, id="replaced, and said which edition"),
        pytest.param("rotate", resource("rotate", WAITS), UNDER_WAY, id="the Secret is not written yet"),
        pytest.param("rotate", resource("rotate", READY, RENEWING, **REQUESTED), UNDER_WAY, id="begun"),
        pytest.param("rotate", resource("rotate", READY, FAILED, **REQUESTED), UNDER_WAY, id="begun, and it fails"),
        pytest.param("rotate", resource("rotate", READY, FAILED, served=False), UNDER_WAY, id="it fails"),
        pytest.param("rotate", resource("rotate", READY, FAILED, edition=1), NOT_DONE, id="it came to nothing"),
        pytest.param("rotate", resource("rotate", READY, edition=1), NOT_DONE, id="the same is published"),
        pytest.param("rotate", resource("rotate", READY, FAILED, edition=2), DONE, id="replaced, and another is due"),
        pytest.param("pause", resource("pause", READY), UNDER_WAY, id="not paused yet"),
        pytest.param("pause", resource("pause", READY, condition("Paused", "True", "Paused")), DONE, id="paused"),
        pytest.param("resume", resource("resume", READY, condition("Paused", "True", "Paused")), UNDER_WAY, id="still"),
        pytest.param("resume", resource("resume", WAITS), DONE, id="resumed"),
    ],
)
def test_what_was_asked_for_ends_as_its_resource_says(verb: str, body: dict[str, Any], expected: bool | None) -> None:
    found = waiting.outcome(verb, body, asked(verb))
    assert (None if found is None else found.done) is expected


def test_of_a_proof_that_was_refused_the_sentence_is_told_that_ready_has() -> None:
    refused = ("False", "CredentialsRefused", "the server refuses them")
    found = waiting.outcome("prove", resource("prove", refused, INVALID), asked("prove"))
    assert found == waiting.Outcome(done=False, said="the server refuses them")


@pytest.mark.parametrize("verb", sorted(ANNOTATIONS))
def test_who_asks_again_waits_for_what_was_asked_last(verb: str) -> None:
    body = resource(verb, STALLED, VALID, served=False, clientID="c")
    body["metadata"]["annotations"][ANNOTATIONS[verb]] = "another value"
    assert waiting.outcome(verb, body, asked(verb)) is None
    body["status"]["served"] = {verb: fingerprint("another value")}
    assert waiting.outcome(verb, body, asked(verb)) is not None


@pytest.mark.parametrize("verb", sorted(ANNOTATIONS))
@pytest.mark.parametrize("before", [None, "before"])
def test_what_was_taken_away_before_it_was_served_is_not_done(verb: str, before: str | None) -> None:
    body = resource(verb, READY, VALID, served=False, clientID="c")
    body["metadata"]["annotations"] = {} if before is None else {ANNOTATIONS[verb]: before}
    if before is not None:
        body["status"]["served"] = {verb: fingerprint(before)}
    asks = waiting.Asked.of(verb, ASKED, body)
    found = waiting.outcome(verb, body, asks)
    assert found is not None
    assert (found.done, "taken away again" in found.said) == (False, True)
    body["status"]["served"] = {verb: FINGERPRINT}
    served = waiting.outcome(verb, body, asks)
    assert served is not None
    assert "taken away" not in served.said


def test_of_a_client_that_cannot_be_read_the_sentence_is_told_that_ready_has() -> None:
    registered = condition("Registered", "True", "ManagementLost", 'client "c" is registered; see Ready')
    lost = ("False", "ManagementLost", "the server no longer accepts the token")
    found = waiting.outcome("refresh", resource("refresh", lost, registered, **UNMANAGED), asked("refresh"))
    assert found == waiting.Outcome(done=False, said="the server no longer accepts the token")


def test_a_deletion_is_paused_and_resumed() -> None:
    going = {"deletionTimestamp": ASKED}
    resumed = waiting.outcome("resume", resource("resume", WAITS, metadata=going))
    assert resumed is not None
    assert (resumed.done, "its deletion goes on" in resumed.said) == (True, True)
    pausing = {**going, "annotations": {names.PAUSED_ANNOTATION: "true"}}
    assert waiting.outcome("pause", resource("pause", WAITS, metadata=pausing)) is None
    body = resource("pause", WAITS, condition("Paused", "True", "Paused"), metadata=pausing)
    paused = waiting.outcome("pause", body)
    assert paused is not None
    assert paused.done


@pytest.mark.parametrize("verb", [*ANNOTATIONS, "status"])
def test_what_is_being_deleted_is_waited_for_no_longer(verb: str) -> None:
    body = resource(verb, WAITS, metadata={"deletionTimestamp": ASKED})
    found = waiting.outcome(verb, body, asked(verb))
    assert found is not None
    assert (found.done, found.said) == (False, "it is being deleted")


@pytest.mark.parametrize("verb", sorted(ANNOTATIONS))
def test_nothing_is_waited_for_while_it_is_paused(verb: str) -> None:
    paused = resource(verb, WAITS, metadata={"annotations": {names.PAUSED_ANNOTATION: "true"}})
    found = waiting.outcome(verb, paused, asked(verb))
    assert found is not None
    assert "resume" in found.said


@pytest.mark.parametrize(
    ("body", "known", "expected"),
    [
        pytest.param(resource("retry", READY, clientID="c-1"), "", DONE, id="published"),
        pytest.param(resource("retry", READY, clientID="c-0", served=False), "", UNDER_WAY, id="another one still"),
        pytest.param(resource("retry", STALLED, served=False), "refused", UNDER_WAY, id="as it was before"),
        pytest.param(resource("retry", STALLED, served=False), "another", NOT_DONE, id="news"),
        pytest.param(resource("retry", STALLED), "refused", NOT_DONE, id="the same again"),
        pytest.param(resource("retry", WAITS), "", UNDER_WAY, id="it mends itself"),
    ],
)
def test_an_adoption_ends_with_that_client_or_with_what_keeps_it(
    body: dict[str, Any], known: str, expected: bool | None
) -> None:
    found = waiting.adopted(body, "c-1", waiting.Asked(verb="retry", value=FINGERPRINT), known)
    assert (None if found is None else found.done) is expected


def test_that_a_client_was_published_before_says_nothing_of_what_is_handed_over_now() -> None:
    body = resource("retry", READY, served=False, clientID="c-1")
    asks = waiting.Asked.of("retry", ASKED, body)
    assert waiting.adopted(body, "c-1", asks) is None
    served = waiting.adopted(resource("retry", READY, clientID="c-1"), "c-1", asks)
    assert served is not None
    assert served.done
    body["metadata"]["annotations"] = {}
    away = waiting.adopted(body, "c-1", asks)
    assert away is not None
    assert (away.done, "taken away again" in away.said) == (False, True)


def test_where_it_stands_is_one_sentence() -> None:
    assert waiting.progress("retry", resource("retry", READY)) == "Ready is True (Registered)"
    assert waiting.progress("retry", resource("retry", STALLED)) == "Ready is False (RegistrationRejected): refused"
    renewing = condition("Renewing", "False", "RenewalFailed", "the server is away")
    assert waiting.progress("rotate", resource("rotate", READY, renewing)) == (
        "Ready is True (Registered); Renewing is False (RenewalFailed): the server is away"
    )
