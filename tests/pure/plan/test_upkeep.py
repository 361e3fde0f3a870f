"""The ladder while a client is published; each row is a sentence about what is done next, and why."""

from dataclasses import replace
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.plan import plan
from oauthclient_operator.plan.action import (
    Amend,
    Discover,
    Publish,
    ReadRecord,
    ReadResource,
    ReadSecret,
    Rehearse,
    RemoveSecret,
    Rest,
    Update,
)
from oauthclient_operator.plan.observed import Missing, Observed, Unread
from oauthclient_operator.plan.registration import REHEARSED_VALUE
from oauthclient_operator.resource.desired import DeletionPolicy
from tests.pure.plan.upkeep import (
    AMENDED,
    CLIENT,
    EDIT,
    EDITED,
    LATER,
    MADE,
    RECORD,
    REFUSED,
    UNKEPT,
)
from tests.pure.values import (
    NOW,
    at_rest,
    desired,
    observed,
    secret,
    server,
)


@pytest.mark.parametrize(
    ("seen", "asks", "action"),
    [
        pytest.param(at_rest(RECORD), {}, Rest(), id="what is registered, published and reported rests"),
        pytest.param(
            replace(at_rest(RECORD), secret_metadata={}), {}, ReadRecord(), id="a Secret that is gone ends the rest"
        ),
        pytest.param(
            observed(RECORD, secret=Unread()), {}, ReadSecret("web"), id="the Secret is read before it is judged"
        ),
        pytest.param(observed(RECORD, secret=Missing()), {}, Publish(MADE, heal=False), id="a missing Secret is made"),
        pytest.param(
            observed(RECORD, secret=secret(RECORD, labels={})),
            {},
            Publish(replace(AMENDED, labels={names.MANAGED_BY_LABEL: names.OPERATOR}), heal=False),
            id="a stripped label is put back",
        ),
        pytest.param(
            observed(
                RECORD,
                secret=secret(RECORD, labels={}),
                unkept=UNKEPT,
                server=server(),
                server_read_at=NOW,
                rehearsed=True,
            ),
            EDIT,
            Update(CLIENT, EDITED),
            id="a label that did not stay stands before no update",
        ),
        pytest.param(
            observed(
                RECORD,
                secret=secret(RECORD, labels={}),
                heal_not_before=LATER,
                server=server(),
                server_read_at=NOW,
                rehearsed=True,
            ),
            EDIT,
            Update(CLIENT, EDITED),
            id="nor does a label that somebody else keeps changing",
        ),
        pytest.param(
            observed(
                RECORD,
                secret=secret(RECORD, labels={}),
                publication=REFUSED,
                server=server(),
                server_read_at=NOW,
                rehearsed=True,
            ),
            EDIT,
            Update(CLIENT, EDITED),
            id="nor one that the API server refuses",
        ),
        pytest.param(
            observed(RECORD, secret=secret(RECORD, labels={}, data={}), unkept=UNKEPT),
            {},
            Publish(replace(AMENDED, data=secret(RECORD).data), heal=False),
            id="lost keys are put back without the label that did not stay",
        ),
        pytest.param(
            observed(RECORD, secret=secret(RECORD, labels={names.MANAGED_BY_LABEL: "x"}, immutable=True)),
            {},
            Publish(replace(AMENDED, labels={names.MANAGED_BY_LABEL: names.OPERATOR}), heal=False),
            id="an immutable Secret takes a label",
        ),
        pytest.param(
            observed(RECORD, secret=secret(RECORD, data={})),
            {},
            Publish(replace(AMENDED, data=secret(RECORD).data), heal=False),
            id="lost keys are put back",
        ),
        pytest.param(
            observed(RECORD),
            {"spec": {"secret": {"name": "other"}}},
            Amend(deletion=DeletionPolicy.DELETE, secret="other"),
            id="another Secret's name is written down before it is made",
        ),
        pytest.param(
            observed(replace(RECORD, secrets=("old", "web"))),
            {},
            ReadResource(),
            id="before the old Secret goes the resource is read live",
        ),
        pytest.param(
            observed(replace(RECORD, secrets=("old", "web")), live=True),
            {},
            RemoveSecret("old"),
            id="the old Secret goes when the new one is there",
        ),
        pytest.param(
            observed(RECORD),
            {"spec": {"policy": {"deletion": "Retain"}}},
            Amend(deletion=DeletionPolicy.RETAIN, secret=None),
            id="the record knows the deletion policy",
        ),
        pytest.param(observed(RECORD), EDIT, Discover(), id="an edit needs the issuer's metadata"),
        pytest.param(
            observed(RECORD, server=server(), server_read_at=NOW),
            EDIT,
            Rehearse(replace(AMENDED, data={"client_id": REHEARSED_VALUE})),
            id="then a dry run of the Secret's update",
        ),
        pytest.param(
            observed(RECORD, server=server(), server_read_at=NOW, rehearsed=True),
            EDIT,
            Update(CLIENT, EDITED),
            id="then the one PUT",
        ),
    ],
)
def test_the_next_step_of_a_registered_client(seen: Observed, asks: dict[str, Any], action: object) -> None:
    assert plan(seen, desired(**asks), NOW) == action
