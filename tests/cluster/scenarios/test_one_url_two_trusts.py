"""Two ClusterOAuthIssuers claim one URL, each with authorities of its own: what the one learns says nothing to the other.

Nor does what one of them breaks: metadata, circuit breakers and DPoP nonces are each one's own.
"""

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from oauthclient_operator import names
from tests.cluster.scenarios.conftest import MakeIssuer
from tests.cluster.scenarios.issuer_resources import IssuerResource, issuer_resource, pem
from tests.cluster.scenarios.room import WEB, Body, Room, condition
from tests.parts import proofs
from tests.parts.certificates import Certificate, CertificateAuthority
from tests.parts.installation import SYSTEM_NAMESPACE
from tests.parts.misbehaving import respond
from tests.parts.misbehaving_issuer import MisbehavingIssuer
from tests.parts.proofs import Demand
from tests.pure import keys

pytestmark = pytest.mark.usefixtures("operator")

RENAMED: Body = {**WEB, "client_name": "Renamed"}
TOKEN = "initial-access-token-0123456789"


@pytest.fixture
def other_authority(tmp_path: Path) -> CertificateAuthority:
    """One that vouches for a server of that address, too, and whom the operator is not told to trust."""
    return CertificateAuthority.made(tmp_path)


@pytest.fixture
def ours(room: Room, issuer: MisbehavingIssuer) -> Iterator[IssuerResource]:
    """The issuer resource that is right about the server, and not applied yet."""
    with issuer_resource(room, issuer.issuer, "ours") as resource:
        yield resource


@pytest.fixture
def theirs(room: Room, other_room: Room, issuer: MisbehavingIssuer) -> Iterator[IssuerResource]:
    """The other one, with a tenant of its own."""
    with issuer_resource(room, issuer.issuer, "theirs") as resource:
        yield resource.seen_from(other_room)


def trusting(*authorities: CertificateAuthority) -> Body:
    return {"trust": {"caBundle": "".join(pem(authority.bundle) for authority in authorities)}}


def shows(server: MisbehavingIssuer, certificate: Certificate) -> None:
    """Have whoever connects from now on be shown another certificate."""
    assert server.server.context is not None
    server.server.context.load_cert_chain(certificate.chain, certificate.key)


def never_unavailable(room: Room) -> bool:
    """Whether no client was told that the issuer fails: a failure that was remembered would have been waited for."""
    told = (line for line in room.operators.log().splitlines() if "IssuerUnavailable" in line)
    return not any(f'"namespace": "{room.namespace}"' in line for line in told)


def is_broken(theirs: IssuerResource) -> None:
    """See that who trusts the wrong one has nothing, not even what others know of the issuer."""
    said = theirs.wait_for("IssuerUnavailable")
    assert (condition(said, "Discovered")["status"], said["status"].get("discovered")) == ("False", None)
    for name in ("web", "web-2", "web-3"):
        theirs.apply_client(name)
        theirs.room.wait_for(name, "IssuerUnavailable")
        assert not theirs.room.has_secret(name)


def test_the_wrong_one_comes_second_and_finds_nothing_that_the_right_one_learned(
    room: Room,
    issuer: MisbehavingIssuer,
    ours: IssuerResource,
    theirs: IssuerResource,
    certificate_authority: CertificateAuthority,
    other_authority: CertificateAuthority,
) -> None:
    ours.apply(**trusting(certificate_authority))
    ours.apply_client()
    room.wait_for("web", "Registered")
    asked = len(issuer.server.requests)
    theirs.apply(**trusting(other_authority))
    is_broken(theirs)
    assert len(issuer.server.requests) == asked
    ours.apply_client(metadata=RENAMED)
    room.wait_until(lambda: issuer.calls == ["POST", "PUT"], "the edit is brought")
    ours.apply_client("web-2")
    room.wait_for("web-2", "Registered")
    ours.wait_for("Ready")
    assert len(issuer.fetched) == 1


def test_the_wrong_one_comes_first_and_its_failures_hold_back_nobody_else(
    room: Room,
    issuer: MisbehavingIssuer,
    ours: IssuerResource,
    theirs: IssuerResource,
    certificate_authority: CertificateAuthority,
    other_authority: CertificateAuthority,
) -> None:
    theirs.apply(**trusting(other_authority))
    is_broken(theirs)
    assert issuer.server.requests == []
    ours.apply(**trusting(certificate_authority))
    ours.apply_client()
    room.wait_for("web", "Registered")
    ours.wait_for("Ready")
    assert never_unavailable(room)
    assert (issuer.calls, len(issuer.fetched)) == (["POST"], 1)
    # And none of that mends the other.
    assert condition(theirs.read())["reason"] == "IssuerUnavailable"
    assert condition(theirs.room.read("web"))["reason"] == "IssuerUnavailable"


def test_an_impostors_metadata_are_believed_by_nobody_but_who_trusts_it(
    room: Room,
    issuer: MisbehavingIssuer,
    ours: IssuerResource,
    theirs: IssuerResource,
    certificate_authority: CertificateAuthority,
    other_authority: CertificateAuthority,
) -> None:
    shows(issuer, other_authority.certificate())
    collects = issuer.server.url("/collect")
    issuer.documents = lambda _, metadata: respond(
        200, {**metadata, "registration_endpoint": collects, "token_endpoint": collects}
    )
    theirs.apply(**trusting(other_authority))
    assert theirs.wait_for("Ready")["status"]["discovered"]["registrationEndpoint"] == collects
    shows(issuer, certificate_authority.certificate())
    issuer.documents = None
    issuer.initial_access_token = TOKEN
    ours.put_access(ours.name, TOKEN)
    ours.apply(**trusting(certificate_authority), access={"initialAccessToken": {"secretRef": {"name": ours.name}}})
    assert ours.wait_for("Ready")["status"]["discovered"]["registrationEndpoint"] == issuer.server.url("/reg")
    ours.apply_client()
    assert room.wait_for("web", "Registered")
    assert room.secret("web")["token_endpoint"] == issuer.server.url("/token")
    # Who believed it asks there still, by the name that it believes, and reaches nobody.
    theirs.apply_client()
    theirs.room.wait_for("web", "IssuerUnavailable")
    assert [r.target for r in issuer.server.requests if "/.well-known/" not in r.target] == ["/reg"]


def test_a_breaker_that_the_ones_calls_open_is_closed_for_the_other(
    room: Room,
    issuer: MisbehavingIssuer,
    ours: IssuerResource,
    theirs: IssuerResource,
    certificate_authority: CertificateAuthority,
    other_authority: CertificateAuthority,
) -> None:
    ours.apply(**trusting(certificate_authority, other_authority))
    theirs.apply(**trusting(certificate_authority))
    ours.wait_for("Ready")
    theirs.wait_for("Ready")
    # What both discovered stays; whoever calls is shown what only one of them trusts.
    shows(issuer, other_authority.certificate())
    for number in range(3):
        theirs.apply_client(f"web-{number}")
        theirs.room.wait_for(f"web-{number}", "IssuerUnavailable")
    theirs.apply_client("web-3")
    held = condition(theirs.room.wait_for("web-3", "IssuerUnavailable"))["message"]
    assert f"calls to issuer {issuer.issuer} failed several times in a row" in held
    ours.apply_client()
    room.wait_for("web", "Registered")
    assert never_unavailable(room)
    assert issuer.calls == ["POST"]
    # The one that is open lets nobody through because of that, and its issuer says why, which the other does not.
    assert condition(theirs.room.read("web-3"))["reason"] == "IssuerUnavailable"
    said = condition(theirs.wait_for("IssuerUnavailable"))["message"]
    assert f"calls to issuer {issuer.issuer} failed several times in a row" in said
    assert condition(ours.read())["reason"] == "Ready"
    shows(issuer, certificate_authority.certificate())
    theirs.room.wait_for("web-3", "Registered")
    theirs.wait_for("Ready")


def test_a_nonce_that_the_one_was_given_is_shown_to_nobody_for_the_other(
    room: Room,
    make_issuer: MakeIssuer,
    certificate_authority: CertificateAuthority,
    other_authority: CertificateAuthority,
) -> None:
    demand = Demand(jkt=keys.parsed("P-256").thumbprint, nonce=f"nonce-{secrets.token_hex(4)}")
    server = make_issuer(initial_access_token=TOKEN, demand=demand)
    system = Room(namespace=SYSTEM_NAMESPACE, kubectl=room.kubectl, api=room.api, operators=room.operators)
    key = keys.jwk("P-256", kid="mine", use="sig")

    def nonces() -> list[str | None]:
        """Return what the proofs of all registrations say, in their order."""
        shown = [r.headers["dpop"] for r in server.server.requests if r.method == "POST"]
        return [proofs.read(proof)[1].get("nonce") for proof in shown]

    def applied(resource: IssuerResource, *authorities: CertificateAuthority) -> None:
        system.put_secret(
            resource.name, of_type=names.INITIAL_ACCESS_TOKEN_TYPE, issuer=server.issuer, token=TOKEN, dpop_key=key
        )
        access: dict[str, Any] = {"initialAccessToken": {"secretRef": {"name": resource.name}}}
        resource.apply(**trusting(*authorities), access=access)

    with issuer_resource(room, server.issuer, "one") as one, issuer_resource(room, server.issuer, "other") as other:
        applied(one, certificate_authority)
        applied(other, certificate_authority, other_authority)
        for resource, name in ((one, "web"), (one, "web-2"), (other, "web-3"), (other, "web-4")):
            resource.apply_client(name)
            room.wait_for(name, "Registered")
    given = demand.nonce
    assert nonces() == [None, given, given, None, given, given]
