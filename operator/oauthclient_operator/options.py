"""What the operator's owner decides at start: flags and environment variables, checked before anything else happens.

A flag wins over its variable, `OAUTHCLIENT_OPERATOR_` and the flag's name. What can be given several times as a flag
is separated by commas in a variable.
"""

import argparse
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

from . import names

PREFIX: Final = "OAUTHCLIENT_OPERATOR_"
MARGIN: Final = timedelta(seconds=5)
"""How much longer than an exchange with an issuer the right to act must last."""
LEASE_RENEWAL: Final = timedelta(seconds=10)
"""How often the Lease is renewed."""

_SERVICE_LINK = re.compile("SERVICE_HOST|SERVICE_PORT(_.*)?|PORT|PORT_.*")
"""Variables that Kubernetes makes in the pods beside a Service of our name."""
_DURATION = re.compile("(?:([0-9]{1,6})h)?(?:([0-9]{1,6})m)?(?:([0-9]{1,6})s)?")
_ADDRESS = re.compile(r"(?:(?P<name>[A-Za-z0-9.-]*)|\[(?P<v6>[0-9A-Fa-f:.]+)\]):(?P<port>[0-9]{1,5})")
_RESERVED_PREFIXES: Final = ("kubernetes.io", "k8s.io", names.GROUP)
_RECOMMENDED: Final = "app.kubernetes.io"
"""The prefix of the recommended labels, which describe and order nothing; our own among them is not to be had."""
_LABEL = re.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


class Address(NamedTuple):
    """Where to listen: on all addresses without a host, on a free port with port 0."""

    host: str | None
    port: int


LISTEN: Final = Address(None, 8080)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """All options with their defaults."""

    kubeconfig: Path | None = None
    namespaces: tuple[str, ...] = ()
    records_namespace: str = names.RECORDS_NAMESPACE
    lease_namespace: str | None = None
    private_issuers: tuple[str, ...] = ()
    http_issuers: tuple[str, ...] = ()
    endpoint_origins: tuple[str, ...] = ()
    """These three as written: the egress door, whose rules they are, reads them."""
    ca_bundle: Path | None = None
    exchange_timeout: timedelta = timedelta(seconds=20)
    release_after: timedelta = timedelta(hours=1)
    lease_duration: timedelta = timedelta(seconds=45)
    retry_slowly: timedelta = timedelta(minutes=15)
    no_secret_watch: bool = False
    secret_check_interval: timedelta = timedelta(minutes=10)
    secret_metadata_prefixes: tuple[str, ...] = ()
    issuer_concurrency: int = 16
    records_per_namespace: int = 1000
    kube_api_qps: int = 500
    kube_api_burst: int = 1000
    listen: Address = LISTEN
    log_format: str = "auto"
    log_level: str = "info"

    @classmethod
    def parse(cls, argv: Sequence[str], environ: Mapping[str, str]) -> Self:
        """Return the options of `run`, or print what is wrong and exit with status 2."""
        parser = _parser()
        return cls.of(parser, parser.parse_args(argv), environ)

    @classmethod
    def of(cls, parser: argparse.ArgumentParser, given: argparse.Namespace, environ: Mapping[str, str]) -> Self:
        """Return the options from what a parser that `add_flags` prepared has read, or exit with status 2."""
        values: dict[str, Any] = {}
        try:
            for flag, origin, written in (*_from_environment(environ), *_from_flags(given)):
                values[flag.field] = flag.value(origin, written)
            options = cls(**values)
            _check_lease(options)
        except ValueError as error:
            parser.error(str(error))
        return options


class _Flag(NamedTuple):
    name: str
    field: str
    parse: Callable[[str], object]
    metavar: str | None
    """Stands for the value; None: it takes none, and its variable says true or false."""
    help: str
    repeatable: bool = False

    @property
    def variable(self) -> str:
        return PREFIX + self.name.removeprefix("--").replace("-", "_").upper()

    def value(self, origin: str, written: Sequence[str]) -> object:
        try:
            parsed = tuple(self.parse(text.strip()) for text in written)
        except ValueError as error:
            raise ValueError(f"{origin}: {error}") from None
        return parsed if self.repeatable else parsed[-1]


def _word(text: str) -> str:
    if not text or any(character.isspace() for character in text):
        raise ValueError("is empty or holds a space")
    return text


def _namespace(text: str) -> str:
    if not _LABEL.fullmatch(text):
        raise ValueError(f"{text!r} is no name of a namespace")
    return text


def _file(text: str) -> Path:
    path = Path(text).expanduser()
    if not path.is_file():
        raise ValueError(f"there is no file {text!r}")
    return path


def _duration(text: str) -> timedelta:
    match = _DURATION.fullmatch(text)
    hours, minutes, seconds = (int(part or 0) for part in match.groups()) if match is not None else (0, 0, 0)
    duration = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if not timedelta(0) < duration <= timedelta(days=366):
        raise ValueError(f"{text!r} is no time such as 20s, 15m, 1h or 1h30m")
    return duration


def _switch(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(f"{text!r} is neither true nor false")
    return text == "true"


def _metadata_prefix(text: str) -> str:
    """Return a prefix of labels and annotations, one that gives no say over what Kubernetes and we keep there."""
    prefix = text.removesuffix("/")
    if len(prefix) > 253 or not all(_LABEL.fullmatch(part) for part in prefix.split(".")):
        raise ValueError(f"{text!r} is no prefix of a label's or annotation's key such as example.com")
    if prefix != _RECOMMENDED and any(f".{prefix}".endswith(f".{reserved}") for reserved in _RESERVED_PREFIXES):
        raise ValueError(f"{text!r} is reserved: what is written under it is Kubernetes' or the operator's own")
    return prefix


def _count(text: str) -> int:
    if not re.fullmatch("[1-9][0-9]{0,3}", text):
        raise ValueError(f"{text!r} is no number from 1 to 9999")
    return int(text)


def _number(text: str) -> int:
    if not re.fullmatch("[1-9][0-9]{0,5}", text):
        raise ValueError(f"{text!r} is no number from 1 to 999999")
    return int(text)


def _address(text: str) -> Address:
    match = _ADDRESS.fullmatch(text)
    if match is None or int(match["port"]) > 65535:
        raise ValueError(f"{text!r} is no address such as :8080, 127.0.0.1:8080 or [::1]:8080")
    return Address(match["name"] or match["v6"] or None, int(match["port"]))


def _one_of(*choices: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in choices:
            raise ValueError(f"{text!r} is none of {', '.join(choices)}")
        return text

    return parse


_FLAGS: Final = (
    _Flag(
        "--kubeconfig",
        "kubeconfig",
        _file,
        "FILE",
        "the cluster; default: the pod's account, $KUBECONFIG, ~/.kube/config",
    ),
    _Flag("--namespace", "namespaces", _namespace, "NAME", "a namespace to watch; default: all", repeatable=True),
    _Flag(
        "--records-namespace",
        "records_namespace",
        _namespace,
        "NAME",
        f"of the records; default: {names.RECORDS_NAMESPACE}",
    ),
    _Flag(
        "--lease-namespace",
        "lease_namespace",
        _namespace,
        "NAME",
        f"of the Lease; default: the pod's, {names.SYSTEM_NAMESPACE} outside of one",
    ),
    _Flag(
        "--allow-private-issuer",
        "private_issuers",
        _word,
        "HOST|CIDR",
        "may be at an address that is not public",
        repeatable=True,
    ),
    _Flag("--allow-http-issuer", "http_issuers", _word, "HOST", "may be reached without TLS", repeatable=True),
    _Flag(
        "--allow-endpoint-origin",
        "endpoint_origins",
        _word,
        "ISSUER=ORIGIN",
        "may also be named by the issuer's documents",
        repeatable=True,
    ),
    _Flag("--ca-bundle", "ca_bundle", _file, "FILE", "certificate authorities of issuers, PEM; default: the system's"),
    _Flag(
        "--exchange-timeout", "exchange_timeout", _duration, "TIME", "of one HTTP exchange with an issuer; default: 20s"
    ),
    _Flag(
        "--release-after",
        "release_after",
        _duration,
        "TIME",
        "how long an unconfirmed deregistration holds its resource; default: 1h",
    ),
    _Flag(
        "--lease-duration",
        "lease_duration",
        _duration,
        "TIME",
        "how long the right to act lasts without renewal; default: 45s",
    ),
    _Flag(
        "--retry-slowly",
        "retry_slowly",
        _duration,
        "TIME",
        "interval for what only a change elsewhere mends; default: 15m",
    ),
    _Flag(
        "--no-secret-watch",
        "no_secret_watch",
        _switch,
        None,
        "neither list nor watch Secrets but records; look at each published one by its name",
    ),
    _Flag(
        "--secret-check-interval",
        "secret_check_interval",
        _duration,
        "TIME",
        "between two such looks at one Secret; default: 10m",
    ),
    _Flag(
        "--secret-metadata-prefix",
        "secret_metadata_prefixes",
        _metadata_prefix,
        "PREFIX",
        "of labels and annotations that a published Secret may be given; default: none",
        repeatable=True,
    ),
    _Flag(
        "--issuer-concurrency", "issuer_concurrency", _count, "COUNT", "exchanges at once with one issuer; default: 16"
    ),
    _Flag(
        "--records-per-namespace",
        "records_per_namespace",
        _number,
        "COUNT",
        "registration records for one namespace's resources; default: 1000",
    ),
    _Flag("--kube-api-qps", "kube_api_qps", _count, "COUNT", "requests a second to the API server; default: 500"),
    _Flag("--kube-api-burst", "kube_api_burst", _count, "COUNT", "and so many at once after a pause; default: 1000"),
    _Flag(
        "--listen",
        "listen",
        _address,
        "[HOST]:PORT",
        "of /livez, /readyz and /metrics; default: :8080",
    ),
    _Flag(
        "--log-format",
        "log_format",
        _one_of("auto", "json", "text"),
        "FORMAT",
        "auto (json unless on a terminal), json or text; default: auto",
    ),
    _Flag(
        "--log-level",
        "log_level",
        _one_of("debug", "info", "warning", "error"),
        "LEVEL",
        "debug, info, warning or error; default: info",
    ),
)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"{names.OPERATOR} run",
        description="Run the operator.",
        epilog=f"A flag can also be given as a variable: --log-level as {PREFIX}LOG_LEVEL. It wins over the variable.",
        # A prefix that is unique today might not be tomorrow.
        allow_abbrev=False,
    )
    add_flags(parser, {flag.field for flag in _FLAGS})
    return parser


def add_flags(parser: argparse.ArgumentParser, fields: Collection[str]) -> None:
    """Let a parser know the flags of those fields."""
    for flag in _FLAGS:
        if flag.field not in fields:
            continue
        about = flag.help + (" (repeatable)" if flag.repeatable else "")
        if flag.metavar is None:
            parser.add_argument(flag.name, dest=flag.field, action="append_const", const="true", help=about)
        else:
            parser.add_argument(flag.name, dest=flag.field, action="append", metavar=flag.metavar, help=about)


def _from_flags(given: argparse.Namespace) -> Iterator[tuple[_Flag, str, Sequence[str]]]:
    for flag in _FLAGS:
        written = vars(given).get(flag.field)
        if written is not None:
            yield flag, flag.name, written


def _from_environment(environ: Mapping[str, str]) -> Iterator[tuple[_Flag, str, Sequence[str]]]:
    flags = {flag.variable: flag for flag in _FLAGS}
    for variable, text in environ.items():
        name = variable.removeprefix(PREFIX)
        if name == variable or _SERVICE_LINK.fullmatch(name):
            continue
        if variable not in flags:
            # Most likely misspelt; a fence that somebody believes to have opened or closed is worth a word.
            raise ValueError(f"{variable} is none of the operator's variables")
        flag = flags[variable]
        written = [part for part in text.split(",") if part.strip()] if flag.repeatable else [text]
        yield flag, variable, written


def _check_lease(options: Options) -> None:
    needed = options.exchange_timeout + MARGIN + LEASE_RENEWAL
    if options.lease_duration <= needed:
        raise ValueError(
            f"--lease-duration must be longer than {needed.total_seconds():g}s: the exchange timeout "
            f"({options.exchange_timeout.total_seconds():g}s), a margin ({MARGIN.total_seconds():g}s) and a renewal "
            f"({LEASE_RENEWAL.total_seconds():g}s)"
        )
