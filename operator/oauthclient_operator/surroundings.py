"""What a process finds around it at start: how many files it may open, and what it is told and does not follow."""

import logging
import resource
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

_log = logging.getLogger(__name__)

SWITCH_INTERVAL: Final = 0.0001
"""Seconds for which the interpreter may be kept from a thread that waits for it."""
_PROXIES: Final = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")


def look_around(environ: Mapping[str, str]) -> None:
    """Take what the system offers, and say what of the environment is not used."""
    raise_limit_of_open_files()
    let_threads_go_on()
    ignored = ignored_proxies(environ)
    if ignored:
        # Not what is in them: a proxy's password may be.
        _log.warning(
            "%s set and not used: issuers are reached without a proxy; where the network lets nothing else out, no "
            "issuer will be, and the administrator has to open the way to them",
            " and ".join(ignored) + (" is" if len(ignored) == 1 else " are"),
        )


def raise_limit_of_open_files() -> None:
    """Raise the soft limit of open files to the hard one.

    The soft one is small for the sake of select(), which nothing here uses: half of the usual 1024 connections, to
    issuers and to `--listen` together, are soon there.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Some systems call a limit infinite that they do not grant.
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def let_threads_go_on() -> None:
    """Have a thread that looks up a name go on beside an event loop with much to do.

    At each look at what is ready the loop lets go of the interpreter for a moment, too short for another thread to take
    it, and each time that one begins anew to wait for the interval after which it may insist: five milliseconds by
    default, which a turn of the loop does not last. Lookups of 10 ms took up to 20 s beside a busy loop.
    """
    sys.setswitchinterval(SWITCH_INTERVAL)


def ignored_proxies(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the variables that name a proxy to other programs, as they are written."""
    return tuple(name for base in _PROXIES for name in (base, base.lower()) if environ.get(name, "").strip())
