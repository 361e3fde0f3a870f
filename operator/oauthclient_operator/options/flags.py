"""Every flag of the operator: its name, its variable, and how what is written there is read."""

import argparse
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from .. import names
from .parsers import address, count, duration, file, metadata_prefix, namespace, number, one_of, switch, word

PREFIX: Final = "OAUTHCLIENT_OPERATOR_"
_SERVICE_LINK = re.compile("SERVICE_HOST|SERVICE_PORT(_.*)?|PORT|PORT_.*")
"""Variables that Kubernetes makes in the pods beside a Service of our name."""


class Flag(NamedTuple):
    """One flag, and the field of the options that it fills."""

    name: str
    field: str
    parse: Callable[[str], object]
    metavar: str | None
    """Stands for the value; None: it takes none, and its variable says true or false."""
    help: str
    repeatable: bool = False

    @property
    def variable(self) -> str:
        """The name of its environment variable."""
        return PREFIX + self.name.removeprefix("--").replace("-", "_").upper()

    def value(self, origin: str, written: Sequence[str]) -> object:
        """Read what was written, as often as it was.

        Raises:
            ValueError: it cannot be read; the message begins with `origin` and says what to write.
        """
        try:
            parsed = tuple(self.parse(text.strip()) for text in written)
        except ValueError as error:
            raise ValueError(f"{origin}: {error}") from None
        return parsed if self.repeatable else parsed[-1]


FLAGS: Final = (
    Flag(
        "--kubeconfig",
        "kubeconfig",
        file,
        "FILE",
        "the cluster; default: the pod's account, $KUBECONFIG, ~/.kube/config",
    ),
    Flag("--namespace", "namespaces", namespace, "NAME", "a namespace to watch; default: all", repeatable=True),
    Flag(
        "--records-namespace",
        "records_namespace",
        namespace,
        "NAME",
        f"of the records; default: {names.RECORDS_NAMESPACE}",
    ),
    Flag(
        "--lease-namespace",
        "lease_namespace",
        namespace,
        "NAME",
        f"of the Lease; default: the pod's, {names.SYSTEM_NAMESPACE} outside of one",
    ),
    Flag(
        "--allow-private-issuer",
        "private_issuers",
        word,
        "HOST|CIDR",
        "may be at an address that is not public",
        repeatable=True,
    ),
    Flag("--allow-http-issuer", "http_issuers", word, "HOST", "may be reached without TLS", repeatable=True),
    Flag(
        "--allow-endpoint-origin",
        "endpoint_origins",
        word,
        "ISSUER=ORIGIN",
        "may also be named by the issuer's documents",
        repeatable=True,
    ),
    Flag(
        "--ca-bundle",
        "ca_bundle",
        file,
        "FILE",
        "certificate authorities of issuers, PEM, in the place of the system's",
    ),
    Flag(
        "--system-authorities",
        "system_authorities",
        switch,
        None,
        "believe the system's authorities as well as the bundle's",
    ),
    Flag(
        "--exchange-timeout", "exchange_timeout", duration, "TIME", "of one HTTP exchange with an issuer; default: 20s"
    ),
    Flag(
        "--release-after",
        "release_after",
        duration,
        "TIME",
        "how long an unconfirmed deregistration holds its resource; default: 1h",
    ),
    Flag(
        "--lease-duration",
        "lease_duration",
        duration,
        "TIME",
        "how long the right to act lasts without renewal; default: 45s",
    ),
    Flag(
        "--retry-slowly",
        "retry_slowly",
        duration,
        "TIME",
        "interval for what only a change elsewhere mends; default: 15m",
    ),
    Flag(
        "--proof-interval",
        "proof_interval",
        duration,
        "TIME",
        "between two proofs that a server accepts what is published; default: only at doubt and on request",
    ),
    Flag(
        "--tenant-issuers",
        "tenant_issuers",
        one_of("Allow", "Deny"),
        "Allow|Deny",
        "whether an OAuthClient may name an issuer itself, or only a ClusterOAuthIssuer; default: Allow",
    ),
    Flag(
        "--metrics-namespaces",
        "metrics_namespaces",
        switch,
        None,
        "give what is told of OAuthClients on /metrics a label with their namespace",
    ),
    Flag(
        "--no-secret-watch",
        "no_secret_watch",
        switch,
        None,
        "neither list nor watch Secrets but records; look at each published one by its name",
    ),
    Flag(
        "--secret-check-interval",
        "secret_check_interval",
        duration,
        "TIME",
        "between two such looks at one Secret; default: 10m",
    ),
    Flag(
        "--secret-metadata-prefix",
        "secret_metadata_prefixes",
        metadata_prefix,
        "PREFIX",
        "of labels and annotations that a published Secret may be given, / of those that have none; default: none",
        repeatable=True,
    ),
    Flag(
        "--issuer-concurrency", "issuer_concurrency", count, "COUNT", "exchanges at once with one issuer; default: 16"
    ),
    Flag(
        "--records-per-namespace",
        "records_per_namespace",
        number,
        "COUNT",
        "registration records for one namespace's resources; default: 1000",
    ),
    Flag("--kube-api-qps", "kube_api_qps", count, "COUNT", "requests a second to the API server; default: 500"),
    Flag("--kube-api-burst", "kube_api_burst", count, "COUNT", "and so many at once after a pause; default: 1000"),
    Flag(
        "--listen",
        "listen",
        address,
        "[HOST]:PORT",
        "of /livez, /readyz and /metrics; default: :8080",
    ),
    Flag(
        "--log-format",
        "log_format",
        one_of("auto", "json", "text"),
        "FORMAT",
        "auto (json unless on a terminal), json or text; default: auto",
    ),
    Flag(
        "--log-level",
        "log_level",
        one_of("debug", "info", "warning", "error"),
        "LEVEL",
        "debug, info, warning or error; default: info",
    ),
)


def add_flags(parser: argparse.ArgumentParser, fields: Collection[str]) -> None:
    """Let a parser know the flags of those fields."""
    for flag in FLAGS:
        if flag.field not in fields:
            continue
        about = flag.help + (" (repeatable)" if flag.repeatable else "")
        if flag.metavar is None:
            parser.add_argument(flag.name, dest=flag.field, action="append_const", const="true", help=about)
        else:
            parser.add_argument(flag.name, dest=flag.field, action="append", metavar=flag.metavar, help=about)


def from_flags(given: argparse.Namespace) -> Iterator[tuple[Flag, str, Sequence[str]]]:
    """Yield the flags that were given, each with its origin for messages and what was written."""
    for flag in FLAGS:
        written = vars(given).get(flag.field)
        if written is not None:
            yield flag, flag.name, written


def from_environment(environ: Mapping[str, str]) -> Iterator[tuple[Flag, str, Sequence[str]]]:
    """Yield the flags whose variables are set, as `from_flags` does.

    Raises:
        ValueError: a variable has our prefix and belongs to no flag.
    """
    flags = {flag.variable: flag for flag in FLAGS}
    for variable, text in environ.items():
        name = variable.removeprefix(PREFIX)
        if name == variable or _SERVICE_LINK.fullmatch(name):
            continue
        if variable not in flags:
            # Most likely misspelt. Ignored, it would leave as it is what somebody believes to have restricted.
            raise ValueError(f"{variable} is none of the operator's variables")
        flag = flags[variable]
        written = [part for part in text.split(",") if part.strip()] if flag.repeatable else [text]
        yield flag, variable, written
