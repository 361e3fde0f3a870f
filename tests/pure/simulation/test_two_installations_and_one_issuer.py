"""Two installations, each with namespaces of its own, look after one ClusterOAuthIssuer: none undoes what the other does."""

import asyncio
from dataclasses import replace

import pytest

from oauthclient_operator import names
from oauthclient_operator.reconcile.issuers import IssuerPasses
from oauthclient_operator.resource.key import Key, cluster_issuer
from tests.pure.simulation.operator_process import Watched
from tests.pure.simulation.platform import Platform


class _Elsewhere(Watched):
    """It watches namespaces in which nobody refers to any issuer."""

    def clients_of(self, _name: str) -> list[Key]:
        return []

    def wake_clients(self, _name: str) -> int:
        return 0


@pytest.mark.parametrize(("sees_all", "stays"), [(False, True), (True, False)])
def test_a_finalizer_stays_where_clients_may_be_that_are_not_seen_until_the_issuer_is_deleted(
    sees_all: bool, stays: bool
) -> None:
    async def main() -> None:
        platform = Platform()
        platform.apply_issuer()
        platform.apply()
        await platform.settle()
        ports = replace(platform.issuer_ports, watched=_Elsewhere(platform.api), sees_all=sees_all)
        other = IssuerPasses(ports)
        await other.reconcile(cluster_issuer("corporate"))
        issuer = platform.issuer()
        assert issuer is not None
        assert (names.ISSUER_FINALIZER in issuer["metadata"]["finalizers"]) is stays
        platform.delete()
        await platform.settle()
        platform.delete_issuer()
        await other.reconcile(cluster_issuer("corporate"))
        assert platform.issuer() is None

    asyncio.run(main())
