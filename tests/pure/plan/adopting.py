"""Steps of an adoption, for the tests of it: all is at hand that is not given otherwise."""

from dataclasses import replace
from typing import Any, Final

from oauthclient_operator.names import RETRY_ANNOTATION, Reason
from oauthclient_operator.plan import plan
from oauthclient_operator.plan.action import (
    Action,
    Wait,
)
from oauthclient_operator.plan.observed import Limits, Missing, Observed, Problem
from oauthclient_operator.record.record import Record
from oauthclient_operator.verdict.adopting import adoption_failed
from oauthclient_operator.verdict.verdict import Verdict
from tests.pure.plan.replacing import ready
from tests.pure.record.adoptions import (
    handed,
)
from tests.pure.values import NOW, desired, empty_record, registered_record, resource, secret

ADOPT: Final[dict[str, Any]] = {"adopt": {"secretRef": {"name": "web-client"}}}
OTHER: Final = "https://other.example"
SLOWLY: Final = NOW + Limits().retry_slowly
FREE: Final[dict[str, Any]] = {"held_by_other": False, "held_by_other_live": False}
AGAIN: Final[dict[str, Any]] = {"annotations": {RETRY_ANNOTATION: "now"}}
BROKEN: Final = Problem(Verdict(reason=Reason.DISCOVERY_FAILED, message="down"))
GONE: Final = Problem(adoption_failed("Secret web-client does not exist"))
OWNED: Final = secret(registered_record())


def step(record: Record | None = None, now: Any = NOW, spec: dict[str, Any] | None = None, **given: Any) -> Action:
    """Return the next step of a resource that adopts; all is at hand that is not given otherwise."""
    options = {name: given.pop(name) for name in ("annotations", "status", "finalizer") if name in given}
    seen: dict[str, Any] = {
        "resource": resource(spec={**ADOPT, **(spec or {})}, **options),
        "handed_over": handed(),
        "secret": Missing(),
        **FREE,
    }
    if record is not None and record.published is not None:
        del seen["secret"]
    found = without_record(**{**seen, **given}) if record is None else ready(record, **{**seen, **given})
    return plan(found, desired(spec={**ADOPT, **(spec or {})}, **options), now)


def without_record(**values: Any) -> Observed:
    """Return what is observed where there is no record."""
    found = ready(empty_record(), **values)
    return replace(found, record=values.get("record", Missing()))


def said(action: Action) -> str:
    assert isinstance(action, Wait)
    assert action.verdict.reason is Reason.ADOPTION_FAILED
    return action.verdict.message
