"""Management (RFC 7592): checklist M2, M3, M7 to M12, M15 and M16."""

import json
from typing import Any

import pytest

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.exchange import Purpose, Request
from oauthclient_operator.oauth.client_metadata import ClientMetadata
from oauthclient_operator.oauth.rfc7591 import ClientInformation
from oauthclient_operator.oauth.rfc7592 import (
    UpdateForm,
    changed_members,
    deletion_request,
    merged,
    merged_read,
    read_request,
    update_request,
)
from tests.pure.oauth.transcripts import CANAILLE_PUT_200, HYDRA_PUT_200, NODE_201, RFC7592_3

MANAGED: dict[str, Any] = {
    "registration_access_token": "rat-9",
    "registration_client_uri": "https://h.example/register?client_id=c",
}
ISSUED: dict[str, Any] = {
    "client_id": "c",
    "client_secret": "s-9",
    "client_secret_expires_at": 0,
    "client_id_issued_at": 1893456000,
    **MANAGED,
}


def information(**members: Any) -> ClientInformation:
    return ClientInformation.parse({**ISSUED, **members})


def update(answered: dict[str, Any], desired: dict[str, Any], previous: frozenset[str] = frozenset()) -> Request:
    return update_request(ClientInformation.parse({**ISSUED, **answered}), ClientMetadata.confirmed(desired), previous)


def sent(answered: dict[str, Any], desired: dict[str, Any], previous: frozenset[str] = frozenset()) -> dict[str, Any]:
    members: dict[str, Any] = json.loads(update(answered, desired, previous).body or b"")
    return members


@pytest.mark.parametrize(
    "uri", [MANAGED["registration_client_uri"], "https://h.example/reg/c%2F7/", "https://h.example:8443/a?b=c&d=%20"]
)
def test_M2_the_address_is_used_verbatim(uri: str) -> None:
    assert deletion_request(information(registration_client_uri=uri)).url == uri
    assert read_request(information(registration_client_uri=uri)).url == uri
    assert update({"registration_client_uri": uri}, {}).url == uri


@pytest.mark.parametrize(
    "built",
    [read_request(information()), update({}, {}), deletion_request(information())],
    ids=["GET", "PUT", "DELETE"],
)
def test_M3_the_registration_access_token_is_the_bearer_on_every_call(built: Request) -> None:
    assert built.credentials == Confidential("rat-9")
    assert "rat-9" not in repr(built)


def test_M5_a_read_is_a_get_without_a_body() -> None:
    built = read_request(information())
    assert (built.method, built.body, built.purpose) == ("GET", None, Purpose.READ)


def test_M5_what_a_read_leaves_out_of_the_metadata_is_gone_unless_it_shows_none_at_all() -> None:
    before = information(client_name="a", scope="openid")
    assert merged_read(before, ClientInformation.parse({"client_id": "c", "scope": "x"})).metadata == {"scope": "x"}
    bare = merged_read(before, ClientInformation.parse({"client_id": "c", "client_secret": "s-10"}))
    assert bare.metadata == {"client_name": "a", "scope": "openid"}
    assert bare.client_secret == Confidential("s-10")


@pytest.mark.parametrize(
    ("before", "now", "changed"),
    [
        pytest.param({"scope": "openid"}, {"scope": "openid"}, (), id="as it was"),
        pytest.param({"scope": "openid a"}, {"scope": "a openid"}, (), id="in another order"),
        pytest.param({"scope": "openid"}, {"scope": "openid a"}, (), id="what was asked for, at last"),
        pytest.param({"scope": "openid a"}, {"scope": "openid"}, ("scope",), id="less than before"),
        pytest.param({"scope": "openid a"}, {}, ("scope",), id="gone"),
        pytest.param({}, {}, (), id="never shown"),
        pytest.param({}, {"scope": "b"}, ("scope",), id="shown for the first time, and not what was asked for"),
        pytest.param({"grant_types": ["authorization_code"]}, {}, (), id="left out, which means the default"),
    ],
)
def test_what_others_changed_is_neither_what_was_asked_nor_what_the_server_said(
    before: dict[str, Any], now: dict[str, Any], changed: tuple[str, ...]
) -> None:
    asked = ClientMetadata.confirmed({"scope": "openid a", "grant_types": ["authorization_code"]})
    shown = {"grant_types": ["authorization_code"]}
    assert changed_members(asked, information(**{**shown, **before}), information(**now)) == changed


def test_M7_an_update_is_a_put_of_all_that_was_returned_with_the_changes_over_it() -> None:
    built = update({"client_name": "a", "redirect_uris": ["https://a"], "x_server": {"y": 1}}, {"client_name": "b"})
    assert built.method == "PUT"
    assert json.loads(built.body or b"") == {
        "client_id": "c",
        "client_name": "b",
        "redirect_uris": ["https://a"],
        "x_server": {"y": 1},
    }


def test_M7_node_gets_back_what_it_filled_in() -> None:
    desired: dict[str, Any] = {"redirect_uris": ["https://a.example/cb2"], "client_name": "a", "scope": "openid"}
    built = update_request(ClientInformation.parse(NODE_201), ClientMetadata.confirmed(desired), frozenset(desired))
    members = json.loads(built.body or b"")
    assert members["redirect_uris"] == ["https://a.example/cb2"]
    assert members["subject_type"] == "public"
    assert "post_logout_redirect_uris" not in members, "an empty list that nobody asked for"


@pytest.mark.parametrize(
    "answered", [NODE_201, CANAILLE_PUT_200, RFC7592_3, ISSUED], ids=["node", "Canaille", "RFC", "all"]
)
def test_M8_M10_what_the_server_issued_is_not_sent_back(answered: dict[str, Any]) -> None:
    members = sent(answered, {"client_name": "b"})
    forbidden = {
        "registration_access_token",
        "registration_client_uri",
        "client_secret_expires_at",
        "client_id_issued_at",
        "client_secret",
    }
    assert not forbidden & members.keys()


def test_M8_not_with_a_language_tag_either() -> None:
    assert "client_secret#x" not in sent({"client_secret#x": "s"}, {})


def test_M9_the_client_id_is_the_one_that_was_issued() -> None:
    assert sent({}, {})["client_id"] == "c"


def test_M11_what_is_desired_no_longer_is_left_out() -> None:
    answered = {"client_name": "a", "logo_uri": "https://a/l", "tos_uri#de": "https://a/t", "scope": "openid"}
    previous = frozenset({"client_name", "logo_uri", "tos_uri#DE"})
    assert sent(answered, {"client_name": "b"}, previous) == {"client_id": "c", "client_name": "b", "scope": "openid"}


def test_M11_nulls_are_left_out() -> None:
    members = sent(CANAILLE_PUT_200, {"client_name": "b"})
    assert None not in members.values()
    assert members["client_name"] == "b"


@pytest.mark.parametrize("empty", [{}, [], "", None], ids=repr)
def test_M7_what_is_empty_and_was_not_asked_for_is_not_sent_back(empty: Any) -> None:
    """One server answers with `metadata: {}` and refuses it: "cannot be set"."""
    assert sent({"metadata": empty, "logo_uri": empty}, {"logo_uri": ""}) == {"client_id": "c", "logo_uri": ""}


def test_M7_what_is_asked_alone_is_all_that_is_said_beside_the_identifier() -> None:
    answered = ClientInformation.parse({**ISSUED, "client_name": "a", "x_server": {"y": 1}})
    wanted = ClientMetadata.confirmed({"redirect_uris": ["https://a"]})
    built = update_request(answered, wanted, frozenset(), UpdateForm.ASKED)
    assert json.loads(built.body or b"") == {"client_id": "c", "redirect_uris": ["https://a"]}


@pytest.mark.parametrize(
    ("answered", "desired", "keys"),
    [
        ({"jwks": {"keys": []}}, {"jwks_uri": "https://a/jwks"}, {"jwks_uri": "https://a/jwks"}),
        ({"jwks_uri": "https://a/jwks"}, {"jwks": {"keys": []}}, {"jwks": {"keys": []}}),
        ({"jwks": {}, "jwks_uri": ""}, {}, {}),
        ({"jwks": {}, "jwks_uri": "https://a/jwks"}, {}, {"jwks_uri": "https://a/jwks"}),
    ],
)
def test_C8_an_update_never_holds_jwks_and_jwks_uri(answered: Any, desired: Any, keys: Any) -> None:
    assert {n: v for n, v in sent(answered, desired).items() if n.startswith("jwks")} == keys


def test_C11_a_language_tag_in_another_case_is_replaced() -> None:
    assert sent({"client_name#ja-jp": "x"}, {"client_name#ja-JP": "y"}) == {"client_id": "c", "client_name#ja-JP": "y"}


@pytest.mark.parametrize("member", ["client_secret", "registration_access_token", "registration_client_uri"])
@pytest.mark.parametrize("absent", [..., None, "", 7])
def test_M12_M15_a_credential_that_is_not_in_the_answer_stays(member: str, absent: Any) -> None:
    answered = {n: v for n, v in {**ISSUED, "client_name": "b", member: absent}.items() if v is not ...}
    whole = merged(information(client_name="a"), ClientInformation.parse(answered))
    assert getattr(whole, member) == getattr(information(), member)
    assert whole.metadata == {"client_name": "b"}


def test_M12_M15_a_credential_that_is_new_takes_the_place_of_the_old_one() -> None:
    new = {
        "client_id": "c",
        "client_secret": "new",
        "registration_access_token": "newer",
        "registration_client_uri": "https://h.example/elsewhere",
    }
    whole = merged(information(), ClientInformation.parse(new))
    assert whole.to_members() == {**new, "client_id_issued_at": ISSUED["client_id_issued_at"]}
    assert "rat-9" not in json.dumps(whole.to_members())


@pytest.mark.parametrize(
    ("answered", "expiry"),
    [
        pytest.param({"client_secret": "new", "client_secret_expires_at": 1900000000}, 1900000000, id="both new"),
        pytest.param({"client_secret": "new"}, 0, id="a new secret without expiry does not inherit one"),
        pytest.param({"client_secret": "s-9"}, 0, id="the same secret said again without expiry"),
        pytest.param({}, 1893456000, id="neither"),
        pytest.param({"client_secret_expires_at": 1900000000}, 1900000000, id="the old secret lives longer"),
        pytest.param({"client_secret_expires_at": 0}, 0, id="the old secret lives on"),
    ],
)
def test_M12_the_expiry_belongs_to_the_secret(answered: dict[str, Any], expiry: int) -> None:
    previous = information(client_secret_expires_at=1893456000)
    assert merged(previous, ClientInformation.parse({"client_id": "c", **answered})).client_secret_expires_at == expiry


@pytest.mark.parametrize("written", [1893456000, 1893456000.5, "1893456000", "2030-01-01T00:00:00Z"])
def test_M12_an_expiry_stays_with_the_secret_however_it_is_written(written: Any) -> None:
    previous = information(client_secret_expires_at=written)
    assert merged(previous, ClientInformation.parse({"client_id": "c"})).client_secret_expires_at == 1893456000


def test_M12_hydra_rotates_the_token_and_names_neither_secret_nor_address() -> None:
    whole = merged(information(client_id="c7"), ClientInformation.parse(HYDRA_PUT_200))
    assert whole.registration_access_token == Confidential("ory_at_new")
    assert whole.client_secret == Confidential("s-9")
    assert whole.registration_client_uri == MANAGED["registration_client_uri"]


def test_M12_metadata_are_the_answers_alone() -> None:
    whole = merged(information(client_name="a", logo_uri="https://a/l"), ClientInformation.parse({"client_id": "c"}))
    assert whole.metadata == {}


def test_M14_a_deletion_is_a_delete_without_a_body() -> None:
    built = deletion_request(information())
    assert (built.method, built.body) == ("DELETE", None)


def test_M16_the_initial_access_token_and_the_registration_access_token_are_not_mixed_up() -> None:
    """An update presents what the registration gave, and has no place for anything else."""
    assert update({"registration_access_token": "rat-of-this-client"}, {}).credentials == Confidential(
        "rat-of-this-client"
    )


@pytest.mark.parametrize("missing", ["registration_access_token", "registration_client_uri"])
def test_M2_M3_nothing_is_made_up_for_a_client_that_is_not_managed(missing: str) -> None:
    with pytest.raises(ValueError, match="not managed"):
        update({missing: None}, {})
