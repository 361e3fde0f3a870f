"""Who vouches for a server's certificate, by real chains; and whose matter it is where nobody does."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID

from oauthclient_operator.egress.door import Door
from oauthclient_operator.egress.policy import EgressPolicy
from oauthclient_operator.errors import IssuerNotSecured
from oauthclient_operator.exchange import Answer, NotSent, Request, Response, TLSFailure
from oauthclient_operator.issuer.authorization_servers import AuthorizationServers
from oauthclient_operator.issuer.caller import Caller
from oauthclient_operator.oauth.metadata_source import MetadataSource
from oauthclient_operator.resource.key import oauth_client
from tests.parts.certificates import Certificate, CertificateAuthority, self_signed
from tests.parts.misbehaving import MisbehavingServer, leave, reset, respond, send
from tests.wire.egress.conftest import NAME, resolver_of

PURPOSES = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])


def written(folder: Path, issued: trustme.LeafCert, *, chain: int = 9) -> Certificate:
    """Write a certificate, and so much of its chain, as a server has it."""
    certificate = Certificate(chain=folder / "served.pem", key=folder / "served.key")
    certificate.chain.write_bytes(b"".join(part.bytes() for part in issued.cert_chain_pems[:chain]))
    certificate.key.write_bytes(issued.private_key_pem.bytes())
    return certificate


def bundle_of(folder: Path, *certificates: trustme.Blob) -> Path:
    bundle = folder / "bundle.pem"
    bundle.write_bytes(b"".join(certificate.bytes() for certificate in certificates))
    return bundle


def door_to(bundle: Path | None, *, system: bool = False) -> Door:
    return Door(
        policy=EgressPolicy.parse(private_issuers=[NAME, "127.0.0.1"]),
        ca_bundle=bundle,
        system_authorities=system,
        resolver=resolver_of({NAME: ["127.0.0.1"]}),
    )


async def asked(door: Door, certificate: Certificate) -> Answer:
    async with MisbehavingServer(respond(200, {}), certificate=certificate) as server:
        return await door.exchange(Request(method="GET", url=server.url(host=NAME)), timeout=5)


@pytest.mark.parametrize("served", [1, 2], ids=["the server sends its own certificate alone", "and the intermediate's"])
async def test_an_intermediate_authority_in_the_bundle_is_an_anchor(served: int, tmp_path: Path) -> None:
    intermediate = trustme.CA().create_child_ca()
    certificate = written(tmp_path, intermediate.issue_cert(NAME), chain=served)
    assert isinstance(await asked(door_to(bundle_of(tmp_path, intermediate.cert_pem)), certificate), Response)


async def test_the_servers_own_certificate_in_the_bundle_is_an_anchor_for_it_and_for_no_other(tmp_path: Path) -> None:
    authority = trustme.CA()
    own, other = authority.issue_cert(NAME), authority.issue_cert(NAME)
    door = door_to(bundle_of(tmp_path, own.cert_chain_pems[0]))
    assert isinstance(await asked(door, written(tmp_path, own)), Response)
    refused = await asked(door, written(tmp_path, other))
    assert isinstance(refused, NotSent)
    assert refused.tls is TLSFailure.UNTRUSTED


async def test_an_anchor_is_held_to_its_name_and_its_dates(tmp_path: Path) -> None:
    authority = trustme.CA()
    elsewhere = authority.issue_cert("other.example.com")
    past = authority.issue_cert(NAME, not_after=datetime.now(UTC) - timedelta(days=1))
    for issued, failure in ((elsewhere, TLSFailure.WRONG_NAME), (past, TLSFailure.EXPIRED)):
        answer = await asked(door_to(bundle_of(tmp_path, issued.cert_chain_pems[0])), written(tmp_path, issued))
        assert isinstance(answer, NotSent)
        assert answer.tls is failure


@pytest.mark.parametrize("both", [True, False])
async def test_the_systems_authorities_are_believed_beside_the_bundle_only_where_that_was_said(
    both: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system, ours = trustme.CA(), trustme.CA()
    system.cert_pem.write_to_path(str(tmp_path / "system.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "system.pem"))
    door = door_to(bundle_of(tmp_path, ours.cert_pem), system=both)
    assert isinstance(await asked(door, written(tmp_path, ours.issue_cert(NAME))), Response)
    assert isinstance(await asked(door, written(tmp_path, system.issue_cert(NAME))), Response) == both
    assert door.trust.startswith("system+ca-bundle:" if both else "ca-bundle:")
    assert door_to(None, system=both).trust == "system"


def expired(folder: Path, authority: CertificateAuthority) -> Certificate:
    return written(folder, authority.authority.issue_cert(NAME, not_after=datetime.now(UTC) - timedelta(days=1)))


def early(folder: Path, authority: CertificateAuthority) -> Certificate:
    return written(folder, authority.authority.issue_cert(NAME, not_before=datetime.now(UTC) + timedelta(days=1)))


def renewed_authority(folder: Path, authority: CertificateAuthority) -> Certificate:
    """Issued by an authority of the same name with another key."""
    name = authority.authority.cert_pem.bytes()
    organization = x509.load_pem_x509_certificate(name).subject.get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME)
    return written(folder, trustme.CA(organization_name=str(organization[0].value)).issue_cert(NAME))


def for_clients(folder: Path, authority: CertificateAuthority) -> Certificate:
    """Make a certificate that is good for clients alone."""
    issued = authority.authority.issue_cert(NAME)
    leaf = x509.load_pem_x509_certificate(issued.cert_chain_pems[0].bytes())
    key = load_pem_private_key(authority.authority.private_key_pem.bytes(), None)
    builder = x509.CertificateBuilder(
        leaf.issuer,
        leaf.subject,
        leaf.public_key(),
        leaf.serial_number,
        leaf.not_valid_before_utc,
        leaf.not_valid_after_utc,
    )
    for extension in leaf.extensions:
        value = PURPOSES if isinstance(extension.value, x509.ExtendedKeyUsage) else extension.value
        builder = builder.add_extension(value, critical=extension.critical)
    made = builder.sign(key, hashes.SHA256())  # type: ignore[arg-type] # an authority's key signs
    certificate = written(folder, issued)
    certificate.chain.write_bytes(made.public_bytes(Encoding.PEM))
    return certificate


FAILURES: dict[str, tuple[Callable[[Path, CertificateAuthority], Certificate], TLSFailure]] = {
    "a stranger's": (lambda f, _: written(f, trustme.CA().issue_cert(NAME)), TLSFailure.UNTRUSTED),
    "nobody's but its own": (lambda f, _: self_signed(f, NAME), TLSFailure.UNTRUSTED),
    "of an authority made anew": (renewed_authority, TLSFailure.UNTRUSTED),
    "expired": (expired, TLSFailure.EXPIRED),
    "not valid yet": (early, TLSFailure.EXPIRED),
    "for another name": (lambda f, a: written(f, a.authority.issue_cert("other.example.com")), TLSFailure.WRONG_NAME),
    "for clients": (for_clients, TLSFailure.UNUSABLE),
}


@pytest.mark.parametrize("case", FAILURES)
async def test_why_a_certificate_is_not_believed_is_a_type(
    case: str, certificate_authority: CertificateAuthority, tmp_path: Path
) -> None:
    make, failure = FAILURES[case]
    answer = await asked(door_to(certificate_authority.bundle), make(tmp_path, certificate_authority))
    assert isinstance(answer, NotSent)
    assert (answer.tls, answer.ours, answer.refused) == (failure, False, False)


@pytest.mark.parametrize(
    ("greeting", "failure"),
    [
        (send(b"\x15\x03\x03\x00\x02\x02\x28"), TLSFailure.REFUSED),
        (send(b"\x15\x03\x03\x00\x02\x02\x46"), TLSFailure.REFUSED),
        (send(b"\x15\x03\x03\x00\x02\x02\x70"), TLSFailure.REFUSED),
        (send(b"\x15\x03\x03\x00\x02\x02\x50"), None),
        (send(b"HTTP/1.1 400 Bad Request\r\n\r\n"), None),
        (leave, None),
        (reset, None),
    ],
    ids=["handshake failure", "protocol version", "unrecognized name", "internal error", "no TLS", "end", "reset"],
)
async def test_a_server_that_refuses_our_tls_is_told_from_one_that_is_out_of_order(
    greeting: Callable[..., object], failure: TLSFailure | None, certificate_authority: CertificateAuthority
) -> None:
    door = door_to(certificate_authority.bundle)
    async with MisbehavingServer(leave, greeting=greeting) as server:  # type: ignore[arg-type] # a table's row
        url = server.url(host=NAME).replace("http:", "https:")
        answer = await door.exchange(Request(method="GET", url=url), timeout=5)
    assert isinstance(answer, NotSent)
    assert answer.tls is failure


async def test_who_discovers_is_told_the_type(tmp_path: Path, certificate_authority: CertificateAuthority) -> None:
    door = door_to(certificate_authority.bundle)
    issuers = AuthorizationServers(lambda _issuer: door, exchange_timeout=5, concurrency=2)
    caller = Caller(key=oauth_client("shop", "web"), uid="u1")
    certificate = written(tmp_path, trustme.CA().issue_cert(NAME))
    async with MisbehavingServer(respond(200, {}), certificate=certificate) as server:
        for _ in range(2):
            with pytest.raises(IssuerNotSecured, match="is not valid") as caught:
                await issuers.discover(MetadataSource(issuer=server.url("", host=NAME)), caller)
            assert caught.value.failure is TLSFailure.UNTRUSTED
    await issuers.close()
