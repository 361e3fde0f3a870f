"""How a client is registered: all that is not who registers it, where and as what."""

from collections.abc import Callable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from types import NoneType
from typing import Final, cast, get_args

from ..confidential import Confidential
from ..egress.policy import ProgramPolicy
from ..errors import InvalidArgumentType, InvalidArgumentValue
from ..oauth.jose import PrivateKey
from ..oauth.rfc8414 import DiscoveryForm
from . import arguments
from .configuration import Configuration
from .transport import Channel, Transport

TIMEOUT: Final = 30.0
"""Seconds for each exchange, if nothing else is said: for discovery, for registration, for a token."""
CLOCK_TOLERANCE: Final = 30.0
"""Seconds, if nothing else is said."""

Execute = Callable[[Configuration], Configuration]
"""Is given the configuration that a registration came to, and returns the one that is returned in its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of a registration; each is checked here, before anything is sent.

    `initial_access_token` lets the client in (RFC 7591 section 3); without one the request asks for open registration.

    `dpop_key` makes a DPoP proof for the registration and for each request to the token endpoint (RFC 9449).

    `timeout` in seconds bounds each exchange, from name resolution to the last byte.

    `discovery_form` says where the metadata document is; of no use where its URL is given.

    `execute` are functions over the resulting configuration, in their order.

    `transport` stands around our own door, see `Transport`; it cannot turn off certificate checks, nor is there another
    option that does. `ca_bundle` is a PEM file of the authorities to trust in place of the system's.

    `allow_insecure_requests` lets plain http out. WARNING: whoever is on the way can read the tokens and the client
    secret, and answer in the server's place. It is for tests on loopback, and nothing else.

    `clock_skew` in seconds is how far the server's clock is ahead of ours, negative if it is behind, a day at most;
    `clock_tolerance` in seconds is how long a client secret is still used after it expired.

    `use_mtls_endpoint_aliases` says whether the endpoints for mutual TLS are called where the server has other ones
    (RFC 8705 section 5); None means: if the client authenticates with a certificate.

    Raises:
        InvalidArgumentType, InvalidArgumentValue: an option is not what it should be.
    """

    initial_access_token: Confidential | None = None
    dpop_key: PrivateKey | None = None
    timeout: float = TIMEOUT
    discovery_form: DiscoveryForm = DiscoveryForm.AUTO
    execute: tuple[Execute, ...] = ()
    transport: Transport | None = None
    allow_insecure_requests: bool = False
    ca_bundle: str | PathLike[str] | None = None
    clock_skew: float = 0.0
    clock_tolerance: float = CLOCK_TOLERANCE
    use_mtls_endpoint_aliases: bool | None = None

    def __post_init__(self) -> None:
        if self.initial_access_token is not None:
            arguments.access_token("initial_access_token", self.initial_access_token)
        arguments.seconds("timeout", self.timeout, above=0)
        arguments.clock_skew(self.clock_skew)
        arguments.seconds("clock_tolerance", self.clock_tolerance, at_least=0)
        _is_a("dpop_key", self.dpop_key, PrivateKey | None)
        _is_a("discovery_form", self.discovery_form, DiscoveryForm)
        _is_a("ca_bundle", self.ca_bundle, str | PathLike | None)
        # What is unsafe is said with True, and with nothing else that happens to be true.
        _is_a("allow_insecure_requests", self.allow_insecure_requests, bool)
        _is_a("use_mtls_endpoint_aliases", self.use_mtls_endpoint_aliases, bool | None)
        _is_a("execute", self.execute, tuple)
        for function in self.execute:
            _is_a("execute", function, Callable)
        _is_a("transport", self.transport, Callable | None)


def _is_a(name: str, value: object, kind: object) -> None:
    if not isinstance(value, cast("type", kind)):
        names = ("None" if one is NoneType else one.__name__ for one in get_args(kind) or (cast("type", kind),))
        raise InvalidArgumentType.of(name, value, " or ".join(names))


def options_of(given: object) -> Options:
    """Return the options that were given, or the defaults in place of None.

    Raises:
        InvalidArgumentType: they are something else.
    """
    if given is None:
        return Options()
    if not isinstance(given, Options):
        raise InvalidArgumentType.of("options", given, "Options")
    return given


def channel_of(options: Options, policy: ProgramPolicy) -> Channel:
    """Return the way to the authorization server that the options ask for.

    Raises:
        InvalidArgumentValue: there is no certificate in the CA bundle.
    """
    ca_bundle = None if options.ca_bundle is None else Path(options.ca_bundle)
    try:
        return Channel(policy, ca_bundle=ca_bundle, transport=options.transport)
    except ValueError:
        raise InvalidArgumentValue("ca_bundle holds no certificates that can be read") from None
