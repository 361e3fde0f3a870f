"""Whose certificates are believed, and which one is shown.

Believed are the system's authorities, or in their place those of one PEM file, or both; the file is read again when it
changes. Whatever certificate stands in it is believed, one of an intermediate authority or of the server itself too.
"""

import asyncio
import concurrent.futures.thread  # noqa: F401 - to_thread needs it, also where no file can be opened
import hashlib
import logging
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from ..errors import KeyEncrypted, Withheld
from ..exchange import ClientCertificate
from .local_errors import shortage

_log = logging.getLogger(__name__)

_Version = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Authorities:
    pem: str | None
    """Those of a bundle, as text."""
    system: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loaded:
    name: str
    version: _Version | None
    authorities: _Authorities
    context: ssl.SSLContext


class Trust:
    """One SSL context for all exchanges that show no certificate, and the name of what it trusts.

    `bundle` is a PEM file, which is read again when it changes, or a PEM text.

    Raises:
        ValueError: there is no readable certificate in the bundle (at construction; later the old ones are kept).
    """

    def __init__(self, bundle: Path | str | None = None, *, system: bool = False) -> None:
        self._bundle = bundle if isinstance(bundle, Path) else None
        self._with_system = system
        match bundle:
            case None:
                self._loaded = _system()
            case Path():
                self._loaded = _from(bundle, system=system)
            case str():
                self._loaded = _of_text(bundle.encode(errors="replace"), None, system=system)
        self._refused: tuple[_Version | None, ...] = ()

    @property
    def name(self) -> str:
        """`system`, or `ca-bundle:` and the beginning of the loaded file's SHA-256, after `system+` where both are."""
        return self._loaded.name

    async def context(self, certificate: ClientCertificate | None = None) -> ssl.SSLContext:
        """Return the context to use now; one that shows a certificate is made for this use, for its files may change.

        Raises:
            Withheld: the certificate or its private key cannot be used.
        """
        if self._bundle is not None and not self._is_known(_version_now(self._bundle)):
            # A look at the file takes microseconds, and a thread for it twenty times that, at each exchange.
            await asyncio.to_thread(self._reload, self._bundle)
        if certificate is None:
            return self._loaded.context
        return await asyncio.to_thread(_showing, certificate, self._loaded.authorities)

    def _is_known(self, version: _Version | None) -> bool:
        return version in (self._loaded.version, *self._refused)

    def _reload(self, bundle: Path) -> None:
        version = _version_now(bundle)
        if self._is_known(version):
            return
        try:
            self._loaded = _from(bundle, system=self._with_system)
        except ValueError as error:
            if shortage() is not None:
                # It was our own side that could not read it: the next exchange looks again.
                return
            # Half written or gone: without the old authorities no exchange would succeed, and the system's were not
            # chosen.
            self._refused = (version,)
            _log.warning("the CA bundle changed and cannot be used, the old one is kept: %s", error)
        else:
            self._refused = ()
            _log.info("the CA bundle changed and was read again: %s", self._loaded.name)


def _system() -> _Loaded:
    authorities = _Authorities(pem=None, system=True)
    return _Loaded(name="system", version=None, authorities=authorities, context=_client_context(authorities))


def _from(bundle: Path, *, system: bool) -> _Loaded:
    try:
        version = _version(bundle)
        return _of_text(bundle.read_bytes(), version, system=system)
    except (OSError, ValueError):
        raise ValueError(f"{bundle} holds no certificates that can be read") from None


def _of_text(content: bytes, version: _Version | None, *, system: bool) -> _Loaded:
    authorities = _Authorities(pem=content.decode("ascii", errors="ignore"), system=system)
    try:
        context = _client_context(authorities)
    except (OSError, ValueError):  # An ssl.SSLError is an OSError, emptiness a ValueError.
        raise ValueError("there are no certificates in it that can be read") from None
    digest = hashlib.sha256(content).hexdigest()
    name = f"{'system+' if system else ''}ca-bundle:{digest[:16]}"
    return _Loaded(name=name, version=version, authorities=authorities, context=context)


def _client_context(authorities: _Authorities) -> ssl.SSLContext:
    # Not create_default_context: it would write the session keys wherever SSLKEYLOGFILE says.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # Checks certificate and host name (RFC 8414 section 6.1).
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # What is in the bundle is believed by the word of who put it there, whether or not it has signed itself.
    context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    if authorities.system:
        context.load_default_certs()
    if authorities.pem is not None:
        context.load_verify_locations(cadata=authorities.pem)
    return context


def _showing(certificate: ClientCertificate, authorities: _Authorities) -> ssl.SSLContext:
    for path in (certificate.chain, certificate.key):
        try:
            path.open("rb").close()
        except OSError as error:
            words = (error.strerror or "it cannot be opened").lower()
            raise Withheld(f"the client certificate's file {path} cannot be read: {words}") from None
    context = _client_context(authorities)
    try:
        # Without a function for the passphrase OpenSSL would ask for it at the terminal, and wait.
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


def _version_now(path: Path) -> _Version | None:
    try:
        return _version(path)
    except OSError:
        return None


def _version(path: Path) -> _Version:
    status = path.stat()  # Through the links by which a mounted ConfigMap is replaced.
    return status.st_mtime_ns, status.st_size, status.st_ino
