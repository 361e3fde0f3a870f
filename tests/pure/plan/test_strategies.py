"""How what is published is replaced: one table, in the code as on the page."""

import re
from pathlib import Path

import pytest

from oauthclient_operator.plan.strategies import BY_NAME, BY_UPDATE, HOLDINGS, STRATEGIES, Holding, strategy
from oauthclient_operator.record.pairs import Credential, NoCredential, OwnKey, SecretOf
from oauthclient_operator.record.replacements import ReplacementReason, Strategy
from oauthclient_operator.resource.rotation import Rotation, RotationStrategy

pytestmark = pytest.mark.contract

PAGE = (Path(__file__).parents[3] / "docs" / "life.md").read_text()
COLUMNS = {
    (SecretOf, True): "client secret, manageable",
    (SecretOf, False): "client secret, not manageable",
    (NoCredential, True): "no secret, manageable",
    (NoCredential, False): "no secret, not manageable",
    (OwnKey, True): "private key, another fits beside",
    (OwnKey, False): "private key, no other fits beside",
}
BY_NAME_SERVER = ", by name `Server`"
OF_ANOTHER_CLIENT = {
    *(ReplacementReason.MOVED, ReplacementReason.GONE, ReplacementReason.UNMANAGEABLE),
    # Of a key alone nothing expires: it is the client that ends.
    ReplacementReason.EXPIRY,
}


def test_the_table_of_the_page_is_that_of_the_code() -> None:
    header, _, *rows = re.findall(
        r"^\| (.+) \|$", PAGE.partition("## When, and how")[2].partition("\n\n*")[0], re.MULTILINE
    )
    assert header.split(" | ")[2:] == [COLUMNS[holding] for holding in HOLDINGS]
    shown = {cells[0]: cells[2:] for cells in (row.split(" | ") for row in rows)}
    assert shown == {
        f"`{reason}`": [
            f"`{table[h]}`{BY_NAME_SERVER if h in BY_UPDATE.get(reason, ()) else ''}" if h in table else "\u2013"
            for h in HOLDINGS
        ]
        for reason, table in STRATEGIES.items()
    }


def test_the_table_knows_every_reason_and_the_page_says_which_costs_have_to_be_named() -> None:
    assert set(STRATEGIES) == set(ReplacementReason)
    rows = re.findall(r"^\| `(\w+)` \|.*another client only with `strategy: Reregister`", PAGE, re.MULTILINE)
    assert rows == [str(reason) for reason in BY_NAME]


@pytest.mark.parametrize("reason", ReplacementReason)
@pytest.mark.parametrize("chosen", RotationStrategy)
def test_by_the_calendar_it_is_done_by_name_alone(reason: ReplacementReason, chosen: RotationStrategy) -> None:
    found = strategy(reason, SecretOf("f"), Rotation(strategy=chosen), manageable=True)
    if chosen is RotationStrategy.SERVER and reason in BY_UPDATE:
        assert found is Strategy.SERVER
        return
    by_name = reason is ReplacementReason.INTERVAL and chosen is not RotationStrategy.REREGISTER
    assert found is (None if by_name else Strategy.REREGISTER)


@pytest.mark.parametrize("reason", ReplacementReason)
@pytest.mark.parametrize("chosen", [c for c in RotationStrategy if c is not RotationStrategy.SERVER])
@pytest.mark.parametrize("manageable", [True, False])
def test_a_key_follows_a_key_where_one_can_and_a_client_only_where_that_is_not_ruled_out(
    reason: ReplacementReason, chosen: RotationStrategy, manageable: bool
) -> None:
    found = strategy(reason, OwnKey("k"), Rotation(strategy=chosen), manageable=manageable)
    if reason is ReplacementReason.DOUBTFUL:
        assert found is None
    elif chosen is RotationStrategy.REREGISTER or reason in OF_ANOTHER_CLIENT:
        assert found is Strategy.REREGISTER
    elif manageable:
        assert found is Strategy.KEYS
    elif chosen is RotationStrategy.KEYS or reason is ReplacementReason.INTERVAL:
        assert found is None
    else:
        assert found is Strategy.REREGISTER


@pytest.mark.parametrize("manageable", [True, False])
@pytest.mark.parametrize("reason", ReplacementReason)
@pytest.mark.parametrize("credential", [SecretOf("f"), NoCredential(), OwnKey("k")], ids=lambda c: type(c).__name__)
def test_an_update_of_the_client_itself_is_done_by_name_alone(
    credential: Credential, reason: ReplacementReason, manageable: bool
) -> None:
    for chosen in (RotationStrategy.AUTO, RotationStrategy.KEYS, RotationStrategy.REREGISTER):
        found = strategy(reason, credential, Rotation(strategy=chosen), manageable=manageable)
        assert found is not Strategy.SERVER


@pytest.mark.parametrize(
    ("reason", "credential", "manageable", "how"),
    [
        (ReplacementReason.EXPIRY, SecretOf("f"), True, Strategy.SERVER),
        # What expires is an outage where no update can bring another.
        (ReplacementReason.EXPIRY, SecretOf("f"), False, Strategy.REREGISTER),
        (ReplacementReason.KEY_CHANGED, SecretOf("f"), True, Strategy.SERVER),
        # Who wants to keep the client keeps it, and its method.
        (ReplacementReason.KEY_CHANGED, SecretOf("f"), False, None),
        (ReplacementReason.KEY_CHANGED, OwnKey("k"), True, Strategy.KEYS),
        (ReplacementReason.KEY_CHANGED, OwnKey("k"), False, Strategy.SERVER),
        # A person asks for another pair, and no update promises one.
        (ReplacementReason.REQUESTED, SecretOf("f"), True, Strategy.REREGISTER),
        (ReplacementReason.REQUESTED, OwnKey("k"), True, Strategy.KEYS),
        (ReplacementReason.REQUESTED, OwnKey("k"), False, None),
        (ReplacementReason.INTERVAL, OwnKey("k"), True, Strategy.KEYS),
        (ReplacementReason.MOVED, SecretOf("f"), True, Strategy.REREGISTER),
        (ReplacementReason.GONE, SecretOf("f"), True, Strategy.REREGISTER),
        (ReplacementReason.DOUBTFUL, SecretOf("f"), True, Strategy.REREGISTER),
        (ReplacementReason.UNMANAGEABLE, SecretOf("f"), True, Strategy.REREGISTER),
    ],
)
def test_what_server_makes_of_it(
    reason: ReplacementReason, credential: Credential, manageable: bool, how: Strategy | None
) -> None:
    assert strategy(reason, credential, Rotation(strategy=RotationStrategy.SERVER), manageable=manageable) is how


@pytest.mark.parametrize("reason", ReplacementReason)
@pytest.mark.parametrize("chosen", RotationStrategy)
@pytest.mark.parametrize("holding", HOLDINGS, ids=str)
def test_where_the_issuer_s_terms_say_that_updates_renew_secrets_what_expires_is_renewed_so_without_a_name(
    reason: ReplacementReason, chosen: RotationStrategy, holding: Holding
) -> None:
    credentials: list[Credential] = [SecretOf("f"), NoCredential(), OwnKey("k")]
    (credential,) = (one for one in credentials if isinstance(one, holding[0]))
    rotation, manageable = Rotation(strategy=chosen), holding[1]
    found = strategy(reason, credential, rotation, manageable=manageable, renews_secrets=True)
    if (reason, chosen, holding) == (ReplacementReason.EXPIRY, RotationStrategy.AUTO, (SecretOf, True)):
        assert found is Strategy.SERVER
    else:
        assert found is strategy(reason, credential, rotation, manageable=manageable)


@pytest.mark.parametrize("chosen", RotationStrategy)
@pytest.mark.parametrize("manageable", [True, False])
@pytest.mark.parametrize("credential", [NoCredential(), OwnKey("k")], ids=lambda c: type(c).__name__)
def test_a_client_that_ends_and_has_no_secret_is_replaced_by_another_whatever_is_named(
    credential: Credential, *, manageable: bool, chosen: RotationStrategy
) -> None:
    found = strategy(ReplacementReason.EXPIRY, credential, Rotation(strategy=chosen), manageable=manageable)
    assert found is Strategy.REREGISTER
