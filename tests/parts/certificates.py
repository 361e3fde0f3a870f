"""Certificates of authorities that are made for one run, so that every connection is really checked."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import trustme


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A server's certificate chain and key, as PEM files."""

    chain: Path
    key: Path


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
