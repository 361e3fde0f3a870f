"""The labels by which records find each other's clients by their identifiers; what was stored before has none."""

from collections.abc import Mapping
from typing import Final

import pytest

from oauthclient_operator import names
from oauthclient_operator.record.summary import labels
from tests.pure.record import schema2

CLIENT_1: Final = "client-id.oauth-operator.dev/a2dd465c59a634f08e0851ae50777e1da6cd9855"
CLIENT_2: Final = "client-id.oauth-operator.dev/433d36e984daa175eb2ae83029419aba4c36441e"
C1: Final = "client-id.oauth-operator.dev/5d5e3c02b3eae6dc7344a2b172291e6f58c426c8"
PINNED: Final[Mapping[str, Mapping[str, str]]] = {
    "register-open": {},
    "registered": {CLIENT_1: "held.1767225600000000"},
    "registered-unmanageable": {CLIENT_1: "held.1767225600000000"},
    "deregister-open": {CLIENT_1: "deleting.1767225620000000"},
    "deregister-refused": {CLIENT_1: "held.1767225600000000"},
    "released-unconfirmed": {CLIENT_1: "deleting.1767229187704579"},
    "released-unconfirmed-deregister-unsupported": {CLIENT_1: "left.1767225600000000"},
    "released-retained": {CLIENT_1: "held.1767225600000000"},
    "released-confirmed": {CLIENT_1: "gone.1767225600000000"},
    "name-lost": {CLIENT_1: "left"},
    "surplus-deregister-open": {CLIENT_1: "deleting.1767225647775911", CLIENT_2: "held.1767225627775911"},
    "clients-of-two-issuers": {
        C1: "held.1767268800000000",
        "client-id.oauth-operator.dev/5b26684c20749f04bceb6350e779f5547c959bcd": "held.1767268800000000",
    },
    "named-beside-registered": {
        C1: "held.1767268800000000",
        "client-id.oauth-operator.dev/3db08f4b0257cab0303d682d873e5fac6a4efab9": "held",
    },
    "given-out-again": {C1: "held.1767268800000000"},
    "passed-on": {},
}


@pytest.mark.parametrize("name", PINNED)
def test_a_record_says_how_it_holds_each_client_by_its_identifier_and_since_or_until_when(name: str) -> None:
    written = labels(schema2.ALL[name].record)
    found = {key: value for key, value in written.items() if key.startswith(names.IDENTIFIER_LABEL_PREFIX)}
    assert found == PINNED[name]
