"""The fence's proof on the real API server: where the fence stands, where there is none, and behind one of an older release."""

import asyncio
from pathlib import Path

import pytest

from oauthclient_operator.cluster.api import Cluster
from oauthclient_operator.cluster.connection import Connection
from oauthclient_operator.cluster.fence import EDITION, missing_fence
from tests.parts.installation import ROOT
from tests.parts.kubectl import Kubectl

RECORDS = "oauth-operator-records"
OLDER = Path(__file__).with_name("fence-edition-1.yaml")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oauthclient_operator.cluster.fence._PAUSE", 0.01)


async def test_the_fence_is_found_where_it_stands_and_missed_where_not(
    operator: Connection, connection: Connection
) -> None:
    async with asyncio.timeout(30):  # In a cluster that was made a moment ago.
        while await missing_fence(Cluster(operator), RECORDS) is not None:
            pass
    admin = await missing_fence(Cluster(connection), RECORDS)
    assert admin is not None
    assert "does not deny what it must" in admin, "the fence is around the operator, and nobody else"
    assert "no namespace nowhere" in str(await missing_fence(Cluster(operator), "nowhere"))
    elsewhere = await missing_fence(Cluster(operator), "default")
    assert elsewhere is not None
    assert "is for records in another namespace than default" in elsewhere
    other = await missing_fence(Cluster(operator), RECORDS, policy="another-policy")
    assert other is not None
    assert "another-policy was not what denied the probe" in other


async def test_a_fence_of_an_older_release_is_named_with_what_to_do_and_the_new_one_ends_that(
    operator: Connection, kubectl: Kubectl
) -> None:
    cluster = Cluster(operator)
    kubectl.apply(OLDER)
    try:
        why = None
        async with asyncio.timeout(30):  # It applies within a second or two.
            while why is None:
                why = await missing_fence(cluster, RECORDS)
    finally:
        kubectl.apply(ROOT / "deploy" / "fence")
    assert (
        f"is of an older release: its rules are of edition 1, and this operator works behind edition {EDITION}" in why
    )
    assert "apply deploy/fence" in why
    async with asyncio.timeout(30):
        while await missing_fence(cluster, RECORDS) is not None:
            pass
