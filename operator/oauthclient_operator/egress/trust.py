"""Whose certificates are believed, and which one is shown.

Believed are the system's authorities or those of one PEM file, read again when it changes.
"""

import asyncio
import hashlib
import logging
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from ..errors import KeyEncrypted, Withheld
from ..exchange import ClientCertificate

_log = logging.getLogger(__name__)

_Version = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loaded:
    name: str
    version: _Version | None
    authorities: str | None
    """As PEM text; None for the system's."""
    context: ssl.SSLContext


class Trust:
    """One SSL context for all exchanges that show no certificate, and the name of what it trusts.

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

    async def context(self, certificate: ClientCertificate | None = None) -> ssl.SSLContext:
        """Return the context to use now; one that shows a certificate is made for this use, for its files may change.

        Raises:
            Withheld: the certificate or its private key cannot be used.
        """
        if self._bundle is not None:
            await asyncio.to_thread(self._reload, self._bundle)
        if certificate is None:
            return self._loaded.context
        return await asyncio.to_thread(_showing, certificate, self._loaded.authorities)

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
    return _Loaded(name="system", version=None, authorities=None, context=_client_context(None))


def _from(bundle: Path) -> _Loaded:
    try:
        version = _version(bundle)
        content = bundle.read_bytes()
        authorities = content.decode("ascii", errors="ignore")
        context = _client_context(authorities)
    except (OSError, ValueError):  # An ssl.SSLError is an OSError, emptiness a ValueError.
        raise ValueError(f"{bundle} holds no certificates that can be read") from None
    digest = hashlib.sha256(content).hexdigest()
    return _Loaded(name=f"ca-bundle:{digest[:16]}", version=version, authorities=authorities, context=context)


def _client_context(authorities: str | None) -> ssl.SSLContext:
    # Not create_default_context: it would write the session keys wherever SSLKEYLOGFILE says.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # Checks certificate and host name (RFC 8414 section 6.1).
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if authorities is None:
        context.load_default_certs()
    else:
        context.load_verify_locations(cadata=authorities)
    return context


def _showing(certificate: ClientCertificate, authorities: str | None) -> ssl.SSLContext:
    for path in (certificate.chain, certificate.key):
        try:
            path.open("rb").close()
        except OSError as error:
            words = (error.strerror or "it cannot be opened").lower()
            raise Withheld(f"the client certificate's file {path} cannot be read: {words}") from None
    context = _client_context(authorities)
    try:
        # Without a function OpenSSL would ask at the terminal, and wait.
        context.load_cert_chain(certificate.chain, certificate.key, password=_no_password)
    except KeyEncrypted:
        raise Withheld(f"the private key {certificate.key} is encrypted; write it without a passphrase") from None
    except (OSError, ValueError) as error:  # An ssl.SSLError is an OSError.
        words = (getattr(error, "reason", None) or "they are not PEM files of a certificate and its key").replace(
            "_", " "
        )
        raise Withheld(
            f"the client certificate {certificate.chain} and its private key {certificate.key} cannot be used: {words}"
        ) from None
    return context


def _no_password() -> NoReturn:
    raise KeyEncrypted


def _version(path: Path) -> _Version:
    status = path.stat()  # Through the links by which a mounted ConfigMap is replaced.
    return status.st_mtime_ns, status.st_size, status.st_ino
