"""What of an issuer's dialect decides how a published pair is replaced: keys that fit beside, updates that renew."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator.names import Reason
from oauthclient_operator.oauth.proof.results import NotProvable, Obstacle
from oauthclient_operator.plan.action import GiveUp, Promote, Update, Wait
from oauthclient_operator.plan.keys import plan_birth, plan_key
from oauthclient_operator.plan.reasons import is_doubtful
from oauthclient_operator.plan.strategies import strategy_of_all, why_not_by_key
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.clients import Client, UpdateDue
from oauthclient_operator.record.pairs import SecretOf
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.replacements import Replacement, ReplacementReason, Strategy
from oauthclient_operator.resource.desired import Desired
from oauthclient_operator.resource.dialect import Dialect, SecretRotation
from tests.pure.plan.test_keys import CANDIDATE, REGISTERED, REQUESTED, changed, spec
from tests.pure.plan.test_keys_proven import calibrated
from tests.pure.plan.test_update_dialect import with_dialect
from tests.pure.record import key_records
from tests.pure.values import (
    NOW,
    desired,
    observed,
    published,
    registered_record,
    resource,
    server,
)

UNPROVABLE = calibrated(REGISTERED, NotProvable(Obstacle.NO_ENDPOINT))
EXPIRES = (ReplacementReason.EXPIRY,)
LASTING, PUBLIC = registered_record(), registered_record(token_endpoint_auth_method="none")
EXPIRING = registered_record(client_secret_expires_at=int((NOW + timedelta(days=30)).timestamp()))


def by_key(most: int | None, algorithm: str = "ES256", **rotation: Any) -> Desired:
    return with_dialect(Dialect(keys_per_client=most), desired(spec=spec(algorithm, **rotation)))


@pytest.mark.parametrize(
    ("record", "most", "rotation", "how"),
    [
        pytest.param(REGISTERED, None, {}, Strategy.KEYS, id="nobody says it"),
        pytest.param(REGISTERED, 2, {}, Strategy.KEYS, id="two"),
        pytest.param(REGISTERED, 1, {}, Strategy.REREGISTER, id="one"),
        pytest.param(REGISTERED, 1, {"strategy": "Keys"}, None, id="one, keys by name"),
        pytest.param(UNPROVABLE, None, {}, Strategy.REREGISTER, id="nobody says it, and nothing proves a key"),
        pytest.param(UNPROVABLE, 2, {}, Strategy.KEYS, id="two, and nothing proves a key"),
        pytest.param(UNPROVABLE, 1, {}, Strategy.REREGISTER, id="one, and nothing proves a key"),
        pytest.param(
            changed(REGISTERED, one_key=True), 2, {}, Strategy.REREGISTER, id="two, and it showed to hold one"
        ),
    ],
)
def test_whether_a_key_fits_beside_is_what_the_terms_say_of_the_server(
    record: Record, most: int | None, rotation: dict[str, Any], how: Strategy | None
) -> None:
    seen, wanted = observed(record), by_key(most, **rotation)
    assert strategy_of_all(seen, wanted, record, published(record), REQUESTED) is how
    assert (why_not_by_key(seen, wanted, record, published(record)) is None) is (how is Strategy.KEYS)


def birth(record: Record, most: int | None) -> Any:
    begins = Replacement(reasons=REQUESTED, strategy=Strategy.KEYS, begun_at=NOW, first_call=9, first_attempt=2)
    seen = observed(record, server=server(), server_read_at=NOW, rehearsed=True)
    return plan_birth(seen, resource(spec=spec()), by_key(most), record, published(record), begins, NOW)


@pytest.mark.parametrize(("most", "born"), [(2, False), (3, True), (None, True)])
def test_no_more_keys_are_registered_than_the_terms_say_that_the_server_holds(most: int | None, *, born: bool) -> None:
    """One is published, and one is leaving."""
    record = calibrated(key_records.leaving(), NotProvable(Obstacle.NO_ENDPOINT))
    action = birth(record, most)
    assert isinstance(action, Update) is born
    if not born:
        assert isinstance(action, Wait)
        assert action.verdict.reason is Reason.RENEWING
        assert "holds no more than its 2 keys, as spec.dialect of the issuer says" in action.verdict.message


def test_a_second_key_is_taken_back_where_the_terms_say_by_now_that_the_server_holds_one() -> None:
    record = calibrated(key_records.both(), NotProvable(Obstacle.NO_ENDPOINT))
    seen = observed(record, server=server(), server_read_at=NOW, rehearsed=True)
    asks, client = resource(spec=spec("EdDSA")), published(record)
    assert isinstance(plan_key(seen, asks, by_key(2, "EdDSA"), record, client, CANDIDATE, NOW), Promote)
    assert plan_key(seen, asks, by_key(1, "EdDSA"), record, client, CANDIDATE, NOW) == GiveUp(CANDIDATE)


def renewing(rotation: SecretRotation | None, **by_name: Any) -> Desired:
    asks = {"spec": {"clientMetadata": desired().metadata.members, "rotation": by_name}}  # type: ignore[union-attr]
    return with_dialect(Dialect(secret_rotation=rotation), desired(**asks))


@pytest.mark.parametrize(
    ("rotation", "by_name", "how"),
    [
        (None, {}, Strategy.REREGISTER),
        (SecretRotation.OVERLAP, {}, Strategy.SERVER),
        (SecretRotation.IMMEDIATE, {}, Strategy.REREGISTER),
        (SecretRotation.NONE, {}, Strategy.REREGISTER),
        (SecretRotation.OVERLAP, {"strategy": "Reregister"}, Strategy.REREGISTER),
        (None, {"strategy": "Server"}, Strategy.SERVER),
        (SecretRotation.IMMEDIATE, {"strategy": "Server"}, Strategy.SERVER),
        # No update would bring another one.
        (SecretRotation.NONE, {"strategy": "Server"}, Strategy.REREGISTER),
    ],
    ids=str,
)
def test_a_secret_that_expires_is_renewed_by_an_update_where_the_terms_say_that_it_overlaps(
    rotation: SecretRotation | None, by_name: dict[str, Any], how: Strategy
) -> None:
    client = published(EXPIRING)
    assert isinstance(EXPIRING.pair.credential if EXPIRING.pair else None, SecretOf)
    assert strategy_of_all(observed(EXPIRING), renewing(rotation, **by_name), EXPIRING, client, EXPIRES) is how


def test_what_asks_for_another_client_gets_one_whatever_the_terms_say_of_secrets() -> None:
    both = (ReplacementReason.EXPIRY, ReplacementReason.REQUESTED)
    wanted, client = renewing(SecretRotation.OVERLAP), published(EXPIRING)
    assert strategy_of_all(observed(EXPIRING), wanted, EXPIRING, client, both) is Strategy.REREGISTER


def lost(record: Record) -> Client:
    """Return a client whose last update has no answer, and whose token is refused since."""
    return replace(published(record), standing=UpdateDue((7,)), refused=frozenset({CallKind.UPDATE}))


@pytest.mark.parametrize(
    ("record", "rotation", "doubtful"),
    [
        pytest.param(EXPIRING, None, True, id="nobody says it, and it expires"),
        pytest.param(EXPIRING, SecretRotation.OVERLAP, True, id="an update renews it"),
        pytest.param(EXPIRING, SecretRotation.NONE, False, id="no update changes it"),
        pytest.param(LASTING, None, False, id="nobody says it, and it never changed"),
        pytest.param(LASTING, SecretRotation.IMMEDIATE, True, id="an update changes one that never did"),
        pytest.param(PUBLIC, SecretRotation.IMMEDIATE, False, id="there is none"),
        pytest.param(REGISTERED, SecretRotation.IMMEDIATE, False, id="a key is used in its place"),
    ],
)
def test_a_lost_update_casts_doubt_on_a_secret_that_it_may_have_changed(
    record: Record, rotation: SecretRotation | None, *, doubtful: bool
) -> None:
    assert is_doubtful(lost(record), renewing(rotation).terms) is doubtful
