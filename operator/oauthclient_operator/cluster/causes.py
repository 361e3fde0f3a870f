"""Why the API server did not answer, in words that quote nothing of what was sent or received; pure."""

import os
from typing import Final

import aiohttp
from kubernetes.aio.client.exceptions import OpenApiException
from kubernetes.aio.config import ConfigException

FAILURES: Final = (aiohttp.ClientError, OpenApiException, ConfigException, OSError, ValueError)
"""All that a request to it raises where there is no complete answer."""


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
        case _:
            return type(error).__name__


def _said(error: OSError) -> str:
    # What it has to say itself may be of several addresses.
    return os.strerror(error.errno) if error.errno else "it cannot be reached"
