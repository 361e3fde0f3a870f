"""The fence is the admission policy that bounds what our own service account may write; here it is proven to be there.

That is done at start and again now and then, by trying what it forbids.
"""

import asyncio
import random
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from .. import names
from ..errors import ClusterError, FenceMissing, NotFound, RequestRefused
from ..oauth.json_object import JSON
from .api import Cluster
from .elapsed import elapsed

EDITION: Final = 4
"""Of the rules in deploy/fence beside this operator; each edition forbids what those before it do, and more."""
_OLDEST: Final = (1, 30)
"""Kubernetes with ValidatingAdmissionPolicy."""
INTERVAL = 600.0
"""Seconds between two proofs, at least; half as long again at most."""
FRESH = 60.0
"""Seconds in which a proof need not be repeated."""
_ELSEWHERE: Final = "outside the records namespace"
"""How its rule for tenants' Secrets begins, in every edition: it takes another namespace for that of the records."""
_TRIES = 20
_PAUSE = 0.5
"""Seconds; a policy applies about a second after its binding was made."""


async def missing_fence(cluster: Cluster, records_namespace: str, *, policy: str = names.OPERATOR) -> str | None:
    """Return what is wrong with the fence, for people, or None where it stands.

    A dry run creates a Secret that nobody owns in the records namespace. It must be denied, and in our policy's name:
    other parts of the API server deny things too, and would go on denying only as long as they like. The denial says
    which edition the rules are of: most of them are about tenants' objects and the system's namespaces, where nothing
    is tried, not even by a dry run.

    Raises:
        ClusterError: the API server did not answer.
    """
    if await cluster.version() < _OLDEST:
        return "this Kubernetes has no ValidatingAdmissionPolicy; 1.30 or newer is needed"
    return await _tried(cluster, records_namespace, policy)


class Fence:
    """The fence around this process: proven at start, and again as long as it lives."""

    def __init__(self, cluster: Cluster, records_namespace: str, chance: Callable[[], float] = random.random) -> None:
        self._cluster = cluster
        self._namespace = records_namespace
        self._chance = chance
        self._proven_at = 0.0

    async def prove(self) -> None:
        """Prove it at start.

        Raises:
            FenceMissing: it is not there, or of an older release.
            ClusterError: the API server did not answer.
        """
        if (why := await missing_fence(self._cluster, self._namespace)) is not None:
            raise FenceMissing(why)
        self._proven_at = elapsed()

    async def prove_again(self) -> None:
        """Prove it, unless that was done a moment ago; no answer says nothing of it.

        Raises:
            FenceMissing: what would keep a process from starting is so now.
        """
        if elapsed() - self._proven_at < FRESH:
            return
        with suppress(ClusterError):
            if (why := await _tried(self._cluster, self._namespace, names.OPERATOR)) is not None:
                raise FenceMissing(why)
            self._proven_at = elapsed()

    async def keep(self) -> None:
        """Prove it again every now and then, until it is gone.

        Raises:
            FenceMissing: it is.
        """
        while True:
            await asyncio.sleep(INTERVAL * (1.0 + 0.5 * self._chance()))
            await self.prove_again()


async def _tried(cluster: Cluster, records_namespace: str, policy: str) -> str | None:
    problem = await _probe(cluster, records_namespace, policy)
    for _ in range(_TRIES):
        if problem is None:
            return None
        await asyncio.sleep(_PAUSE)
        problem = await _probe(cluster, records_namespace, policy)
    return problem


async def _probe(cluster: Cluster, namespace: str, policy: str) -> str | None:
    probe: dict[str, JSON] = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "fence-probe"},
        "type": "Opaque",
    }
    try:
        await cluster.create_secret(namespace, probe, dry_run=True)
    except NotFound:
        return f"there is no namespace {namespace} for the registration records"
    except RequestRefused as error:
        return _judged(str(error), namespace, policy)
    return f"the admission policy {policy} does not deny what it must: is it installed, with its binding?"


def _judged(denial: str, namespace: str, policy: str) -> str | None:
    # An installation under a prefix of its own has the policy under it too.
    if re.search(rf"ValidatingAdmissionPolicy '[^']*{re.escape(policy)}'", denial) is None:
        return f"the admission policy {policy} was not what denied the probe: {denial}"
    if _ELSEWHERE in denial:
        return (
            f"the admission policy {policy} is for records in another namespace than {namespace}: the operator's "
            "--records-namespace and the fence have to name the same one; with another one than before, all records "
            "would be missing"
        )
    said = re.search(r"\(fence edition ([0-9]{1,9})\)", denial)
    # The first edition did not say which it was.
    edition = int(said[1]) if said is not None else 1
    if edition >= EDITION:
        return None
    return (
        f"the admission policy {policy} is of an older release: its rules are of edition {edition}, and this operator "
        f"works behind edition {EDITION} or newer; apply deploy/fence of this operator's release (or all of deploy/)"
    )
