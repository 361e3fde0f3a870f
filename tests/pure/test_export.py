"""What `oauthclient-operator export` says of a client that it cannot hand over whole."""

from dataclasses import replace
from typing import Final

import pytest

from oauthclient_operator.commands.export import identified, lacking
from oauthclient_operator.errors import ClusterError
from oauthclient_operator.record.clients import Client
from oauthclient_operator.record.pairs import Pair, key_to_hand_over
from oauthclient_operator.record.signing_keys import SigningKey
from tests.pure.record import key_records
from tests.pure.records import published, registered_record

LEFT: Final = replace(published(key_records.both()), kids=(key_records.SECOND.kid,))


def test_a_client_with_a_secret_is_handed_over_whole() -> None:
    assert [*lacking(published(registered_record()), None)] == []


@pytest.mark.parametrize(
    ("client", "pair", "expected"),
    [
        pytest.param(published(registered_record()), registered_record().pair, None, id="none of a client secret"),
        pytest.param(
            published(key_records.registered()), key_records.registered().pair, key_records.FIRST, id="the only one"
        ),
        pytest.param(
            published(key_records.both()), key_records.both().pair, key_records.FIRST, id="the published one of two"
        ),
        pytest.param(published(key_records.both()), None, key_records.SECOND, id="of another client its newest"),
        pytest.param(published(key_records.born()), None, key_records.FIRST, id="that the server has"),
        pytest.param(LEFT, None, key_records.SECOND, id="and not one that it has not"),
    ],
)
def test_which_key_is_handed_over(client: Client, pair: Pair | None, expected: SigningKey | None) -> None:
    assert key_to_hand_over(client, pair) == expected


def test_a_client_with_a_key_is_handed_over_whole() -> None:
    assert [*lacking(published(key_records.registered()), key_records.FIRST)] == []


def test_another_key_that_the_server_holds_stays_behind_and_that_is_said() -> None:
    (said,) = lacking(published(key_records.both()), key_records.FIRST)
    assert said.startswith(f"the server holds another key of it besides ({key_records.SECOND.kid})")


def test_a_client_without_a_token_can_neither_be_changed_nor_ended() -> None:
    unmanaged = registered_record(registration_access_token=None, registration_client_uri=None)
    (said,) = lacking(published(unmanaged), None)
    assert said.startswith("it has no registration access token")


UID: Final = "0d5c1c0e-1111-4222-8333-944445555666"


@pytest.mark.parametrize(
    ("record", "namespace", "expected"),
    [
        (UID, None, UID),
        ("shop/web", None, "shop/web"),
        ("web", None, "of-context/web"),
        ("web", "shop", "shop/web"),
        (UID, "shop", f"shop/{UID}"),
        ("shop/web", "other", "shop/web"),
    ],
)
def test_a_record_is_named_by_its_uid_or_by_a_name_in_a_namespace(
    record: str, namespace: str | None, expected: str
) -> None:
    assert identified(record, namespace, lambda: "of-context") == expected


def test_a_uid_needs_no_kubeconfig() -> None:
    def none() -> str:
        raise ClusterError("there is no kubeconfig")

    assert identified(UID, None, none) == UID
    with pytest.raises(ClusterError):
        identified("web", None, none)
