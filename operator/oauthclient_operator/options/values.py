"""The options as one value: their defaults, and what must hold between them."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Self

from .. import names
from .flags import FLAGS, PREFIX, add_flags, from_environment, from_flags
from .parsers import Address

MARGIN: Final = timedelta(seconds=5)
"""How much longer than an exchange with an issuer the right to act must last."""
LEASE_RENEWAL: Final = timedelta(seconds=10)
"""How often the Lease is renewed."""
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
    system_authorities: bool = False
    exchange_timeout: timedelta = timedelta(seconds=20)
    release_after: timedelta = timedelta(hours=1)
    lease_duration: timedelta = timedelta(seconds=45)
    retry_slowly: timedelta = timedelta(minutes=15)
    proof_interval: timedelta | None = None
    tenant_issuers: str = "Allow"
    metrics_namespaces: bool = False
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
            for flag, origin, written in (*from_environment(environ), *from_flags(given)):
                values[flag.field] = flag.value(origin, written)
            options = cls(**values)
            _check_lease(options)
        except ValueError as error:
            parser.error(str(error))
        return options


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"{names.OPERATOR} run",
        description="Run the operator.",
        epilog=f"A flag can also be given as a variable: --log-level as {PREFIX}LOG_LEVEL. It wins over the variable.",
        # An abbreviation that is unique today may be ambiguous with the next flag that is added.
        allow_abbrev=False,
    )
    add_flags(parser, {flag.field for flag in FLAGS})
    return parser


def _check_lease(options: Options) -> None:
    needed = options.exchange_timeout + MARGIN + LEASE_RENEWAL
    if options.lease_duration <= needed:
        raise ValueError(
            f"--lease-duration must be longer than {needed.total_seconds():g}s: the exchange timeout "
            f"({options.exchange_timeout.total_seconds():g}s), a margin ({MARGIN.total_seconds():g}s) and a renewal "
            f"({LEASE_RENEWAL.total_seconds():g}s)"
        )
