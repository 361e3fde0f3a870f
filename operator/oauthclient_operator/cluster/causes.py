"""Why the API server did not answer, in words that quote nothing of what was sent or received; pure."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import aiohttp
from kubernetes.aio.client.exceptions import OpenApiException
from kubernetes.aio.config import ConfigException

from ..errors import RequestRefused, Unanswered

CONNECT_TIMEOUT: Final = 5.0
"""Seconds for a connection to it."""
FAILURES: Final = (aiohttp.ClientError, OpenApiException, ConfigException, OSError, ValueError)
"""All that a request to it raises where there is no complete answer."""


@contextmanager
def answered(
    asked: str, late: str, *, broke: str = "no complete answer", never: Callable[[], bool] = lambda: False
) -> Iterator[None]:
    """Say of what is asked there that the answer did not come: `late`, or why else.

    Raises:
        Unanswered: so it is.
        RequestRefused: and it never will be answered; who waits for that until it is would wait in vain.
    """
    try:
        yield
    except aiohttp.ConnectionTimeoutError:
        raise Unanswered(f"{asked}: no connection within {CONNECT_TIMEOUT:g} s") from None
    except TimeoutError:
        raise Unanswered(f"{asked}: {late}") from None
    except FAILURES as error:
        # Not chained: some of these quote what was sent or received.
        why = RequestRefused if never() else Unanswered
        raise why(f"{asked}: {broke} ({cause(error)})") from None


def cause(error: Exception) -> str:
    """Return what kept an answer from coming, and from where: for people, who may have the address wrong."""
    match error:
        case aiohttp.ClientConnectorCertificateError(host=host, port=port, certificate_error=why):
            # By OpenSSL, about the server's certificate.
            return f"{host}:{port}: {getattr(why, 'verify_message', None) or 'its certificate cannot be verified'}"
        case aiohttp.ClientConnectorSSLError(host=host, port=port):
            return f"{host}:{port} does not speak TLS as it has to"
        case aiohttp.ClientConnectorDNSError(host=host):
            return f"{host} has no address"
        case aiohttp.ClientProxyConnectionError(host=host, port=port, os_error=why):
            return f"the proxy {host}:{port}: {_said(why)}"
        case aiohttp.ClientConnectorError(host=host, port=port, os_error=why):
            return f"{host}:{port}: {_said(why)}"
        case aiohttp.ClientOSError():
            # Among them that nothing comes back any more (`sockets`).
            return _said(error)
        case _:
            return type(error).__name__


def _said(error: OSError) -> str:
    # What it has to say itself may be of several addresses.
    return os.strerror(error.errno) if error.errno else "it cannot be reached"
