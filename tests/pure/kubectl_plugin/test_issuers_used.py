"""Which issuers OAuthClients use, what their statuses say of them, and what a server says that it can do."""

from typing import Any

import pytest

from oauthclient_operator.kubectl_plugin import issuer_checks
from oauthclient_operator.kubectl_plugin.abilities import Abilities
from oauthclient_operator.kubectl_plugin.issuers_used import Used, issuers_used
from oauthclient_operator.names import Reason
from oauthclient_operator.oauth.rfc8414 import no_metadata
from oauthclient_operator.resource.cluster_oauth_issuer import ClusterOAuthIssuer
from oauthclient_operator.resource.issuer_status import Discovered, Observed

IDP = "https://idp.example.com"


def client(name: str, spec: dict[str, Any], reason: str = "Registered", **status: Any) -> dict[str, Any]:
    ready = {"type": "Ready", "status": "True" if reason == "Registered" else "False", "reason": reason, "message": "m"}
    return {
        "metadata": {"namespace": "shop", "name": name, "generation": 1},
        "spec": spec,
        "status": {"observedGeneration": 1, "conditions": [ready], **status},
    }


def reference(name: str) -> dict[str, Any]:
    return {"issuerRef": {"kind": "ClusterOAuthIssuer", "name": name}}


REGISTERED: dict[str, Any] = {
    "clientID": "c",
    "registration": {"registeredAt": "2026-01-01T00:00:00Z", "manageable": True},
}


def test_each_issuer_is_looked_at_once_and_what_differs_apart() -> None:
    token = {"registration": {"initialAccessToken": {"secretRef": {"name": "idp-token"}}}}
    found = issuers_used(
        [
            client("a", {"issuer": IDP}),
            client("b", {"issuer": IDP}),
            client("c", {"issuer": IDP, **token}),
            client("d", {"issuer": IDP, "discovery": {"form": "OAuth"}}),
            client("e", reference("corporate")),
            client("f", reference("corporate")),
            client("g", {"issuer": 7}),
        ]
    )
    assert [[one.name for one in used.clients] for used in found] == [["a", "b"], ["c"], ["d"], ["e", "f"], ["g"]]
    assert [used.label for used in found][2:] == [
        f"issuer {IDP}",
        "ClusterOAuthIssuer corporate",
        "issuer without a name",
    ]


def test_a_hostile_issuer_is_cut_and_cleaned() -> None:
    (used,) = issuers_used([client("a", {"issuer": "https://\x1b[2J\u202e" + "x" * 5000})])
    assert len(used.label) < 250
    assert used.label.isprintable()


@pytest.mark.parametrize(
    ("clients", "expected"),
    [
        pytest.param([client("a", reference("c"), **REGISTERED)], True, id="one is registered"),
        pytest.param([client("a", reference("c"), "Pending")], None, id="nobody knows yet"),
        pytest.param([client("a", reference("c"), "InvalidSpec")], None, id="of the spec, not the issuer"),
        *(
            pytest.param(
                [client("a", reference("c"), **REGISTERED), client("b", reference("c"), reason)], False, id=reason
            )
            for reason in (
                Reason.ISSUER_UNAVAILABLE,
                Reason.NOT_ALLOWED_BY_ISSUER,
                Reason.DISCOVERY_FAILED,
                Reason.REGISTRATION_AMBIGUOUS,
                Reason.UPDATE_AMBIGUOUS,
                Reason.DELETION_UNCONFIRMED,
                Reason.NOT_UNDERSTOOD,
                Reason.CREDENTIALS_REFUSED,
                Reason.CLIENT_GONE,
            )
        ),
    ],
)
def test_what_its_clients_tell_of_an_issuer(clients: list[dict[str, Any]], expected: bool | None) -> None:
    (used,) = issuers_used(clients)
    assert used.as_told()[0] is expected


@pytest.mark.parametrize(("reason", "expected"), [("RenewalFailed", (False, "b: refused")), ("Renewing", (True, None))])
def test_an_issuer_whose_client_cannot_be_renewed_does_not_serve_it(
    reason: str, expected: tuple[bool, str | None]
) -> None:
    renewed = client("b", {"issuer": IDP}, **REGISTERED)
    renewing = {"type": "Renewing", "status": "False", "reason": reason, "message": "refused"}
    renewed["status"]["conditions"].append(renewing)
    (used,) = issuers_used([client("a", {"issuer": IDP}, **REGISTERED), renewed])
    serves, said = used.as_told()
    assert (serves, said if not serves else None) == expected


@pytest.mark.parametrize(
    ("reason", "holds"),
    [
        pytest.param("Registered", "yes", id="its clients are ready"),
        pytest.param("InvalidSpec", "yes", id="what a client has to put right"),
        pytest.param("RegistrationUnauthorized", "no", id="its token is refused"),
    ],
)
def test_of_an_issuer_resource_that_is_ready_its_clients_tell_what_they_wait_for(reason: str, holds: str) -> None:
    ready = {"type": "Ready", "status": "True", "reason": "Ready", "message": "clients can be registered"}
    body: dict[str, Any] = {
        "metadata": {"name": "c", "uid": "u", "generation": 1},
        "spec": {"issuer": IDP},
        "status": {"observedGeneration": 1, "conditions": [ready]},
    }
    (used,) = issuers_used([client("a", reference("c"), reason)])
    check = issuer_checks._as_said(used, ClusterOAuthIssuer.parse(body))
    assert (check.holds, check.said) == (holds, "clients can be registered" if holds == "yes" else "a: m")


def test_whether_clients_are_managed_there_is_known_by_those_that_are_registered() -> None:
    (used,) = issuers_used([client("a", {"issuer": IDP}, **REGISTERED), client("b", {"issuer": IDP}, "Pending")])
    assert used.manages is True
    assert Used().manages is None


def test_what_a_server_can_do_is_said_in_few_words() -> None:
    assert Abilities.of_status(Discovered(), Observed()) is None
    discovered = Discovered(
        registration_endpoint=f"{IDP}/reg",
        token_endpoint_auth_methods=("private_key_jwt", "none"),
        grant_types=("authorization_code",),
    )
    known = Abilities.of_status(discovered, Observed(manageable=False))
    assert known is not None
    assert known.said() == (
        "registers clients; does not manage them; authentication methods: private_key_jwt, none; "
        "grant types: authorization_code"
    )
    bare = Abilities.of_metadata(no_metadata(IDP), registers=False, manages=None)
    assert bare.said() == (
        "has no registration_endpoint, so no client can be registered; managing them: not known yet; "
        "authentication methods: client_secret_basic; grant types: authorization_code, implicit; DPoP: it does not say"
    )


def test_of_what_a_server_writes_without_end_a_little_is_shown() -> None:
    hostile = tuple(f"\x1b[31m{number}" + "x" * 500 for number in range(32))
    said = Abilities(registers=True, methods=hostile, grant_types=hostile, dpop=hostile).said()
    assert said.isprintable()
    assert "and 20 more" in said
    assert len(said) < 2000
