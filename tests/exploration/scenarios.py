"""The small worlds that are explored."""

from tests.exploration.issuer import LIFETIME, Dialect
from tests.exploration.scenario import Scenario

STAYS = Dialect(rotates=False)
RENEWS = Dialect(rotates=False, renews=True)
RENEWS_ALL = Dialect(renews=True)
READS_RENEW = Dialect(reads_renew=True)
SINGLE_USE = Dialect(single_use=True)
REPEATS = Dialect(rotates=False, repeats_itself=True)
GIVES_AGAIN = Dialect(rotates=False, gives_again=True)
PROVABLE = Dialect(provable=True)
MORTAL = Dialect(rotates=False, lifetime=LIFETIME)
MORTAL_RENEWED = Dialect(rotates=False, renews=True, lifetime=LIFETIME)
PARTICULAR = Dialect(rotates=False, lifetime=LIFETIME, particular=True)
ONE_KEY = Dialect(provable=True, one_key=True)
OF_CALLS = frozenset(
    f"{fault} exchange"
    for fault in (
        "DIES_BEFORE",
        "DIES_AFTER",
        "SLEEPS_AFTER",
        "LATE",
        "ANSWER_LOST",
        "UNAUTHORIZED",
        "CUT_EARLY",
        "PAGE",
    )
)
AT_PROOFS = frozenset({"NOT_HEARD", "LOST prove", "DIES_BEFORE prove", "SLEEPS_AFTER prove"})
"""What happens in longer worlds: all else happens in the shorter ones, to the same call sites."""

_ALL = (
    Scenario(
        name="create",
        acts=("apply",),
        anytime=(
            "edit",
            "delete",
            "rename",
            "retain",
            "resolve",
            "delete the record",
            "delete the Secret",
            "force away",
            "run a newer version for a while",
        ),
    ),
    Scenario(name="hold", acts=("apply with Hold",), anytime=("resolve", "edit", "delete")),
    Scenario(
        name="single use",
        dialect=SINGLE_USE,
        acts=("bring a token", "apply with a token"),
        anytime=("bring a token", "resolve", "delete"),
        calm=1,
    ),
    Scenario(
        name="change",
        acts=("apply", "edit", "edit back"),
        anytime=("edit", "edit back", "delete", "delete the Secret", "delete the record", "restore from a backup"),
        calm=1,
    ),
    Scenario(
        name="change, the token stays", dialect=STAYS, acts=("apply", "edit"), anytime=("edit back", "delete"), calm=1
    ),
    Scenario(
        name="change, new secrets",
        dialect=RENEWS,
        acts=("apply", "edit"),
        anytime=("edit back", "delete the Secret", "change the Secret", "delete"),
        calm=1,
    ),
    Scenario(
        name="change, new secrets and tokens",
        dialect=RENEWS_ALL,
        acts=("apply", "edit"),
        anytime=("edit back", "delete"),
        calm=1,
    ),
    Scenario(name="refresh", acts=("apply", "refresh"), anytime=("refresh again", "edit", "delete"), calm=1),
    Scenario(
        name="refresh, new secrets and tokens",
        dialect=READS_RENEW,
        acts=("apply", "refresh"),
        anytime=("refresh again", "edit", "delete"),
        calm=1,
    ),
    Scenario(name="read, new secrets and tokens", dialect=READS_RENEW, acts=("apply", "read"), calm=1),
    Scenario(
        name="delete",
        acts=("apply", "delete", "apply"),
        anytime=("retain", "edit", "delete the record", "force away", "apply"),
        calm=1,
    ),
    Scenario(
        name="delete, the token stays", dialect=STAYS, acts=("apply", "delete"), anytime=("retain", "edit"), calm=1
    ),
    Scenario(name="retain", acts=("apply", "retain", "delete"), calm=1),
    Scenario(
        name="rename",
        acts=("apply", "rename", "rename back"),
        anytime=("delete the Secret", "rename", "rename back", "delete"),
        calm=1,
    ),
    Scenario(
        name="one client for two",
        dialect=REPEATS,
        acts=("apply", "apply other"),
        anytime=("delete", "delete other", "apply", "edit", "force away"),
        calm=1,
    ),
    Scenario(
        name="one client of two deleted",
        dialect=REPEATS,
        acts=("apply", "apply other", "delete", "delete other"),
        anytime=("apply", "edit"),
        calm=2,
    ),
    Scenario(
        name="client given out again",
        dialect=GIVES_AGAIN,
        acts=("apply", "delete", "apply"),
        anytime=("edit", "delete", "apply", "force away"),
        calm=1,
    ),
    Scenario(
        name="rotate",
        acts=("apply to be rotated", "rotate"),
        anytime=("rotate again", "edit", "delete", "delete the Secret", "rename"),
        calm=1,
    ),
    Scenario(
        name="rotate, proven",
        dialect=PROVABLE,
        acts=("apply with Reregister", "rotate"),
        anytime=("the server ends the client", "prove"),
        calm=1,
        only=frozenset({*AT_PROOFS, "act the server ends the client", "act prove"}),
    ),
    Scenario(
        name="keys",
        dialect=PROVABLE,
        acts=("apply with keys", "prove", "rotate"),
        anytime=("rotate again", "back from keys", "delete"),
        calm=2,
        only=frozenset({*OF_CALLS, *AT_PROOFS, "act rotate again", "act back from keys", "act delete"}),
    ),
    Scenario(name="keys, one at a time", dialect=ONE_KEY, acts=("apply with keys", "rotate"), calm=1, only=OF_CALLS),
    Scenario(
        name="to keys and back",
        acts=("apply to be rotated", "to keys"),
        anytime=("back from keys", "delete"),
        calm=1,
        only=frozenset({*OF_CALLS, "act back from keys", "act delete"}),
    ),
    Scenario(
        name="gone",
        dialect=PROVABLE,
        acts=("apply with Reregister", "the server ends the client", "edit"),
        anytime=("edit back",),
        calm=2,
        only=frozenset({*OF_CALLS, *AT_PROOFS, "act edit back"}),
    ),
    Scenario(
        name="adopt",
        acts=("make a client by hand", "apply to adopt"),
        anytime=("apply other to adopt", "edit", "delete"),
        calm=1,
    ),
    Scenario(
        name="adopt another token",
        acts=("apply", "make another token", "edit", "adopt"),
        anytime=("delete",),
        calm=2,
        only=frozenset({*OF_CALLS, "act delete"}),
    ),
    Scenario(
        name="older record",
        acts=("apply to be rotated", "back the record up", "rotate", "take the record back"),
        anytime=("take the record back", "edit", "delete", "delete the Secret", "rotate again"),
        calm=2,
        only=frozenset({"DIES_BEFORE", "SLEEPS_AFTER exchange", "ANSWER_LOST exchange", "LATE exchange", "act"}),
    ),
    Scenario(
        name="expire",
        dialect=MORTAL,
        acts=("apply to be rotated", "days pass"),
        anytime=("edit", "rotate", "delete", "pause"),
        calm=1,
        only=frozenset({*OF_CALLS, "DIES_BEFORE", "act"}),
    ),
    Scenario(
        name="expire, renewed by an update",
        dialect=MORTAL_RENEWED,
        acts=("apply with Server", "days pass"),
        anytime=("edit", "delete"),
        calm=1,
        only=frozenset({*OF_CALLS, "act"}),
    ),
    Scenario(
        name="expire beside an edit that is refused",
        dialect=PARTICULAR,
        acts=("apply to be rotated", "edit", "days pass"),
        anytime=("edit back", "to keys", "move"),
        calm=2,
        only=frozenset({"DIES_BEFORE exchange", "ANSWER_LOST exchange", "UNAUTHORIZED exchange", "act"}),
    ),
    Scenario(
        name="move",
        acts=("apply to be rotated", "move"),
        anytime=("move back", "edit", "rotate", "delete"),
        calm=1,
        only=frozenset({*OF_CALLS, "DIES_BEFORE", "act"}),
    ),
    Scenario(
        name="move, proven",
        dialect=PROVABLE,
        acts=("apply with Reregister", "the server ends the client", "move"),
        anytime=("move back", "prove"),
        calm=2,
        only=frozenset({*AT_PROOFS, "act"}),
    ),
    Scenario(
        name="pause",
        acts=("apply to be rotated", "rotate", "go on"),
        anytime=("pause", "go on", "edit", "delete"),
        calm=1,
        only=frozenset({"act pause", "act go on", "act edit", "act delete"}),
    ),
    Scenario(
        name="pause, then delete",
        acts=("apply", "pause", "delete", "go on"),
        anytime=("pause", "go on"),
        calm=2,
        only=frozenset({*OF_CALLS, "act"}),
    ),
)
SCENARIOS = {scenario.name: scenario for scenario in _ALL}
