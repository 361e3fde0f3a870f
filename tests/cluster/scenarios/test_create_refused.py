"""What stands in the way of a registration is known before it: said in a condition, and nothing was sent."""

import pytest

from oauthclient_operator.verdict.verdict import SLOWLY
from tests.cluster.admission.account import secrets_path
from tests.cluster.scenarios.room import WEB, Room, condition, conditions
from tests.parts.certificates import CertificateAuthority
from tests.parts.misbehaving import MisbehavingServer, leave
from tests.parts.misbehaving_issuer import MisbehavingIssuer

pytestmark = pytest.mark.usefixtures("operator")


def test_a_secret_that_is_somebody_elses(room: Room, issuer: MisbehavingIssuer) -> None:
    room.put_secret("web", password="the user's own")
    uid = room.apply("web", issuer.issuer)
    resource = room.wait_for("web", "SecretNotOwned")
    assert conditions(resource) == {
        "Ready": ("False", "SecretNotOwned"),
        "Registered": ("False", "SecretNotOwned"),
        "SecretPublished": ("False", "SecretNotOwned"),
        "Stalled": ("True", "SecretNotOwned"),
    }
    assert condition(resource)["message"] == (
        "Secret web exists and is not owned by this OAuthClient: it has no owner reference at all; it is neither "
        "overwritten nor deleted: remove it, which is noticed within seconds, or choose another spec.secret.name"
    )
    assert (issuer.calls, room.has_record(uid)) == ([], False)
    assert room.secret("web") == {"password": "the user's own"}

    # No watch says when it is gone, so the operator looks every few seconds.
    room.kubectl("delete", "secret", "web", "-n", room.namespace)
    room.wait_for("web", "Registered")
    assert issuer.calls == ["POST"]


def test_a_label_makes_no_secret_ours(room: Room, issuer: MisbehavingIssuer) -> None:
    room.put_secret("web", password="the user's own")
    label = "app.kubernetes.io/managed-by=oauthclient-operator"
    room.kubectl("label", "secret", "web", label, "-n", room.namespace)
    room.apply("web", issuer.issuer)
    room.wait_for("web", "SecretNotOwned")
    assert issuer.calls == []
    room.apply("web", issuer.issuer, secret={"name": "web-oauth"})
    room.wait_for("web", "Registered")
    assert room.secret("web") == {"password": "the user's own"}
    assert room.secret("web-oauth")["client_id"] == "client-1"


def hold_to(room: Room, quota: str, *, secrets: int) -> None:
    """Apply a quota, of which all that it allows is used, and wait until it is in force."""
    hard = {"count/secrets": f"{secrets}"}
    metadata = {"name": quota, "namespace": room.namespace}
    room.kubectl.apply({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": metadata, "spec": {"hard": hard}})
    used = ("get", "resourcequota", quota, "-n", room.namespace)
    room.wait_until(lambda: room.kubectl.json(*used)["status"].get("used") == hard, "the quota in force")


def test_a_quota_that_leaves_no_room_for_the_secret(room: Room, issuer: MisbehavingIssuer) -> None:
    hold_to(room, "no-secrets", secrets=0)
    room.apply("web", issuer.issuer)
    resource = room.wait_for("web", "SecretNotPublishable")
    message = condition(resource)["message"]
    assert message.startswith("the API server does not let Secret web be written: ")
    assert "exceeded quota: no-secrets" in message
    assert conditions(resource)["Stalled"] == ("True", "SecretNotPublishable")
    assert issuer.calls == []

    room.kubectl("delete", "resourcequota", "no-secrets", "-n", room.namespace)
    # It is tried again within minutes, and at once when the resource is touched.
    room.apply("web", issuer.issuer, metadata={**WEB, "client_name": "Renamed"})
    room.wait_for("web", "Registered")
    assert issuer.clients["client-1"]["client_name"] == "Renamed"


def test_under_a_full_quota_it_goes_on_soon_after_a_secret_is_deleted(room: Room, issuer: MisbehavingIssuer) -> None:
    # Such as the Secret of the resource in whose place this one comes, which is collected a little later.
    room.put_secret("before", password="anybody's")
    hold_to(room, "one-secret", secrets=1)
    room.apply("after", issuer.issuer)
    room.wait_for("after", "SecretNotPublishable")
    room.api.delete(secrets_path(room.namespace, "before")).raise_for_status()
    room.wait_for("after", "Registered")
    assert (issuer.calls, room.secret("after")["client_id"]) == (["POST"], "client-1")


def test_an_address_that_no_one_allowed_gets_no_packet(room: Room, certificate_authority: CertificateAuthority) -> None:
    forbidden = MisbehavingServer(leave, certificate=certificate_authority.certificate("127.0.0.2"), host="127.0.0.2")
    with forbidden.in_thread():
        room.apply("web", forbidden.url(""))
        room.apply("plain", forbidden.url("").replace("https", "http"))
        by_address, plain = (room.wait_for(name, "IssuerNotAllowed") for name in ("web", "plain"))
        assert forbidden.connections == 0
    assert condition(by_address)["message"] == (
        "127.0.0.2 is a loopback address, which is not public: the operator's administrator can allow an issuer "
        f"with --allow-private-issuer{SLOWLY}"
    )
    assert condition(plain)["message"] == (
        "plain http to 127.0.0.2 is not allowed: use https, or have the operator's administrator set "
        f"--allow-http-issuer=127.0.0.2{SLOWLY}"
    )
    assert conditions(by_address)["Stalled"] == ("True", "IssuerNotAllowed")
    # The Event may be written a moment after the status.
    event = ("Warning", "IssuerNotAllowed", condition(by_address)["message"])
    room.wait_until(lambda: room.events("web") == [event], "one Event", seen=lambda: room.events("web"))


@pytest.mark.parametrize(
    ("member", "value", "message"),
    [
        (
            "client_secret#de",
            "s3cret",
            (
                "spec.clientMetadata.client_secret#de: the authorization server issues it; leave it out "
                "(RFC 7591 section 3.2.1)"
            ),
        ),
        (
            "scope#de",
            "openid",
            (
                "spec.clientMetadata.scope#de: only text for people has a language tag; leave out # and the rest "
                "(RFC 7591 section 2.2)"
            ),
        ),
        (
            "x_limits",
            {"most": 2**53},
            "spec.clientMetadata.x_limits: it holds an integer beyond 2^53; write a smaller one, or a string",
        ),
    ],
    ids=["an issued member with a tag", "a tag on what is not for people", "an integer beyond 2^53"],
)
def test_what_the_schema_cannot_see_the_operator_says(
    room: Room, issuer: MisbehavingIssuer, member: str, value: object, message: str
) -> None:
    room.apply("web", issuer.issuer, metadata={**WEB, member: value})
    resource = room.wait_for("web", "InvalidSpec")
    assert condition(resource)["message"] == message
    assert conditions(resource)["Stalled"] == ("True", "InvalidSpec")
    assert issuer.server.connections == 0
    room.apply("web", issuer.issuer)
    resource = room.wait_for("web", "Registered")
    assert "Stalled" not in conditions(resource)


def test_a_bad_edit_loses_nothing_that_works(room: Room, issuer: MisbehavingIssuer) -> None:
    room.apply("web", issuer.issuer)
    room.wait_for("web", "Registered")
    before = room.secret("web")
    room.apply("web", issuer.issuer, metadata={**WEB, "scope#de": "openid"})
    resource = room.wait_for("web", "InvalidSpec")
    assert conditions(resource) == {
        "Ready": ("False", "InvalidSpec"),
        "Registered": ("True", "Registered"),
        "SecretPublished": ("True", "Published"),
        "Stalled": ("True", "InvalidSpec"),
    }
    # What is published is kept true all the same.
    room.kubectl("delete", "secret", "web", "-n", room.namespace)
    room.wait_until(lambda: room.has_secret("web"), "the Secret is healed")
    assert room.secret("web") == before
    room.apply("web", issuer.issuer)
    room.wait_for("web", "Registered")
    assert (issuer.calls, room.secret("web")) == (["POST"], before)
