"""A key names one thing that is reconciled: a resource, the record of one that is gone, or an issuer; they never meet."""

import pytest

from oauthclient_operator.resource.key import Key, Kind, cluster_issuer, oauth_client, record_of
from tests.pure.values import UID


def test_a_resource_and_a_record_of_one_name_are_two_things() -> None:
    assert len({oauth_client("shop", UID), record_of("shop", UID), oauth_client("other", UID)}) == 3
    assert oauth_client("shop", UID) == Key(Kind.OAUTH_CLIENT, "shop", UID)
    assert record_of("shop", UID) == Key(Kind.RECORD, "shop", UID)
    assert cluster_issuer("corporate") == Key(Kind.CLUSTER_ISSUER, "", "corporate")


@pytest.mark.parametrize(
    ("key", "written"),
    [
        (oauth_client("shop", "web"), "OAuthClient shop/web"),
        (record_of("shop", UID), f"RegistrationRecord shop/{UID}"),
        (cluster_issuer("corporate"), "ClusterOAuthIssuer corporate"),
    ],
)
def test_how_a_key_is_written_in_a_log(key: Key, written: str) -> None:
    assert str(key) == written


def test_keys_of_all_kinds_have_an_order() -> None:
    keys = [record_of("a", "x"), oauth_client("b", "y"), oauth_client("a", "z")]
    assert sorted(keys) == [keys[2], keys[1], keys[0]]
