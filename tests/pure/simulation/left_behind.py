"""One operator process that looks after the records of resources that are gone, each when it is told to."""

from oauthclient_operator.names import RecordState
from oauthclient_operator.reconcile.reconciler import Reconciler
from oauthclient_operator.resource.key import record_of
from tests.pure.simulation.operator_process import NAMESPACE, Simulation, Watched


class LeftBehind:
    """Takes one pass over each such record, as the queue does when one is due."""

    def __init__(self, simulation: Simulation) -> None:
        self.process = Reconciler(simulation.world())
        self._watched = Watched(simulation.api)

    async def once(self) -> None:
        """Look once at every record whose resource is not known, or that says that it was let go."""
        for uid, summary in sorted(self._watched.records().items()):
            if not self._watched.knows(uid) or summary.state in (RecordState.RELEASED, RecordState.LEFT_BEHIND):
                await self.process.reconcile(record_of(NAMESPACE, uid))
