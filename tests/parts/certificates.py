"""Certificates of authorities that are made for one run, so that every connection is really checked."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

_END = "-----END CERTIFICATE-----\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate chain and its key, as PEM files, of a server or of a client."""

    chain: Path
    key: Path

    @property
    def der(self) -> bytes:
        """The certificate itself, without those that vouch for it."""
        return ssl.PEM_cert_to_DER_cert(self.chain.read_text().partition("-----END CERTIFICATE-----")[0] + _END)


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateAuthority:
    """An authority that exists for one run; `bundle` is the PEM file to trust it by."""

    bundle: Path
    authority: trustme.CA

    @classmethod
    def made(cls, directory: Path) -> Self:
        """Make one, with its files in `directory`."""
        authority = trustme.CA(organization_name="OAuthClient operator tests")
        directory.mkdir(parents=True, exist_ok=True)
        bundle = directory / "ca.pem"
        authority.cert_pem.write_to_path(str(bundle))
        return cls(bundle=bundle, authority=authority)

    def certificate(self, *names: str) -> Certificate:
        """Issue a certificate for host names and addresses; by default for this machine's loopback."""
        names = names or ("127.0.0.1", "localhost", "::1")
        issued = self.authority.issue_cert(*names)
        stem = "-".join(names).replace(":", "_").replace("*", "any")
        certificate = Certificate(chain=self.bundle.with_name(f"{stem}.pem"), key=self.bundle.with_name(f"{stem}.key"))
        issued.private_key_pem.write_to_path(str(certificate.key))
        certificate.key.chmod(0o600)
        certificate.chain.write_bytes(b"".join(part.bytes() for part in issued.cert_chain_pems))
        return certificate


def self_signed(directory: Path, name: str) -> Certificate:
    """Make a certificate that nobody vouches for but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .sign(key, hashes.SHA256())
    )
    certificate = Certificate(chain=directory / f"{name}.pem", key=directory / f"{name}.key")
    certificate.chain.write_bytes(made.public_bytes(Encoding.PEM))
    certificate.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return certificate
