"""What the operator counts, in Prometheus' words; no label names an issuer, a client or a resource.

What tells of the cluster is told by the leader alone, from its caches, when somebody asks: so a sum over the replicas
counts nothing twice.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, disable_created_metrics
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from .exchange import Answer, NotSent, Purpose, Request, Response
from .oauth.outcome import Ambiguous, Committed, NotUnderstood, Outcome, Rejected
from .oauth.proof.results import Calibrated, NotKnown, NotProvable, Refused, Unavailable, Valid

_PROOFS: Final[Mapping[type, str]] = {
    Calibrated: "valid",
    Valid: "valid",
    Refused: "refused",
    NotKnown: "not_known",
    NotProvable: "not_provable",
    Unavailable: "unavailable",
}
_WORDS: Final[Mapping[type, str]] = {
    NotSent: "not_sent",
    Rejected: "rejected",
    Ambiguous: "ambiguous",
    NotUnderstood: "not_understood",
    Committed: "committed",
}
_CALLS: Final = tuple(purpose.value for purpose in Purpose if purpose is not Purpose.OTHER)
_OUTCOMES: Final = ("2xx", "3xx", "4xx", "5xx", "not_sent", "incomplete")
RENEWAL_REASONS: Final = ("Moved", "Gone", "Doubtful", "Unmanageable", "Expiry", "Requested", "Interval", "KeyChanged")
RENEWAL_STRATEGIES: Final = ("Keys", "Server", "Reregister")
RENEWAL_OUTCOMES: Final = ("promoted", "without_effect", "withdrawn")
ACCESS_TOKEN_OUTCOMES: Final = ("obtained", "denied", "unavailable", "refused")
_SECONDS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 60.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceCensus:
    """OAuthClients as the caches show them; `secret_expiry_seconds` is the smallest left, None where none is."""

    resources: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """How many have that status and reason of Ready."""
    suspects_unregistered: int = 0
    """Lost answers of resources that have no client yet."""
    suspects_registered: int = 0
    expired: int = 0
    leaving: int = 0
    renewal_overdue: int = 0
    secret_expiry_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Census(ResourceCensus):
    """The cluster as the caches show it: all OAuthClients, issuers and records."""

    namespaces: Mapping[str, ResourceCensus] = field(default_factory=dict)
    """The OAuthClients of each namespace that has some, where they are counted so."""
    issuers: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """How many ClusterOAuthIssuers have that status and reason of Ready."""
    left_behind: int = 0
    retained: int = 0
    without_resource: int = 0
    records_open: int = 0


class Metrics(Collector):
    """One process's metrics; it leads while `census` returns something, and `acts` while its Lease lasts, too.

    With `by_namespace` what is told of OAuthClients has a label `namespace`.
    """

    def __init__(
        self,
        *,
        queue_depth: Callable[[], int],
        acts: Callable[[], bool],
        census: Callable[[], Census | None],
        by_namespace: bool = False,
    ) -> None:
        # The library has no types for it.
        disable_created_metrics()  # type: ignore[no-untyped-call] # theirs
        self._queue_depth = queue_depth
        self._acts = acts
        self._census = census
        self._by_namespace = by_namespace
        self._registry = CollectorRegistry()
        self._registrations = Counter(
            "oauthclient_registrations",
            "Registration requests (RFC 7591), by what came of them for the record.",
            ["outcome"],
            registry=self._registry,
        )
        self._renewals = Counter(
            "oauthclient_renewals",
            "Replacements of what is published that ended, by the first reason and by what came of them.",
            ["reason", "strategy", "outcome"],
            registry=self._registry,
        )
        self._exchanges = Counter(
            "oauthclient_exchanges",
            "HTTP exchanges with issuers, by the status code's class, or not_sent or incomplete.",
            ["call", "outcome"],
            registry=self._registry,
        )
        self._exchange_seconds = Histogram(
            "oauthclient_exchange_duration_seconds",
            "HTTP exchanges with issuers, from name resolution to the whole answer.",
            ["call"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._reconcile_seconds = Histogram(
            "oauthclient_reconcile_duration_seconds",
            "One pass over one resource.",
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._proofs = Counter(
            "oauthclient_proofs",
            "Proofs of clients' credentials: valid, refused, not_known, not_provable, or unavailable.",
            ["outcome"],
            registry=self._registry,
        )
        self._access_tokens = Counter(
            "oauthclient_access_tokens",
            "Access tokens to be let in with: obtained, denied, unavailable, or refused where clients are registered.",
            ["outcome"],
            registry=self._registry,
        )
        for word in ACCESS_TOKEN_OUTCOMES:
            self._access_tokens.labels(word)
        for word in _PROOFS.values():
            self._proofs.labels(word)
        # From 0: an increase shows only between two values, and the first failure is the one that matters.
        for word in _WORDS.values():
            self._registrations.labels(word)
        for labels in product(RENEWAL_REASONS, RENEWAL_STRATEGIES, RENEWAL_OUTCOMES):
            self._renewals.labels(*labels)
        for call in _CALLS:
            self._exchange_seconds.labels(call)
            for outcome in _OUTCOMES:
                self._exchanges.labels(call, outcome)
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    def exchanged(self, request: Request, answer: Answer, seconds: float) -> None:
        """Count an exchange with an issuer."""
        call = request.purpose.value
        self._exchanges.labels(call, _outcome(answer)).inc()
        self._exchange_seconds.labels(call).observe(seconds)

    def called(self, kind: str, outcome: Outcome) -> None:
        """Count a call that changes something at an issuer, where it is a registration, by its outcome."""
        if kind == Purpose.REGISTER:
            self._registrations.labels(_WORDS[type(outcome)]).inc()

    def proved(self, result: object) -> None:
        """Count a proof of a client's credentials, by what came of it."""
        self._proofs.labels(_PROOFS[type(result)]).inc()

    def asked_for_access(self, outcome: str) -> None:
        """Count an access token, by what came of it."""
        self._access_tokens.labels(outcome).inc()

    def renewed(self, reason: str, strategy: str, outcome: str) -> None:
        """Count a replacement of what is published that ended."""
        self._renewals.labels(reason, strategy, outcome).inc()

    def reconciled(self, seconds: float) -> None:
        """Count a pass."""
        self._reconcile_seconds.observe(seconds)

    def text(self) -> tuple[bytes, str]:
        """Return everything in Prometheus' text format, and its media type."""
        encode, media_type = choose_encoder("")
        return encode(self._registry), media_type

    def collect(self) -> Iterable[Metric]:
        """Yield what is not counted but looked at."""
        census = self._census()
        yield _gauge("leader", "Whether this process holds the Lease and acts.", int(self._acts()))
        yield _gauge("queue_depth", "Resources that wait or are in work.", self._queue_depth())
        if census is None:
            return
        yield _labelled(
            "issuers", "ClusterOAuthIssuers, by their Ready condition.", ("ready", "reason"), census.issuers.items()
        )
        yield _labelled(
            "left_behind",
            "Records of clients that outlived their resource, by whether they were meant to.",
            ("policy",),
            [(("Delete",), census.left_behind), (("Retain",), census.retained)],
        )
        yield _gauge(
            "records_without_resource",
            "Records whose resource is gone and never passed the finalizer.",
            census.without_resource,
        )
        yield _gauge("records_open", "Records with a call whose outcome is not recorded yet.", census.records_open)
        if self._by_namespace:
            yield from _of_resources(("namespace",), [((name,), found) for name, found in census.namespaces.items()])
        else:
            yield from _of_resources((), [((), census)])


def _of_resources(
    labels: tuple[str, ...], counted: Sequence[tuple[tuple[str, ...], ResourceCensus]]
) -> Iterator[GaugeMetricFamily]:
    """Yield what is told of OAuthClients, those counted together under labels that say which they are."""

    def family(
        name: str,
        documentation: str,
        of: Callable[[ResourceCensus], Iterable[tuple[tuple[str, ...], float]]],
        *more: str,
    ) -> GaugeMetricFamily:
        values = [((*shared, *own), value) for shared, found in counted for own, value in of(found)]
        return _labelled(name, documentation, (*labels, *more), values)

    yield family(
        "resources",
        "OAuthClients, by their Ready condition.",
        lambda found: found.resources.items(),
        "ready",
        "reason",
    )
    yield family(
        "suspected_orphans",
        "Registrations whose answer was lost, by whether the resource has a client by now.",
        lambda found: [(("false",), found.suspects_unregistered), (("true",), found.suspects_registered)],
        "registered",
    )
    yield family("expired", "OAuthClients whose client secret has expired.", lambda found: [((), found.expired)])
    yield family(
        "leaving", "Clients that were published before and are still good.", lambda found: [((), found.leaving)]
    )
    yield family(
        "renewal_overdue",
        "OAuthClients whose renewal is due and was not done.",
        lambda found: [((), found.renewal_overdue)],
    )
    yield family(
        "secret_expiry_seconds",
        "Until the next client secret expires.",
        lambda found: [] if found.secret_expiry_seconds is None else [((), found.secret_expiry_seconds)],
    )


def _gauge(name: str, documentation: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"oauthclient_{name}", documentation, value=value)


def _labelled(
    name: str, documentation: str, labels: tuple[str, ...], values: Iterable[tuple[tuple[str, ...], float]]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"oauthclient_{name}", documentation, labels=labels)
    for label_values, value in values:
        family.add_metric(label_values, value)
    return family


def _outcome(answer: Answer) -> str:
    match answer:
        case Response(status=status):
            return f"{status // 100}xx"
        case NotSent():
            return "not_sent"
        case _:
            return "incomplete"
