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
from kubernetes.aio.config.kube_config import load_kube_config

from ..errors import ClusterError
from ..oauth.confidential import Confidential
from .elapsed import elapsed

_FRESH = 60.0
"""Seconds after which a kubeconfig's credentials are read again (a token file, or a program that hands out tokens)."""
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


async def configure(kubeconfig: Path | None, environ: Mapping[str, str]) -> Configuration:
    """Return a client configuration that keeps its credentials fresh.

    The kubeconfig that was named wins, then the pod's service account, then $KUBECONFIG or ~/.kube/config.

    Raises:
        ClusterError: there is none of them, or it cannot be read.
    """
    # No limit to connections: each watch holds one, and the work queue bounds the rest. With a limit, watches on many
    # namespaces would starve the writes.
    configuration = Configuration(
        connection_pool_maxsize=0,
        client_session_kwargs={"trust_env": False, "cookie_jar": aiohttp.DummyCookieJar()},
    )
    try:
        if kubeconfig is None and environ.get(SERVICE_HOST_ENV_NAME):
            InClusterConfigLoader(SERVICE_TOKEN_FILENAME, SERVICE_CERT_FILENAME, environ=environ).load_and_set(
                configuration
            )
        else:
            await _from_kubeconfig(configuration, kubeconfig, environ)
    except (ConfigException, OSError) as error:
        raise ClusterError(f"no way to the API server: {error}") from None
    except Exception as error:
        # The reader of kubeconfigs raises whatever it stumbles on; its words may quote the file.
        raise ClusterError(f"the kubeconfig cannot be read ({type(error).__name__})") from None
    return configuration


async def _from_kubeconfig(configuration: Configuration, named: Path | None, environ: Mapping[str, str]) -> None:
    file = str(named) if named else environ.get("KUBECONFIG") or str(Path.home() / ".kube" / "config")
    if not any(Path(part).expanduser().is_file() for part in file.split(os.pathsep) if part):
        raise ConfigException(f"there is no kubeconfig {file}, and this is not a pod with a service account")
    loader = await load_kube_config(config_file=file, client_configuration=configuration, persist_config=False)
    configuration.refresh_api_key_hook = _refreshing(loader.load_and_set)


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
    """Return what another client needs, with fresh credentials."""
    authorization = await configuration.get_api_key_with_prefix("BearerToken")
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
