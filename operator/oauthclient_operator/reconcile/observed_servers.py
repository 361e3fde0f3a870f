"""What was seen of the servers of ClusterOAuthIssuers, in answers to their clients, until their status says it."""

from collections.abc import Callable

from ..plan.observed_server import observed_in
from ..record.record import Record
from ..resource.cluster_oauth_issuer import ClusterOAuthIssuer
from ..resource.issuer_status import Observed
from ..resource.key import Key, cluster_issuer
from ..resource.terms import IssuerTerms


class ObservedServers:
    """Filled by passes over clients, asked by those over issuers; an issuer is looked at for it a few times at most."""

    def __init__(self, wake: Callable[[Key], None]) -> None:
        self._wake = wake
        self._seen: dict[str, tuple[str, Observed]] = {}

    def of(self, issuer: ClusterOAuthIssuer) -> Observed:
        """Return what was seen by now, what its status says included, which a process of before may have seen."""
        uid, seen = self._seen.get(issuer.name, (issuer.uid, Observed()))
        known = seen.over(issuer.status.observed) if uid == issuer.uid else issuer.status.observed
        self._seen[issuer.name] = (issuer.uid, known)
        return known

    def answered(self, terms: IssuerTerms, before: Record | None, after: Record) -> None:
        """Take what an answer brought, of clients that were registered through the issuer resource of these terms."""
        issuer = terms.resource
        if issuer is None:
            return
        for client in after.clients:
            if client.admitted_by != issuer.uid:
                continue
            found = observed_in(before.client(client.key) if before is not None else None, client)
            uid, known = self._seen.get(issuer.name, (issuer.uid, Observed()))
            seen = found.over(known if uid == issuer.uid else Observed())
            if seen != known or uid != issuer.uid:
                self._seen[issuer.name] = (issuer.uid, seen)
                self._wake(cluster_issuer(issuer.name))

    def forget(self, name: str) -> None:
        """Take leave of an issuer that is gone."""
        self._seen.pop(name, None)
