"""Two claim one issuer with authorities of their own: each is let in where its own vouch for the server, and only there."""

from pathlib import Path

import pytest
import trustme

from oauthclient_operator.egress.door import Door
from oauthclient_operator.egress.doors import Doors
from oauthclient_operator.egress.policy import EgressPolicy
from oauthclient_operator.exchange import Answer, NotSent, Request, Response
from oauthclient_operator.reach import IssuerAddress, Reach
from tests.parts.certificates import Certificate
from tests.parts.misbehaving import MisbehavingServer, respond
from tests.wire.egress.conftest import NAME, resolver_of

ISSUER = f"https://{NAME}"


def pem(authority: trustme.CA) -> str:
    return authority.cert_pem.bytes().decode()


def doors(bundle: Path) -> Doors:
    """Return doors of an operator whose options know nobody and name no network."""
    own = Door(policy=EgressPolicy(), ca_bundle=bundle, resolver=resolver_of({NAME: ["127.0.0.1"]}))
    return Doors(own, EgressPolicy())


async def asked(door: Door, authority: trustme.CA, folder: Path) -> Answer:
    certificate = Certificate(chain=folder / "served.pem", key=folder / "served.key")
    issued = authority.issue_cert(NAME)
    certificate.chain.write_bytes(issued.cert_chain_pems[0].bytes())
    certificate.key.write_bytes(issued.private_key_pem.bytes())
    async with MisbehavingServer(respond(200, {}), certificate=certificate) as server:
        return await door.exchange(Request(method="GET", url=server.url(host=NAME)), timeout=5)


async def test_each_is_let_in_where_its_own_authorities_vouch_for_the_server(tmp_path: Path) -> None:
    hers, others, options = trustme.CA(), trustme.CA(), trustme.CA()
    (tmp_path / "options.pem").write_bytes(options.cert_pem.bytes())
    made = doors(tmp_path / "options.pem")
    nets = ("127.0.0.0/8",)
    at_hers = IssuerAddress(ISSUER, Reach(owner="u-1", authorities=pem(hers), private_addresses=nets))
    at_others = IssuerAddress(ISSUER, Reach(owner="u-2", authorities=pem(others), private_addresses=nets))
    assert isinstance(await asked(made.to(at_hers), hers, tmp_path), Response)
    for door, authority in ((made.to(at_others), hers), (made.to(at_hers), others), (made.to(at_hers), options)):
        refused = await asked(door, authority, tmp_path)
        assert isinstance(refused, NotSent)
        assert refused.tls is not None
    assert made.to(at_hers).trust != made.to(at_others).trust
    # By the options alone nothing on loopback is reached, whoever vouches for it.
    refused = await asked(made.to(IssuerAddress(ISSUER)), options, tmp_path)
    assert isinstance(refused, NotSent)
    assert refused.refused


async def test_without_authorities_of_its_own_it_has_those_of_the_options(tmp_path: Path) -> None:
    options = trustme.CA()
    (tmp_path / "options.pem").write_bytes(options.cert_pem.bytes())
    door = doors(tmp_path / "options.pem").to(
        IssuerAddress(ISSUER, Reach(owner="u-1", private_addresses=("127.0.0.0/8",)))
    )
    assert isinstance(await asked(door, options, tmp_path), Response)


def test_a_door_is_made_once_and_one_with_other_words_anew(tmp_path: Path) -> None:
    (tmp_path / "options.pem").write_bytes(trustme.CA().cert_pem.bytes())
    made, authority = doors(tmp_path / "options.pem"), pem(trustme.CA())
    reach = Reach(owner="u-1", authorities=authority)
    assert made.to(IssuerAddress(ISSUER, reach)) is made.to(IssuerAddress(ISSUER, reach))
    assert made.to(IssuerAddress(ISSUER, reach)) is not made.to(IssuerAddress(f"{ISSUER}/other", reach))
    both = Reach(owner="u-1", authorities=authority, system_authorities=True)
    assert made.to(IssuerAddress(ISSUER, both)).trust.startswith("system+ca-bundle:")


@pytest.mark.parametrize(
    "text", ["", "no certificate", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"]
)
def test_authorities_that_cannot_be_read_open_no_door_and_it_is_said(text: str, tmp_path: Path) -> None:
    (tmp_path / "options.pem").write_bytes(trustme.CA().cert_pem.bytes())
    at = IssuerAddress(ISSUER, Reach(owner="u-1", authorities=text))
    assert doors(tmp_path / "options.pem").why_none(at) == "there are no certificates in it that can be read"
