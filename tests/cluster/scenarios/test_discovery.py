"""Discovery by the operator as it runs: where it looks, whose word it takes, and what it says where it cannot."""

from pathlib import Path

import pytest

from oauthclient_operator.verdict.verdict import SLOWLY
from tests.cluster.scenarios.conftest import MakeIssuer
from tests.cluster.scenarios.operators import Operators
from tests.cluster.scenarios.room import Room, condition, conditions
from tests.parts.audit import AuditLog
from tests.parts.canaille import Canaille
from tests.parts.certificates import CertificateAuthority
from tests.parts.installation import OPERATOR_USER
from tests.parts.misbehaving import Behaviour, respond
from tests.parts.misbehaving_issuer import Documents, Members, MisbehavingIssuer
from tests.parts.node_oidc_provider import NodeOIDCProvider

pytestmark = pytest.mark.usefixtures("operator")

APPENDED = "/realms/shop/.well-known/openid-configuration"
INSERTED = "/.well-known/oauth-authorization-server/realms/shop"
INSERTED_OPENID = "/.well-known/openid-configuration/realms/shop"


def only(place: str) -> Documents:
    """Have the metadata at one place and nothing at the others."""
    return lambda asked, metadata: respond(200, metadata) if asked == place else respond(404)


def without(metadata: Members, *members: str) -> Members:
    return {name: value for name, value in metadata.items() if name not in members}


@pytest.fixture(scope="module", autouse=True)
def down(lasting_room: Room, make_lasting_issuer: MakeIssuer, operators: Operators) -> MisbehavingIssuer:
    """An issuer that was down when it was asked first: begun before all others, for it takes the longest."""
    operators.running()
    issuer = make_lasting_issuer()
    issuer.documents = lambda *_: respond(503)
    lasting_room.apply("web", issuer.issuer)
    lasting_room.wait_for("web", "IssuerUnavailable")
    issuer.documents = None
    return issuer


@pytest.mark.parametrize(
    ("form", "place"), [("OpenID", "openid-configuration"), ("OAuth", "oauth-authorization-server")]
)
def test_an_explicit_form_is_one_request_at_a_real_server(
    form: str, place: str, room: Room, canaille: Canaille
) -> None:
    room.put_token("idp-token", canaille.issuer, canaille.initial_access_token())
    since = canaille.log.mark()
    room.apply("web", canaille.issuer, token="idp-token", discovery={"form": form})
    room.wait_for("web", "Registered")
    canaille.log.wait_for(2, since=since)
    assert [str(request) for request in canaille.log.requests(since=since)] == [
        f"GET /.well-known/{place} 200",
        "POST /oauth/register 201",
    ]


@pytest.mark.parametrize(
    ("form", "place", "asked"),
    [
        ("OpenID", APPENDED, [APPENDED]),
        ("OAuth", INSERTED, [INSERTED]),
        ("Auto", APPENDED, [APPENDED]),
        ("Auto", INSERTED, [APPENDED, INSERTED]),
        ("Auto", INSERTED_OPENID, [APPENDED, INSERTED, INSERTED_OPENID]),
    ],
)
def test_where_the_metadata_of_an_issuer_with_a_path_are_looked_for(
    form: str, place: str, asked: list[str], room: Room, make_issuer: MakeIssuer
) -> None:
    issuer = make_issuer(path="/realms/shop")
    issuer.documents = only(place)
    room.apply("web", issuer.issuer, discovery={"form": form})
    room.wait_for("web", "Registered")
    assert (issuer.fetched, issuer.calls) == (asked, ["POST"])


def test_auto_goes_on_after_a_document_without_registration_endpoint(room: Room, make_issuer: MakeIssuer) -> None:
    issuer = make_issuer(path="/realms/shop")

    def documents(asked: str, metadata: Members) -> Behaviour:
        return respond(200, metadata if asked == INSERTED else without(metadata, "registration_endpoint"))

    issuer.documents = documents
    room.apply("web", issuer.issuer)
    room.wait_for("web", "Registered")
    assert issuer.fetched == [APPENDED, INSERTED]


@pytest.mark.parametrize(
    ("answer", "reason", "message"),
    [
        (respond(503), "IssuerUnavailable", "the issuer answers HTTP 503 to discovery"),
        (respond(403), "DiscoveryFailed", "the issuer answers HTTP 403 to discovery"),
        (
            respond(302, location="https://idp.example.com/"),
            "DiscoveryFailed",
            "the issuer answers HTTP 302 to discovery: redirects are not followed",
        ),
        (
            respond(200, body=b"<html>", content_type="text/html"),
            "DiscoveryFailed",
            "the issuer's metadata are not served as application/json (RFC 8414 section 3.2)",
        ),
        (
            respond(200, {"registration_endpoint": "https://idp.example.com/reg"}),
            "DiscoveryFailed",
            "the issuer's metadata have no issuer member (RFC 8414 section 2)",
        ),
    ],
    ids=["later", "forbidden", "redirect", "not JSON", "no issuer"],
)
def test_any_other_answer_is_the_issuers_answer(
    answer: Behaviour, reason: str, message: str, room: Room, make_issuer: MakeIssuer
) -> None:
    issuer = make_issuer(path="/realms/shop")
    issuer.documents = lambda asked, metadata: answer if asked == APPENDED else respond(200, metadata)
    uid = room.apply("web", issuer.issuer)
    resource = room.wait_for("web", reason)
    said, _, hint = condition(resource)["message"].partition("; ")
    named = f"issuer {issuer.issuer} is not available now: " if reason == "IssuerUnavailable" else ""
    assert said == f"{named}{message} (at {issuer.server.url('')}{APPENDED})"
    assert ("spec.discovery.form" in hint) is any(words in message for words in ("403", "302", "application/json"))
    assert ("Stalled" in conditions(resource)) == (reason != "IssuerUnavailable")
    assert (issuer.fetched, issuer.calls, room.has_record(uid)) == ([APPENDED], [], False)


def test_a_certificate_that_nobody_trusted_vouches_for_waits_for_a_person_and_says_for_whom(
    room: Room, tmp_path: Path
) -> None:
    stranger = CertificateAuthority.made(tmp_path)
    issuer = MisbehavingIssuer(certificate=stranger.certificate())
    with issuer.server.in_thread():
        uid = room.apply("web", issuer.issuer)
        resource = room.wait_for("web", "IssuerUnavailable")
    said = condition(resource)["message"]
    assert said.startswith(
        f"no TLS connection to issuer {issuer.issuer} can be made: the certificate of 127.0.0.1 is not valid: "
    )
    assert "--ca-bundle" in said
    assert said.endswith("it is tried again from time to time")
    assert conditions(resource)["Stalled"] == ("True", "IssuerUnavailable")
    assert (issuer.calls, room.has_record(uid)) == ([], False)


def test_no_document_anywhere(room: Room, make_issuer: MakeIssuer) -> None:
    issuer = make_issuer(path="/realms/shop")
    issuer.documents = only("/nowhere")
    room.apply("web", issuer.issuer)
    at = issuer.server.url("")
    assert condition(room.wait_for("web", "DiscoveryFailed"))["message"] == (
        f"there is no metadata document: 404 from {at}{APPENDED}, {at}{INSERTED}, {at}{INSERTED_OPENID}{SLOWLY}"
    )


def test_another_issuer_is_shown_beside_ours(room: Room, node_provider: NodeOIDCProvider) -> None:
    since = node_provider.log.mark()
    room.put_token("idp-token", f"{node_provider.issuer}/", node_provider.initial_access_token())
    room.apply("web", f"{node_provider.issuer}/", token="idp-token")
    resource = room.wait_for("web", "IssuerMismatch")
    assert condition(resource)["message"] == (
        f'the metadata name the issuer "{node_provider.issuer}", and "{node_provider.issuer}/" was asked for: '
        "they must be the same, character by character, a trailing / included "
        f"(at {node_provider.issuer}/.well-known/openid-configuration){SLOWLY}"
    )
    assert conditions(resource) == {
        "Ready": ("False", "IssuerMismatch"),
        "Registered": ("False", "IssuerMismatch"),
        "SecretPublished": ("False", "IssuerMismatch"),
        "Stalled": ("True", "IssuerMismatch"),
    }
    # Clients of tests before go when their namespaces do.
    asked = [str(r) for r in node_provider.log.requests(since=since) if r.method != "DELETE"]
    assert asked == ["GET /.well-known/openid-configuration 200"]


def test_another_issuers_words_are_cleaned(room: Room, issuer: MisbehavingIssuer) -> None:
    issuer.documents = lambda _, metadata: respond(
        200, {**metadata, "issuer": "https://evil.example\n\u202eReady" + 400 * "x"}
    )
    room.apply("web", issuer.issuer)
    message = condition(room.wait_for("web", "IssuerMismatch"))["message"]
    assert message.startswith('the metadata name the issuer "https://evil.example Readyxxx')
    assert f'x…", and "{issuer.issuer}" was asked for: ' in message
    assert len(message) < 600


def test_no_registration_endpoint(room: Room, issuer: MisbehavingIssuer) -> None:
    issuer.documents = lambda _, metadata: respond(200, without(metadata, "registration_endpoint"))
    room.apply("web", issuer.issuer)
    resource = room.wait_for("web", "RegistrationNotSupported")
    assert condition(resource)["message"] == (
        f"the metadata of {issuer.issuer} name no registration_endpoint: have the server's administrator turn on "
        "Dynamic Client Registration, or write the endpoint into spec.discovery.registrationEndpoint if there is "
        f"one{SLOWLY}"
    )
    assert conditions(resource)["Stalled"] == ("True", "RegistrationNotSupported")
    assert issuer.calls == []


def test_an_endpoint_at_another_origin_is_not_called(
    room: Room, issuer: MisbehavingIssuer, make_issuer: MakeIssuer, audit: AuditLog
) -> None:
    other, since = make_issuer(), audit.mark()
    issuer.documents = lambda _, metadata: respond(200, {**metadata, "registration_endpoint": other.server.url("/reg")})
    room.put_token("idp-token", issuer.issuer, "a-token")
    room.apply("web", issuer.issuer, token="idp-token")
    assert condition(room.wait_for("web", "DiscoveryFailed"))["message"] == (
        "the issuer's metadata name a registration_endpoint at another origin: if that is as it should be, "
        f"the operator's administrator can set --allow-endpoint-origin{SLOWLY}"
    )
    assert other.server.connections == 0
    # A credential is read when it is needed, and here it never is.
    asked = {(request.namespace, request.name) for request in audit.requests(OPERATOR_USER, since=since)}
    assert (room.namespace, "idp-token") not in asked


def test_one_fetch_for_all_who_ask(room: Room, issuer: MisbehavingIssuer) -> None:
    several = [f"web-{number}" for number in range(12)]
    for name in several:
        room.apply(name, issuer.issuer)
    for name in several:
        room.wait_for(name, "Registered")
    assert (len(issuer.fetched), len(issuer.clients)) == (1, 12)
    room.apply("web-openid", issuer.issuer, discovery={"form": "OpenID"})
    room.wait_for("web-openid", "Registered")
    assert len(issuer.fetched) == 2


def test_an_issuer_that_was_down_is_found_when_it_is_back(lasting_room: Room, down: MisbehavingIssuer) -> None:
    lasting_room.wait_for("web", "Registered", within=30)
    # A failure, too, is remembered for a while.
    assert len(down.fetched) == 2


def test_the_operators_configuration_admits_more(
    room: Room, operators: Operators, issuer: MisbehavingIssuer, make_issuer: MakeIssuer
) -> None:
    other = make_issuer()
    elsewhere = other.server.url("/reg")
    issuer.documents = lambda _, metadata: respond(200, {**metadata, "registration_endpoint": elsewhere})
    document = other.server.url(APPENDED)
    other.documents = lambda _, metadata: respond(200, {**metadata, "issuer": issuer.issuer})
    plain = MisbehavingIssuer()
    operators.running("--allow-http-issuer=127.0.0.1", f"--allow-endpoint-origin={issuer.issuer}={other.issuer}")
    with plain.server.in_thread():
        room.apply("plain", plain.issuer)
        room.apply("elsewhere", issuer.issuer)
        room.apply("chosen", issuer.issuer, discovery={"url": document, "registrationEndpoint": elsewhere})
        room.wait_for("plain", "Registered")
        room.wait_for("elsewhere", "Registered")
        room.wait_for("chosen", "Registered")
    assert plain.issuer.startswith("http://")
    assert (plain.calls, issuer.calls, other.calls) == (["POST"], [], ["POST", "POST"])
    assert other.fetched == [APPENDED]
