"""What a status tells of a client that is newer than its record stays, whatever else is to be said meanwhile."""

from typing import Any

import pytest

from oauthclient_operator.names import Reason
from oauthclient_operator.record.management import Way
from oauthclient_operator.resource.oauth_client import OAuthClient
from oauthclient_operator.resource.served import Served
from oauthclient_operator.resource.status import Status
from oauthclient_operator.status import project
from oauthclient_operator.verdict.verdict import Verdict
from tests.pure.values import NOW, body, desired, registered_record

SERVED = Served(retry="served")
SAID = {"clientID": "the newest", "edition": 3, "registration": {"manageable": True}, "served": SERVED.to_json()}
IN_FLIGHT = Verdict(reason=Reason.PENDING, message="a call to the authorization server is in flight")


def told(status: dict[str, Any], verdict: Verdict) -> Status:
    seen = OAuthClient.parse({**body(), "status": status})
    return project(seen, verdict, registered_record(), None, way=Way.TOKEN, now=NOW, desired=desired())


@pytest.mark.parametrize(
    "reason", [Reason.PENDING, Reason.RECORD_OUTDATED, Reason.ISSUER_UNAVAILABLE, Reason.ADOPTION_FAILED]
)
def test_an_older_record_takes_nothing_back(reason: Reason) -> None:
    found = told(SAID, Verdict(reason=reason, message="something"))
    assert (found.client_id, found.edition, found.served) == ("the newest", 3, SERVED)


@pytest.mark.parametrize("edition", [None, 0, 1])
def test_a_record_that_is_as_new_says_what_is_so(edition: int | None) -> None:
    record = registered_record()
    found = told({**SAID, "edition": edition}, IN_FLIGHT)
    assert record.published is not None
    assert (found.client_id, found.edition) == (record.published.information.client_id, record.edition)
    assert found.served == Served(), "nobody asked for anything of it"
