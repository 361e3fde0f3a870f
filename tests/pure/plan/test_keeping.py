"""The Secret that was published is kept as it was published, where the one that the spec names cannot be."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from oauthclient_operator.credentials import content
from oauthclient_operator.names import Reason
from oauthclient_operator.plan import plan
from oauthclient_operator.plan.action import Action, Deregister, KeepSecret, Publish, ReadSecret, Register, Wait
from oauthclient_operator.plan.observed import Instead, Missing, Unread
from oauthclient_operator.published_secret import KEYS_ANNOTATION
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.replacing import retire
from oauthclient_operator.record.transitions import amend
from oauthclient_operator.resource.publication import Publication
from oauthclient_operator.resource.secret import Secret
from oauthclient_operator.verdict.publishing import not_owned
from tests.pure.plan.replacing import DAY, ready, step
from tests.pure.record.replacements import shown
from tests.pure.values import NOW, desired, published, registered_record, resource, secret

RENAMED: Final = {"client_id": "ID", "client_secret": "SECRET", "issuer": "ISSUER"}
UNNAMED: Final[dict[str, Any]] = {"spec": {"secret": {"name": "No Name"}}}
TAKEN: Final[dict[str, Any]] = {
    "spec": {"secret": {"name": "taken"}},
    "status": {
        "observedGeneration": 1,
        "clientID": "c1",
        "secret": {"name": "web", "uid": "secret-uid", "resourceVersion": "9"},
    },
}
DUE: Final = registered_record(client_secret_expires_at=int((NOW + DAY).timestamp()))
LATER: Final = NOW + timedelta(hours=20)
FOREIGN: Final = secret(DUE, name="taken", owners=())
INSTEAD: Final = Instead(verdict=not_owned("taken", FOREIGN), name="taken", secret=FOREIGN)


def as_published(record: Record, keys: dict[str, str], **values: Any) -> Secret:
    """Return the published Secret under other names."""
    data = content(published(record), Publication(secret_name="web", keys=keys))
    return secret(record, data=data, annotations={KEYS_ANNOTATION: ",".join(sorted(data))}, **values)


def written(action: Action) -> dict[str, str | None]:
    assert isinstance(action, Publish)
    return dict(action.write.data)


@pytest.mark.parametrize("keys", [{}, RENAMED, {"client_id": "issuer", "issuer": "client_id"}], ids=str)
def test_a_secret_that_shows_what_is_published_is_right_under_the_names_that_it_has(keys: dict[str, str]) -> None:
    action = step(DUE, seen={"secret": as_published(DUE, keys)}, **UNNAMED)
    assert isinstance(action, Wait)
    assert action.verdict.reason is Reason.INVALID_SPEC


def test_what_is_published_next_goes_under_the_names_of_what_was_there() -> None:
    record = shown()
    before = record.client(record.leaving[0].pair.client)
    assert before is not None
    data = content(before, Publication(secret_name="web", keys=RENAMED))
    there = secret(record, data=data, annotations={KEYS_ANNOTATION: ",".join(sorted(data))})
    after = content(published(record), Publication(secret_name="web", keys=RENAMED))
    changes = written(step(record, seen={"secret": there}, **UNNAMED))
    assert changes == {"ID": after["ID"], "SECRET": after["SECRET"], "token_endpoint": None}


def test_a_newer_secret_of_the_same_client_goes_where_the_one_before_it_is() -> None:
    there = as_published(DUE, RENAMED)
    older = replace(there, data={**there.data, "SECRET": "b2xkZXI="})
    assert written(step(DUE, seen={"secret": older}, **UNNAMED)) == {"SECRET": there.data["SECRET"]}


def test_the_facts_of_older_operators_which_made_no_list_are_found() -> None:
    there = replace(as_published(DUE, RENAMED), annotations={})
    action = step(DUE, seen={"secret": there}, **UNNAMED)
    # Only the list is written.
    assert written(action) == {}


def test_what_its_user_put_beside_them_is_nothing_of_ours() -> None:
    there = as_published(DUE, RENAMED)
    beside = replace(there, data={**there.data, "ALSO": there.data["ID"]})
    assert isinstance(step(DUE, seen={"secret": beside}, **UNNAMED), Wait)


@pytest.mark.parametrize(
    "seen",
    [
        pytest.param({"secret": Missing()}, id="it is gone"),
        pytest.param({"secret": secret(DUE, owners=())}, id="it is not the resource's own"),
        pytest.param({"secret": secret(DUE, data={"client_id": "eA=="})}, id="it shows another client"),
    ],
)
def test_where_nothing_tells_how_it_was_published_it_waits_for_the_spec(seen: dict[str, Any]) -> None:
    action = step(DUE, LATER, seen, **UNNAMED)
    assert isinstance(action, Wait)
    assert action.verdict.reason is Reason.INVALID_SPEC
    assert action.renewal is not None
    # That the renewal waits, too, is said.
    assert action.renewal.verdict == action.verdict


def test_it_is_read_first() -> None:
    assert step(DUE, seen={"secret": Unread()}, **UNNAMED) == ReadSecret("web")


def test_a_renewal_that_is_due_begins() -> None:
    assert isinstance(step(DUE, LATER, {"secret": as_published(DUE, RENAMED)}, **UNNAMED), Register)


def test_a_name_that_is_taken_is_turned_from() -> None:
    record = amend(DUE, "Delete", "taken")
    assert step(record, seen={"secret": FOREIGN}, **TAKEN) == KeepSecret(INSTEAD)
    assert step(record, seen={"secret": Unread(), "instead": INSTEAD}, **TAKEN) == ReadSecret("web")
    action = step(record, seen={"secret": secret(DUE), "instead": INSTEAD}, **TAKEN)
    assert isinstance(action, Wait)
    assert (action.verdict, action.until is not None) == (INSTEAD.verdict, True)


@pytest.mark.parametrize(
    ("seen", "record"),
    [
        pytest.param({"secret": secret(DUE, owners=())}, DUE, id="the Secret that was published is not ours any more"),
        pytest.param({"secret": secret(DUE, immutable=True, data={})}, DUE, id="it is immutable"),
    ],
)
def test_there_is_no_other_secret_than_the_one_that_was_published(seen: dict[str, Any], record: Record) -> None:
    action = step(record, LATER, seen)
    assert isinstance(action, Wait)
    assert action.renewal is not None
    assert action.renewal.verdict == action.verdict
    assert [*action.renewal.reasons] == ["Expiry"]


def test_while_it_is_kept_what_left_is_ended_but_not_what_the_other_secret_shows() -> None:
    record = amend(left(), "Delete", "taken")
    shows_nothing = Instead(verdict=INSTEAD.verdict, name="taken", secret=replace(FOREIGN, data={}))
    assert isinstance(kept(record, shows_nothing), Deregister)
    leaver = record.surplus[0]
    shows_it = content(leaver, Publication(secret_name="taken", keys=RENAMED))
    assert not isinstance(kept(record, replace(shows_nothing, secret=replace(FOREIGN, data=shows_it))), Deregister)


def left() -> Record:
    record = shown()
    return retire(record, record.leaving[0].pair)


def kept(record: Record, instead: Instead) -> Action:
    seen = ready(record, resource=resource(**TAKEN), instead=instead)
    return plan(seen, desired(**TAKEN), LATER)
