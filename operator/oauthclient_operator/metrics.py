"""What the operator counts, in Prometheus' words; no label names an issuer, a client, a namespace or a resource.

What tells of the cluster is told by the leader alone, from its caches, when somebody asks: so a sum over the replicas
counts nothing twice.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, disable_created_metrics
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from .exchange import Answer, NotSent, Purpose, Request, Response
from .oauth.outcome import Ambiguous, Committed, Outcome, Rejected

_WORDS: Final[Mapping[type, str]] = {
    NotSent: "not_sent",
    Rejected: "rejected",
    Ambiguous: "ambiguous",
    Committed: "committed",
}
_SECONDS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 60.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Census:
    """The cluster as the caches show it; `secret_expiry_seconds` is the smallest, None where no secret expires."""

    resources: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """How many have that status and reason of Ready."""
    suspected_orphans: int = 0
    left_behind: int = 0
    records_open: int = 0
    secret_expiry_seconds: float | None = None


class Metrics(Collector):
    """One process's metrics; it leads while `census` returns something."""

    def __init__(self, *, queue_depth: Callable[[], int], census: Callable[[], Census | None]) -> None:
        # The library has no types for it.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._queue_depth = queue_depth
        self._census = census
        self._registry = CollectorRegistry()
        self._registrations = Counter(
            "oauthclient_registrations",
            "Registration requests (RFC 7591), by what came of them for the record.",
            ["outcome"],
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
        yield _gauge("leader", "Whether this process holds the Lease and acts.", int(census is not None))
        yield _gauge("queue_depth", "Resources that wait or are in work.", self._queue_depth())
        if census is None:
            return
        resources = GaugeMetricFamily(
            "oauthclient_resources", "OAuthClients, by their Ready condition.", labels=["ready", "reason"]
        )
        for labels, count in census.resources.items():
            resources.add_metric(labels, count)
        yield resources
        yield _gauge("suspected_orphans", "Registrations whose answer was lost.", census.suspected_orphans)
        yield _gauge("left_behind", "Records of clients that outlived their resource.", census.left_behind)
        yield _gauge("records_open", "Records with a call whose outcome is not recorded yet.", census.records_open)
        if census.secret_expiry_seconds is not None:
            expiry = census.secret_expiry_seconds
            yield _gauge("secret_expiry_seconds", "Until the first client secret expires; negative after.", expiry)


def _gauge(name: str, documentation: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"oauthclient_{name}", documentation, value=value)


def _outcome(answer: Answer) -> str:
    match answer:
        case Response(status=status):
            return f"{status // 100}xx"
        case NotSent():
            return "not_sent"
        case _:
            return "incomplete"
