"""Records that a newer operator wrote: left alone where it says so, and otherwise kept whole."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.record.wire import schema2
from tests.cluster.admission.account import secrets_path
from tests.cluster.scenarios.conftest import MakeIssuer
from tests.cluster.scenarios.in_time import MINUTE, Begin
from tests.cluster.scenarios.operators import Operators
from tests.cluster.scenarios.room import WEB, Body, Room, condition
from tests.cluster.scenarios.stored_before import StoredBefore, store
from tests.parts.misbehaving_issuer import MisbehavingIssuer
from tests.pure.record import stored_secrets

AGO = timedelta(hours=2)
UNKNOWN = stored_secrets.shown("newer-schema")["data"]["record"]
"""Nothing in it is of a form that is known today, but for the two members that say so."""
NOT_TOUCHED = (
    "the record follows schema 1000, this operator knows 2; it is not touched: run the operator version that wrote it"
)


def overwrite(it: StoredBefore, body: Body) -> None:
    """Let a newer operator have written the record."""
    data = base64.b64encode(json.dumps(body).encode()).decode()
    it.room._patch(secrets_path(names.RECORDS_NAMESPACE, it.uid), {"data": {names.RECORD_KEY: data}})


@pytest.fixture(scope="module")
def newer(lasting_room: Room, make_lasting_issuer: MakeIssuer, operators: Operators) -> dict[str, StoredBefore]:
    """Records of a newer schema, looked at by today's operator."""
    operators.stop()
    goldens = {"rest": "registered", "edited": "registered", "deleted": "registered", "gone": "released-unconfirmed"}
    found: dict[str, StoredBefore] = {}
    for name, golden in goldens.items():
        ago = AGO if golden == "registered" else timedelta(days=3)
        found[name] = store(lasting_room, make_lasting_issuer(), golden, name, ago=ago)
        overwrite(found[name], UNKNOWN)
    # By its name the last: when it is Ready the others were looked at.
    lasting_room.apply("zz-last", make_lasting_issuer().issuer)
    operators.running()
    lasting_room.wait_for("zz-last", "Registered")
    return found


def is_untouched(it: StoredBefore) -> bool:
    return (it.issuer.calls, it.body()) == ([], UNKNOWN)


def test_what_is_at_rest_by_its_metadata_stays_ready(newer: dict[str, StoredBefore]) -> None:
    it = newer["rest"]
    assert condition(it.room.read("rest"))["reason"] == "Registered"
    assert is_untouched(it)


def test_an_edit_waits_and_says_for_what(newer: dict[str, StoredBefore]) -> None:
    it = newer["edited"]
    published = it.room.secret("edited")
    it.room.apply("edited", it.issuer.issuer, metadata={**WEB, "client_name": "New"})
    resource = it.room.wait_for("edited", "ClusterUnavailable")
    assert condition(resource)["message"] == NOT_TOUCHED
    assert condition(resource, "SecretPublished")["status"] == "True"
    assert (it.room.secret("edited"), is_untouched(it)) == (published, True)


def test_a_resource_is_not_let_go(newer: dict[str, StoredBefore]) -> None:
    it = newer["deleted"]
    it.room.delete("deleted")
    it.room.wait_until(lambda: condition(it.room.read("deleted")).get("message") == NOT_TOUCHED, "it says why it stays")
    assert it.room.read("deleted")["metadata"]["finalizers"] == [names.FINALIZER]
    assert is_untouched(it)


def test_what_was_left_behind_is_neither_called_for_nor_deleted(newer: dict[str, StoredBefore]) -> None:
    assert is_untouched(newer["gone"])


def test_what_a_later_version_of_the_schema_added_is_carried_through(
    room: Room, issuer: MisbehavingIssuer, operators: Operators
) -> None:
    added: dict[str, Any] = {"lineage": 7, "departing": [{"client": 1}]}
    operators.running()
    uid = room.apply("web", issuer.issuer)
    room.wait_for("web", "Registered")
    it = StoredBefore(room=room, issuer=issuer, name="web", uid=uid)
    operators.stop()
    overwrite(it, {**it.body(), "schemaVersion": 3, "minReader": 2, **added})
    operators.running()
    room.apply("web", issuer.issuer, metadata={**WEB, "client_name": "New"})
    room.wait_for("web", "Registered")
    assert issuer.calls == ["POST", "PUT"]
    assert {key: it.body()[key] for key in added} == added
    room.delete("web")
    room.wait_until(lambda: not room.exists("web"), "it is gone")
    assert {key: it.body()[key] for key in added} == added


async def test_a_record_that_knows_of_two_clients_is_left_alone_by_an_older_operator_until_a_newer_one_runs_again(
    room: Room, begin: Begin, issuer: MisbehavingIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    uid = room.apply("web", issuer.issuer)
    it = StoredBefore(room=room, issuer=issuer, name="web", uid=uid)
    async with begin() as operator:
        await operator.live()
        assert it.body()["minReader"] == 2
        room.annotate("web", names.ROTATE_ANNOTATION, "now")
        await operator.live()
    body, published = it.body(), room.secret("web")
    assert (body["minReader"], issuer.calls) == (3, ["POST", "POST"])
    room.apply("web", issuer.issuer, metadata={**WEB, "client_name": "New"})
    with monkeypatch.context() as older:
        older.setattr(schema2, "READER", 2)
        async with begin() as operator:
            await operator.live(25 * 60 * MINUTE)
            assert operator.ready() == ("False", "ClusterUnavailable")
            assert operator.said() == (
                "the record follows schema 2 in a form of version 3, this operator knows 2; it is not touched: run the "
                "operator version that wrote it"
            )
            room.delete("web")
            await operator.live()
            assert room.exists("web"), "its deletion waits, too"
    assert (it.body(), room.secret("web"), issuer.calls) == (body, published, ["POST", "POST"])
    async with begin() as operator:
        await operator.live()
    assert (room.exists("web"), issuer.clients) == (False, {})
