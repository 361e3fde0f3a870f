"""Where the API server is and who we are there: from a kubeconfig, or from the pod's service account."""

import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp
from kubernetes.aio.client.configuration import Configuration
from kubernetes.aio.config import ConfigException
from kubernetes.aio.config.incluster_config import (
    SERVICE_CERT_FILENAME,
    SERVICE_HOST_ENV_NAME,
    SERVICE_TOKEN_FILENAME,
    InClusterConfigLoader,
)
from kubernetes.aio.config.kube_config import list_kube_config_contexts, load_kube_config

from ..confidential import Confidential
from ..errors import ClusterError
from .elapsed import elapsed

_FRESH = 60.0
"""Seconds after which a kubeconfig's credentials are read again (a token file, or a program that hands out tokens)."""
_BUFFER: Final = 1 << 16
_NAMESPACE_FILE: Final = Path(SERVICE_TOKEN_FILENAME).with_name("namespace")


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """What another client needs to be us at the API server; `token` without its scheme."""

    server: str
    ca_path: str | None
    insecure: bool
    certificate_path: str | None
    private_key_path: str | None
    scheme: str | None
    token: Confidential | None
    proxy_url: str | None

    @property
    def authorization(self) -> Confidential | None:
        """The value of the header, where there is a token."""
        return None if self.token is None else Confidential(f"{self.scheme or 'Bearer'} {self.token.reveal()}")


async def configure(
    kubeconfig: Path | None, environ: Mapping[str, str], *, context: str | None = None
) -> Configuration:
    """Return a client configuration that keeps its credentials fresh.

    The kubeconfig that was named wins, then the pod's service account, then $KUBECONFIG or ~/.kube/config. A context is
    one of a kubeconfig; without one it is the current one.

    Raises:
        ClusterError: there is none of them, or it cannot be read.
    """
    # No limit to connections: each watch holds one, and the work queue bounds the rest. With a limit, watches on many
    # namespaces would starve the writes.
    configuration = Configuration(
        connection_pool_maxsize=0,
        # A buffer of aiohttp's own default in place of the library's 2 MiB: events are cut from the stream by us.
        client_session_kwargs={"trust_env": False, "cookie_jar": aiohttp.DummyCookieJar(), "read_bufsize": _BUFFER},
        trace_configs=[_without_redirects()],
    )
    if kubeconfig is None and context is None and environ.get(SERVICE_HOST_ENV_NAME):
        _from_service_account(configuration, environ)
    else:
        await _from_kubeconfig(configuration, _kubeconfig(kubeconfig, environ), context)
    return configuration


def context_namespace(kubeconfig: Path | None, environ: Mapping[str, str], *, context: str | None = None) -> str:
    """Return the namespace that a kubeconfig's context, or its current one, names, as kubectl takes it.

    Raises:
        ClusterError: there is no kubeconfig, or no such context, or it cannot be read.
    """
    file = _kubeconfig(kubeconfig, environ)
    try:
        known, current = list_kube_config_contexts(config_file=file)
        chosen = current if context is None else next(one for one in known if one["name"] == context)
        return str(chosen["context"].get("namespace") or "default")
    except Exception as error:  # noqa: BLE001 - it raises whatever it stumbles on
        raise ClusterError(f"the kubeconfig {file} cannot be used ({type(error).__name__})") from None


def _without_redirects() -> aiohttp.TraceConfig:
    # The API server does not redirect; whoever does would be sent a Secret's manifest once more. There is no switch
    # for it on this way through the library.
    async def refuse(*_: object) -> None:
        raise aiohttp.ClientError

    trace = aiohttp.TraceConfig()
    trace.on_request_redirect.append(refuse)
    return trace


def _from_service_account(configuration: Configuration, environ: Mapping[str, str]) -> None:
    loader = InClusterConfigLoader(SERVICE_TOKEN_FILENAME, SERVICE_CERT_FILENAME, environ=environ)
    try:
        # It also makes the configuration read the token file again every minute: the kubelet replaces it.
        loader.load_and_set(configuration)
    except (ConfigException, OSError) as error:
        raise ClusterError(f"the pod's service account cannot be used: {error}") from None


def _kubeconfig(named: Path | None, environ: Mapping[str, str]) -> str:
    file = str(named) if named else environ.get("KUBECONFIG") or str(Path.home() / ".kube" / "config")
    if not any(Path(part).expanduser().is_file() for part in file.split(os.pathsep) if part):
        raise ClusterError(f"there is no kubeconfig {file}, and this is no pod with a service account")
    return file


async def _from_kubeconfig(configuration: Configuration, file: str, context: str | None) -> None:
    try:
        loader = await load_kube_config(
            config_file=file, context=context, client_configuration=configuration, persist_config=False
        )
    except Exception as error:  # noqa: BLE001 - it raises whatever it stumbles on
        # Not in its words: they quote whole users of the file, token included.
        raise ClusterError(f"the kubeconfig {file} cannot be used ({type(error).__name__})") from None
    configuration.refresh_api_key_hook = _refreshing(loader.load_and_set)  # type: ignore[assignment] # awaited there


def _refreshing(load: Callable[[Configuration], Awaitable[None]]) -> Callable[[Configuration], Awaitable[None]]:
    read_at = elapsed()

    async def refresh(configuration: Configuration) -> None:
        nonlocal read_at
        if elapsed() - read_at >= _FRESH:
            # Before the await, so that of many requests one reads and the others go on with what there is.
            read_at = elapsed()
            await load(configuration)

    return refresh


async def login(configuration: Configuration) -> Login:
    """Return what another client needs, with fresh credentials.

    Raises:
        ClusterError: they cannot be read now.
    """
    try:
        authorization = await configuration.get_api_key_with_prefix("BearerToken")
    except Exception as error:  # noqa: BLE001 - it raises whatever it stumbles on
        raise ClusterError(f"the credentials cannot be read ({type(error).__name__})") from None
    scheme, _, token = (authorization or "").strip().partition(" ")
    return Login(
        server=configuration.host,
        ca_path=configuration.ssl_ca_cert,
        insecure=not configuration.verify_ssl,
        certificate_path=configuration.cert_file,
        private_key_path=configuration.key_file,
        scheme=scheme.capitalize() or None,
        token=Confidential(token) if token else None,
        proxy_url=configuration.proxy,
    )


def own_namespace(file: Path = _NAMESPACE_FILE) -> str | None:
    """Return the namespace of the pod that we are, or None outside a cluster."""
    try:
        return file.read_text().strip() or None
    except OSError:
        return None
