"""Whose certificates are believed: the system's authorities or those of one PEM file, read again when it changes."""

import asyncio
import hashlib
import logging
import ssl
from dataclasses import dataclass
from pathlib import Path

_log = logging.getLogger(__name__)

_Version = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loaded:
    name: str
    version: _Version | None
    context: ssl.SSLContext


class Trust:
    """One SSL context for all exchanges, and the name of what it trusts.

    Raises:
        ValueError: there is no readable certificate in the bundle (at construction; later the old ones are kept).
    """

    def __init__(self, bundle: Path | None = None) -> None:
        self._bundle = bundle
        self._loaded = _system() if bundle is None else _from(bundle)
        self._refused: tuple[_Version | None, ...] = ()

    @property
    def name(self) -> str:
        """`system`, or `ca-bundle:` and the beginning of the SHA-256 of the file that was loaded last."""
        return self._loaded.name

    async def context(self) -> ssl.SSLContext:
        """Return the context to use now."""
        if self._bundle is not None:
            await asyncio.to_thread(self._reload, self._bundle)
        return self._loaded.context

    def _reload(self, bundle: Path) -> None:
        try:
            version = _version(bundle)
        except OSError:
            version = None
        if version in (self._loaded.version, *self._refused):
            return
        try:
            self._loaded = _from(bundle)
        except ValueError as error:
            # Half written or gone: what was trusted a moment ago is better than nothing, and better than everything.
            self._refused = (version,)
            _log.warning("the CA bundle changed and cannot be used, the old one is kept: %s", error)
        else:
            self._refused = ()
            _log.info("the CA bundle changed and was read again: %s", self._loaded.name)


def _system() -> _Loaded:
    context = _client_context()
    context.load_default_certs()
    return _Loaded(name="system", version=None, context=context)


def _from(bundle: Path) -> _Loaded:
    try:
        version = _version(bundle)
        content = bundle.read_bytes()
        context = _client_context()
        context.load_verify_locations(cadata=content.decode("ascii", errors="ignore"))
    except (OSError, ValueError):  # An ssl.SSLError is an OSError, emptiness a ValueError.
        raise ValueError(f"{bundle} holds no certificates that can be read") from None
    digest = hashlib.sha256(content).hexdigest()
    return _Loaded(name=f"ca-bundle:{digest[:16]}", version=version, context=context)


def _client_context() -> ssl.SSLContext:
    # Not create_default_context: it would write the session keys wherever SSLKEYLOGFILE says.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # Checks certificate and host name (RFC 8414 section 6.1).
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _version(path: Path) -> _Version:
    status = path.stat()  # Through the links by which a mounted ConfigMap is replaced.
    return status.st_mtime_ns, status.st_size, status.st_ino
