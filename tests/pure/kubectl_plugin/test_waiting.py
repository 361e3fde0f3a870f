"""When what was asked for is so, by what the resource says: each thing that can be asked for, and each way it ends."""

import hashlib
from typing import Any, Final

import pytest

from oauthclient_operator import names
from oauthclient_operator.kubectl_plugin import waiting

ASKED: Final = "2026-01-01T12:00:00.000+00:00"
FINGERPRINT: Final = hashlib.sha256(ASKED.encode()).hexdigest()[:16]
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


VALID: Final = condition("CredentialsValid", "True", "Proven", "accepted")
INVALID: Final = condition("CredentialsValid", "False", "CredentialsRefused", "see Ready")
UNMANAGED: Final[dict[str, Any]] = {"registration": {"registeredAt": ASKED, "manageable": False}}
REFUSED: Final = (
    "True",
    "Registered",
    f"registered; the read that the annotation {names.REFRESH_ANNOTATION} asked for",
)


@pytest.mark.parametrize(
    ("verb", "body", "expected"),
    [
        pytest.param("status", resource("status", READY), DONE, id="ready"),
        pytest.param("status", resource("status", STALLED), UNDER_WAY, id="somebody may mend it meanwhile"),
        pytest.param("status", resource("status", READY, seen=0), UNDER_WAY, id="of the generation before"),
        pytest.param("retry", resource("retry", READY, served=False), DONE, id="nothing waits"),
        pytest.param("retry", resource("retry", STALLED, served=False), UNDER_WAY, id="not tried yet"),
        pytest.param("retry", resource("retry", STALLED), NOT_DONE, id="tried, and refused again"),
        pytest.param("retry", resource("retry", WAITS), UNDER_WAY, id="tried, and it mends itself"),
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
        pytest.param("rotate", resource("rotate", WAITS), UNDER_WAY, id="the Secret is not written yet"),
        pytest.param("pause", resource("pause", READY), UNDER_WAY, id="not paused yet"),
        pytest.param("pause", resource("pause", READY, condition("Paused", "True", "Paused")), DONE, id="paused"),
        pytest.param("resume", resource("resume", READY, condition("Paused", "True", "Paused")), UNDER_WAY, id="still"),
        pytest.param("resume", resource("resume", WAITS), DONE, id="resumed"),
    ],
)
def test_what_was_asked_for_ends_as_its_resource_says(verb: str, body: dict[str, Any], expected: bool | None) -> None:
    found = waiting.outcome(verb, body)
    assert (None if found is None else found.done) is expected


@pytest.mark.parametrize("verb", sorted(ANNOTATIONS))
def test_who_asks_again_waits_for_what_was_asked_last(verb: str) -> None:
    body = resource(verb, STALLED, VALID)
    body["metadata"]["annotations"][ANNOTATIONS[verb]] = "another value"
    assert waiting.outcome(verb, body) is None


@pytest.mark.parametrize("verb", [*ANNOTATIONS, "pause", "resume", "status"])
def test_what_is_being_deleted_is_waited_for_no_longer(verb: str) -> None:
    body = resource(verb, WAITS, metadata={"deletionTimestamp": ASKED})
    found = waiting.outcome(verb, body)
    assert found is not None
    assert (found.done, found.said) == (False, "it is being deleted")


@pytest.mark.parametrize("verb", sorted(ANNOTATIONS))
def test_nothing_is_waited_for_while_it_is_paused(verb: str) -> None:
    paused = resource(verb, WAITS, metadata={"annotations": {names.PAUSED_ANNOTATION: "true"}})
    found = waiting.outcome(verb, paused)
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
    found = waiting.adopted(body, "c-1", known)
    assert (None if found is None else found.done) is expected


def test_where_it_stands_is_one_sentence() -> None:
    assert waiting.progress("retry", resource("retry", READY)) == "Ready is True (Registered)"
    assert waiting.progress("retry", resource("retry", STALLED)) == "Ready is False (RegistrationRejected): refused"
    renewing = condition("Renewing", "False", "RenewalFailed", "the server is away")
    assert waiting.progress("rotate", resource("rotate", READY, renewing)) == (
        "Ready is True (Registered); Renewing is False (RenewalFailed): the server is away"
    )
