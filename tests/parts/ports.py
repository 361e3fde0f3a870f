"""Loopback ports for servers that cannot be asked to choose their own."""

import random
import socket

_CHOICE = range(20_000, 32_000)
"""Below the range from which the kernel takes outgoing ports, so that no connection takes one before its server does."""


_GIVEN: set[int] = set()


def free_port() -> int:
    """Return a port on 127.0.0.1 that nothing listens on now, and that was not returned before.

    An operator remembers an issuer by its address: another one there would be taken for the one before.
    """
    for port in random.sample(sorted(set(_CHOICE) - _GIVEN), 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            _GIVEN.add(port)
            return port
    raise OSError("no free port on 127.0.0.1 after 100 tries")


def is_taken(port: int) -> bool:
    """Return whether something takes connections at a port of 127.0.0.1."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            return True
    except OSError:
        return False
