"""What has to hold for an OAuthClient to become ready, looked at one by one by whoever asks."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from .. import names
from ..cluster.connection import Connection
from ..cluster.definitions import outdated_definitions
from ..cluster.target import ADMISSION, LEASES, Target, cluster_oauth_issuer
from ..errors import ClusterError, NotFound, RequestRefused
from ..names import ConditionType
from ..oauth.json_object import JSON
from ..oauth.words import cleaned
from ..resource.json_path import child, number, objects, text
from ..resource.times import moment

YES: Final = "yes"
NO: Final = "no"
UNKNOWN: Final = "?"
MOST: Final = 1000
"""Characters of what is said of one: some of it is a server's word, or another team's."""
_PATIENCE: Final = timedelta(seconds=15)
"""A Lease that ended a moment ago is about to be somebody else's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at: whether it holds (`yes`, `no`, or `?` where one may not look), and what is so."""

    what: str
    holds: str
    said: str

    def to_dict(self) -> dict[str, JSON]:
        """Return it for programs."""
        return {"check": self.what, "holds": {YES: True, NO: False}.get(self.holds), "said": self.said}


def holding(what: str, holds: bool | None, said: str) -> Check:
    """Return a check; None where nobody knows, or one may not look."""
    word = {True: YES, False: NO, None: UNKNOWN}[holds]
    return Check(what=what, holds=word, said=cleaned(said, limit=MOST))


async def checked(connection: Connection, system_namespace: str) -> AsyncIterator[Check]:
    """Yield each check as it is done, in the order in which one needs the other."""
    looks: dict[str, Callable[[], Awaitable[tuple[bool, str]]]] = {
        "definitions": lambda: _definitions(connection),
        "admission fence": lambda: _fence(connection),
        "operator at work": lambda: _operator(connection, system_namespace),
        "issuers": lambda: _issuers(connection),
    }
    for what, look in looks.items():
        try:
            holds, said = await look()
        except RequestRefused as refusal:
            yield holding(what, None, f"you may not look: {refusal}")
        except ClusterError as error:
            yield holding(what, None, str(error))
        else:
            yield holding(what, holds, said)


async def _definitions(connection: Connection) -> tuple[bool, str]:
    problem = await outdated_definitions(connection)
    return problem is None, problem or "they are those of this release, or newer"


async def _fence(connection: Connection) -> tuple[bool, str]:
    target = Target(api=ADMISSION, resource="validatingadmissionpolicies", name=names.OPERATOR)
    try:
        await connection.request("GET", target)
    except NotFound:
        return False, f"there is no policy {names.OPERATOR}: the operator does not start; kubectl apply -k deploy/fence"
    return True, f"the policy {names.OPERATOR} is there"


async def _operator(connection: Connection, system_namespace: str) -> tuple[bool, str]:
    target = Target(api=LEASES, resource="leases", namespace=system_namespace, name=names.OPERATOR)
    try:
        spec = child(await connection.request("GET", target), "spec")
    except NotFound:
        return False, f"no process of it has been at work in {system_namespace}; kubectl -n {system_namespace} get pods"
    # The Lease is written by another machine's clock; that of this one may be anything.
    return _leads(spec, system_namespace, connection.clock.now() or datetime.now(UTC))


def _leads(spec: Mapping[str, JSON], system_namespace: str, now: datetime) -> tuple[bool, str]:
    holder, renewed = text(spec, "holderIdentity"), moment(text(spec, "renewTime"))
    lasting = timedelta(seconds=number(spec, "leaseDurationSeconds") or 0)
    if not holder or renewed is None:
        return False, f"it was stopped; kubectl -n {system_namespace} scale deployment {names.OPERATOR} --replicas=2"
    if renewed + lasting + _PATIENCE < now:
        look = f"kubectl -n {system_namespace} logs deployment/{names.OPERATOR}"
        return False, f"the Lease was renewed last at {renewed:%Y-%m-%dT%H:%M:%SZ}; {look}"
    return True, f"{holder} holds the Lease"


async def _issuers(connection: Connection) -> tuple[bool, str]:
    found: list[Mapping[str, JSON]] = []

    def take(item: JSON) -> None:
        if isinstance(item, dict):
            found.append(item)

    await connection.list_all(cluster_oauth_issuer(), take, accept="application/json")
    not_ready = []
    for body in found:
        ready = next(
            (c for c in objects(child(body, "status"), "conditions") if text(c, "type") == ConditionType.READY), {}
        )
        if text(ready, "status") != "True":
            name, message = text(child(body, "metadata"), "name"), text(ready, "message")
            not_ready.append(f"{name}: {message or 'the operator has not come to it yet'}")
    if not_ready:
        return False, "; ".join(not_ready)
    return True, f"{len(found)} ClusterOAuthIssuers, all ready" if found else "there is no ClusterOAuthIssuer"
