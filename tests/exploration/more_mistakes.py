"""More deliberate mistakes: of suspects, claims, published Secrets and records whose resource is gone."""

from collections.abc import Mapping
from typing import Final

from tests.exploration.issuer import Dialect
from tests.exploration.mistakes import Mistake

STAYS = Dialect(rotates=False)
RENEWS = Dialect(rotates=False, renews=True)

MORE_MISTAKES: Final = (
    Mistake(
        "a resource goes as confirmed with suspects",
        "record.record",
        "return bool(record.suspects) or record.untold is not None or any(",
        "return any(",
        "apply with Hold, delete",
        "ANSWER_LOST",
        calm=0,
    ),
    Mistake(
        "a Secret is written without a live look at its record",
        "reconcile.effects",
        "if isinstance(write, Amendment) or stored.record.edition > 1:",
        "if False:",
        "apply, edit",
        surprises=0,
        dialect=RENEWS,
    ),
    Mistake(
        "suspects have no limit",
        "plan.registration",
        "if desired.ambiguous is AmbiguousPolicy.HOLD or len(suspects) >= observed.limits.suspects:",
        "if desired.ambiguous is AmbiguousPolicy.HOLD:",
        "apply",
        "ANSWER_LOST exchange",
        4,
    ),
    Mistake(
        "Hold is ignored",
        "plan.registration",
        "if desired.ambiguous is AmbiguousPolicy.HOLD or",
        "if",
        "apply with Hold",
        "ANSWER_LOST",
    ),
    Mistake(
        "an own claim is not known again",
        "reconcile.calls",
        "if record.open.nonce == nonce:\n                    return record",
        "if False:\n                    return record",
        "apply, edit",
        "ANSWER_LOST",
    ),
    Mistake(
        "a claim is made on a record that moved on",
        "reconcile.calls",
        "if isinstance(stored, Stored) and record != stored.record:",
        "if False:",
        "apply, edit",
        "SLEEPS_AFTER exchange, the sleeper wakes, is postponed:",
        3,
    ),
    Mistake(
        "a Secret is published of a resource that is deleted",
        "plan.ladder",
        "if resource.deleting:\n        return plan_deletion(observed, resource, desired, now)",
        "if resource.deleting and not (observed.live and isinstance(observed.secret, Unread)):\n"
        "        return plan_deletion(observed, resource, desired, now)",
        "apply, delete",
        "act delete the Secret",
    ),
    Mistake(
        "a Secret is healed as often as it is changed",
        "plan.pauses",
        "if healed_at is None or heals < HEALS_AT_ONCE:",
        "if True:",
        "apply" + ", change the Secret" * 9,
        surprises=0,
    ),
    Mistake(
        "surplus clients stay",
        "plan.surplus",
        "for client in record.surplus:",
        "for client in ():",
        "apply",
        "SLEEPS_AFTER exchange",
    ),
    Mistake(
        "a resource rests on whatever was confirmed",
        "plan.ladder",
        "        and (observed.waits_for_another or summary.confirmed == metadata.digest())\n",
        "",
        "apply, edit",
        "SLEEPS_INSIDE, act edit back",
        2,
        dialect=STAYS,
    ),
    Mistake(
        "what a cut answer holds is dropped",
        "record.registering",
        "if not all(failure.salvage.get(n) for n in",
        "if True or not all(failure.salvage.get(n) for n in",
        "apply",
        "CUT_LATE",
    ),
    Mistake(
        "a late refusal leaves the suspect",
        "record.registering",
        "late = attempt is not None and attempt.state is not AttemptState.OPEN",
        "late = False",
        "apply",
        "SLEEPS_BEFORE exchange",
    ),
    Mistake(
        "a client that could not be written down is not ended",
        "reconcile.answers",
        "if is_new and information.registration_client_uri and information.registration_access_token:",
        "if False:",
        "apply",
        "REFUSED_LONG patch",
        calm=0,
    ),
    Mistake(
        "a status that is older than its record counts as rest",
        "plan.ladder",
        "        and orphans == {*summary.suspects[-REPORTED_ORPHANS:]}\n",
        "",
        "apply",
        "SLEEPS_BEFORE exchange",
    ),
    Mistake(
        "a record of which nobody has told counts as rest",
        "plan.ladder",
        "        and _tells_what_is_recorded(status, summary)\n        and status.served == summary.served\n",
        "",
        "apply, read",
        "DIES_AFTER patch",
        dialect=Dialect(reads_renew=True),
    ),
)

OUT_OF_REACH: Final[Mapping[str, str]] = {
    "a server that holds one key is told two all the same": (
        "a key is rotated at the same client only where proofs tell, and they find out that the first is refused"
    ),
    "a client that others have is deregistered": "the look right before the first byte holds the DELETE back as well",
    "nobody looks again who shares a client before its DELETE": "what it prevents is decided: a client given out twice",
    "a late answer to an update is never taken": "its token is a spare then, which is used where the old one is refused",
    "a release is not judged again when it is written": "an answer has to arrive between two writes: tests/pure/record",
    "a record is forgotten that was not judged on what was read": "likewise, between two looks: tests/pure/plan",
    "one word of a gateway leaves a client behind": "it is tried a day later, and ended: tests/pure/plan/test_surplus.py",
    "what was left behind stays so, though a late answer brought a token that works": "likewise, with that token",
    "a record is forgotten at once": "it is judged twice, by its metadata and by what was read",
}
"""Mistakes that no exploration of this world finds, each with the reason."""
