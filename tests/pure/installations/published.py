"""What is published, when all has been seen: it was told of, and it is said whether the server accepts it.

A proof by interval finds out within that (docs/proof.md), and what it found out is believed ten minutes later.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from oauthclient_operator import names
from oauthclient_operator.names import ConditionType, Done, Reason
from oauthclient_operator.resource.served import fingerprint
from tests.pure.installations import published_keys
from tests.pure.installations.authorization_server import ErringServer, kids
from tests.pure.installations.clock import Clock
from tests.pure.installations.cluster import Body, Cluster
from tests.pure.installations.installation import Installation
from tests.pure.installations.promises import said
from tests.pure.installations.shown import clients, shown

CAME: Final = (Done.REGISTERED, Done.ADOPTED)
"""The Events of which one tells where each client comes from."""
ASKED: Final = {
    "prove": names.PROVE_ANNOTATION,
    "refresh": names.REFRESH_ANNOTATION,
    "retry": names.RETRY_ANNOTATION,
    "rotate": names.ROTATE_ANNOTATION,
}
ACCEPTED_AGAIN: Final = "accepted again"
"""Credentials that were refused for long are so: a proof took back what was believed."""

ANOTHER_KEY: Final = "another key"
"""It is published of the same client, and the one before is still good."""
ALONE: Final = "another key alone"
"""And the one before is not."""


class Published:
    """The Secrets of clients in a cluster, as the authorization server would judge them."""

    def __init__(self, cluster: Cluster, server: ErringServer, installations: Sequence[Installation] = ()) -> None:
        self._cluster = cluster
        self._server = server
        self._installations = installations
        self._untold: set[str] = set()
        self._refused: set[tuple[str, str]] = set()
        self._keys: dict[tuple[str, str], str] = {}
        self.seen: Counter[str] = Counter()
        """How often what was said of whether credentials are accepted, when all had been seen."""

    def restarted(self) -> None:
        """Take it that a process ended, or could write no Event: what it did last it may not have told."""
        self._untold |= self._server.clients.keys() | self._server.disabled.keys()

    def otherwise(self) -> dict[str, tuple[Any, Any]]:
        """Return where something is not so: what should be, and what is."""
        if self._cluster.events_lost:
            self._cluster.events_lost = 0
            self.restarted()
        came = [str(event["note"]) for event in self._cluster.events if event["reason"] in CAME]
        holders = Counter(body.get("status", {}).get("clientID") for body in clients(self._cluster))
        found: dict[str, tuple[Any, Any]] = {}
        for body, values in shown(self._cluster):
            where, client_id = f"{body['metadata']['namespace']}/{body['metadata']['name']}", values["client_id"]
            if client_id not in self._untold and not any(f'"{client_id}"' in note for note in came):
                found[where] = (f"an Event tells of {client_id}", None)
            self._count(body, values)
            for should, is_ in published_keys.amiss(
                body, values, self._server, Clock().now(), is_shared=holders[client_id] > 1
            ):
                found[where] = (should, is_)
            if not self._is_proven(body):
                continue
            if not_served := _not_served(body):
                found[where] = ("what is asked for is served", not_served)
            accepts = self._server.accepts(values)
            valid, renewing = said(body, ConditionType.CREDENTIALS_VALID), said(body, ConditionType.RENEWING)
            expected = ("True",) if accepts else ("False", "Unknown") if self._is_undated(values) else ("False",)
            if valid[0] not in expected and not self._is_untold(values, valid[1]):
                found[where] = (f"the server {'accepts' if accepts else 'refuses'} {client_id}", valid)
            reregisters = body["spec"].get("policy", {}).get("gone") == "Reregister"
            is_gone = reregisters and valid[1] == Reason.CLIENT_GONE
            if is_gone and renewing[0] != "False":
                found[where] = (f"another one takes the place of {client_id}", renewing)
            is_refused = reregisters and valid[:2] == ("False", Reason.CREDENTIALS_REFUSED)
            if is_refused and client_id not in {**self._server.clients, **self._server.disabled}:
                found[where] = (f"the server does not know {client_id}", valid)
        return found

    def _is_undated(self, values: dict[str, str]) -> bool:
        """Whether a refusal may be for the time alone: unless it is told apart from that, nobody knows."""
        return "private_key" in values and not self._server.is_dated

    def _is_untold(self, values: dict[str, str], reason: str) -> bool:
        """Whether nobody can tell that credentials are accepted or not (docs/proof.md)."""
        was_refused_first = not self._server.accepts(values) and reason == Reason.NOT_PROVABLE
        return was_refused_first or self._server.fails_over(values["client_id"])

    def _count(self, body: Body, values: dict[str, str]) -> None:
        status, reason, _ = said(body, ConditionType.CREDENTIALS_VALID)
        what = body["metadata"]["uid"], values["client_id"]
        if status == "True" and what in self._refused:
            self.seen[ACCEPTED_AGAIN] += 1
        (self._refused.add if status == "False" else self._refused.discard)(what)
        if (key_id := values.get("key_id")) is not None:
            if self._keys.get(what, key_id) != key_id:
                is_alone = kids(self._server.clients.get(values["client_id"], {})) == [key_id]
                self.seen[ALONE if is_alone else ANOTHER_KEY] += 1
            self._keys[what] = key_id
        if status:
            self.seen[f"{status} {reason}"] += 1

    def _is_proven(self, body: Body) -> bool:
        """Whether it is to be proven from time to time."""
        if body["metadata"].get("annotations", {}).get(names.PAUSED_ANNOTATION) == "true":
            return False
        of_operator = any(
            installation.proof_interval is not None and installation.looks_after(body["metadata"]["namespace"])
            for installation in self._installations
        )
        if "issuerRef" not in body["spec"]:
            return of_operator
        issuer = self._cluster.get("clusteroauthissuers", "", body["spec"]["issuerRef"]["name"])
        if issuer is None:
            return False
        return of_operator or "interval" in issuer["spec"].get("defaults", {}).get("proof", {})


def _not_served(body: Body) -> list[str]:
    """Return what annotations ask for of which the status says that something else was served."""
    annotations, served = body["metadata"].get("annotations", {}), body["status"].get("served", {})
    found = [n for n, key in ASKED.items() if key in annotations and served.get(n) != fingerprint(annotations[key])]
    # A replacement whose answers were lost waits for a person, and is served when it has ended.
    waits = said(body, ConditionType.RENEWING)[0] == "False"
    return [name for name in found if not (waits and name == "rotate")]
