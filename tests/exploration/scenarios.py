"""The small worlds that are explored."""

from tests.exploration.issuer import Dialect
from tests.exploration.scenario import Scenario

STAYS = Dialect(rotates=False)
RENEWS = Dialect(rotates=False, renews=True)
RENEWS_ALL = Dialect(renews=True)
SINGLE_USE = Dialect(single_use=True)
REPEATS = Dialect(rotates=False, repeats_itself=True)

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
)
SCENARIOS = {scenario.name: scenario for scenario in _ALL}
