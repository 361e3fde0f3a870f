"""What `check` says of ClusterOAuthIssuers, and of the clients that name one among the same files."""

import json
from pathlib import Path

import pytest

from tests.pure.commands.conftest import Check

PAGE = (Path(__file__).parents[3] / "docs" / "check.md").read_text()
CORPORATE = """\
apiVersion: oauth-operator.dev/v1alpha1
kind: ClusterOAuthIssuer
metadata: {name: corporate}
spec:
  issuer: https://idp.example.com/realms/shop
  trust: {caBundleRef: {name: corporate-ca}}
  access: {initialAccessToken: {secretRef: {name: idp-token}}}
  allowed:
    namespaces: {names: [shop]}
    redirectURIs: ["https://*.{namespace}.apps.example.com/*"]
  clientMetadata: {fixed: {dpop_bound_access_tokens: true}}
"""
WEB = """\
apiVersion: oauth-operator.dev/v1alpha1
kind: OAuthClient
metadata: {name: web, namespace: shop}
spec:
  issuerRef: {kind: ClusterOAuthIssuer, name: corporate}
  clientMetadata: {redirect_uris: ["https://web.shop.apps.example.com/callback"]}
"""
EVIL = WEB.replace("web.shop.apps.example.com", "evil.example.com")
INTERNAL = CORPORATE.replace("https://idp.example.com", "https://10.20.0.7")


@pytest.mark.contract
def test_a_client_is_held_to_what_its_issuer_allows(check: Check) -> None:
    status, said, complained = check("-f", "corporate.yaml", "apps.yaml", corporate_yaml=CORPORATE, apps_yaml=EVIL)
    assert (status, complained) == (1, "")
    assert said.rpartition("Not known")[0] in PAGE


@pytest.mark.parametrize("order", [("corporate.yaml", "apps.yaml"), ("apps.yaml", "corporate.yaml")])
def test_what_a_client_and_its_issuer_say_together_is_sent(check: Check, order: tuple[str, str]) -> None:
    status, said, _ = check("-f", *order, corporate_yaml=CORPORATE, apps_yaml=WEB)
    assert (status, "[note]" in said) == (0, False)
    assert '                  "dpop_bound_access_tokens": true\n' in said
    assert "    let in      as ClusterOAuthIssuer corporate says\n" in said
    assert "1 ClusterOAuthIssuer: 1 ok, 0 refused; 1 OAuthClient: 1 ok, 0 refused\n" in said


def test_what_the_issuer_s_dialect_keeps_from_the_server_is_not_among_what_is_sent_and_is_named(check: Check) -> None:
    omitting = CORPORATE + "  dialect: {scope: Omit, unknownMetadata: Omit}\n"
    odd = WEB.replace("clientMetadata: {", 'clientMetadata: {scope: openid, "client_name#ja": a, client_nmae: b, ')
    status, said, _ = check("-f", "a.yaml", "b.yaml", a_yaml=omitting, b_yaml=odd)
    assert status == 0
    sent = said.partition("POST")[2].partition("publishes")[0]
    assert [line.strip() for line in sent.splitlines()[1:-1]] == [
        "{",
        '"redirect_uris": ["https://web.shop.apps.example.com/callback"],',
        '"dpop_bound_access_tokens": true',
        "}",
        "without client_name#ja, client_nmae, scope, as spec.dialect of the issuer has it",
    ]
    assert "it is not sent, as the issuer's dialect has it; is client_name meant? [note]" in said
    status, said, _ = check("-f", "a.yaml", "b.yaml", "--output=json", a_yaml=omitting, b_yaml=odd)
    (client,) = json.loads(said)["oauthClients"]
    assert client["outcome"]["notSent"] == ["client_name#ja", "client_nmae", "scope"]


def test_scopes_that_an_issuer_allows_are_refused_beside_a_dialect_that_sends_none(check: Check) -> None:
    both = CORPORATE.replace("  allowed:\n", "  allowed:\n    scopes: [openid]\n") + "  dialect: {scope: Omit}\n"
    status, said, _ = check("-f", "a.yaml", a_yaml=both)
    assert status == 1
    assert "spec.allowed.scopes: leave " in said


def test_an_issuer_that_is_not_there_is_noted_and_is_no_error(check: Check) -> None:
    status, said, _ = check("-f", "apps.yaml", apps_yaml=EVIL)
    assert status == 0
    assert (
        "    apps.yaml:5: spec.issuerRef.name: ClusterOAuthIssuer corporate is not among these files, so what it "
        "allows, and adds to the client, is not known [note]\n"
    ) in said
    assert "    issuer      that of ClusterOAuthIssuer corporate\n" in said
    assert "    registers   what is written, and what the issuer adds to it\n" in said


def test_a_client_of_an_issuer_that_would_be_refused_would_wait_for_it(check: Check) -> None:
    broken = CORPORATE.replace("redirectURIs", "redirectUris")
    status, said, _ = check("-f", "corporate.yaml", "apps.yaml", corporate_yaml=broken, apps_yaml=WEB)
    assert status == 1
    assert "    corporate.yaml:8: spec.allowed.redirectURIs: it is required [refused at apply]\n" in said
    assert (
        "    apps.yaml:5: spec.issuerRef.name: ClusterOAuthIssuer corporate would be refused itself [IssuerNotReady]\n"
    ) in said


@pytest.mark.parametrize(
    ("issuer", "client", "note"),
    [
        pytest.param(CORPORATE, EVIL.replace(", namespace: shop", ""), "no namespace is written", id="no namespace"),
        pytest.param(
            CORPORATE.replace("names: [shop]", "selector: {matchLabels: {a: b}}"),
            WEB,
            "whether the issuer's selector selects the namespace",
            id="labels",
        ),
    ],
)
def test_what_only_a_cluster_knows_of_a_namespace_is_noted(check: Check, issuer: str, client: str, note: str) -> None:
    status, said, _ = check("-f", "corporate.yaml", "apps.yaml", corporate_yaml=issuer, apps_yaml=client)
    assert (status, note in said) == (0, True)


def test_a_namespace_that_the_issuer_is_not_for_is_refused_with_its_line(check: Check) -> None:
    other = WEB.replace("namespace: shop", "namespace: other")
    status, said, _ = check("-f", "corporate.yaml", "apps.yaml", corporate_yaml=CORPORATE, apps_yaml=other)
    assert status == 1
    assert '    apps.yaml:3: metadata.namespace: namespace "other" is none of those that the issuer is for' in said


def test_labels_that_are_not_known_leave_the_rest_to_be_judged(check: Check) -> None:
    issuer = CORPORATE.replace("names: [shop]", "selector: {matchLabels: {a: b}}")
    status, said, _ = check("-f", "corporate.yaml", "apps.yaml", corporate_yaml=issuer, apps_yaml=EVIL)
    assert (status, "[NotAllowedByIssuer]" in said) == (1, True)


@pytest.mark.parametrize(
    ("issuer", "reason"),
    [
        pytest.param(INTERNAL, "10.20.0.7 is a private address", id="a private address"),
        pytest.param(INTERNAL + "  reach: {privateAddresses: [10.20.0.0/16]}\n", None, id="by its word"),
        pytest.param(
            CORPORATE + "  discovery: {url: 'https://login.example.com/metadata'}\n",
            "write that origin in spec.reach.endpointOrigins",
            id="another origin",
        ),
        pytest.param(
            CORPORATE
            + "  discovery: {url: 'https://login.example.com/metadata'}\n"
            + "  reach: {endpointOrigins: ['https://login.example.com']}\n",
            None,
            id="another origin by its word",
        ),
    ],
)
def test_an_issuer_is_judged_by_the_door_that_its_own_words_open(check: Check, issuer: str, reason: str | None) -> None:
    status, said, _ = check("-f", "corporate.yaml", corporate_yaml=issuer)
    assert status == (reason is not None)
    if reason is not None:
        assert reason in said
        assert "[IssuerNotAllowed]" in said


def test_as_json_there_is_all_that_is_said_as_text(check: Check) -> None:
    _, said, _ = check("-f", "all.yaml", "--output=json", all_yaml=f"{CORPORATE}---\n{WEB}---\n{EVIL}")
    found = json.loads(said)
    (issuer,), (good, bad) = found["clusterOAuthIssuers"], found["oauthClients"]
    assert (issuer["name"], issuer["line"], issuer["ok"], issuer["problems"]) == ("corporate", 1, True, [])
    assert issuer["outcome"]["initialAccessToken"] == {"secret": "idp-token"}
    assert (good["outcome"]["clusterOAuthIssuer"], good["outcome"]["issuer"]) == (
        "corporate",
        "https://idp.example.com/realms/shop",
    )
    assert [problem["reason"] for problem in bad["problems"]] == ["NotAllowedByIssuer"]


def test_a_typo_in_the_kind_is_named(check: Check) -> None:
    _, said, _ = check("-f", "a.yaml", a_yaml=CORPORATE.replace("ClusterOAuthIssuer", "ClusterOauthIsuer"))
    assert "    a.yaml:2: kind: there is no such kind; write ClusterOAuthIssuer [refused at apply]\n" in said


IDP = "https://idp.example.com/realms/shop"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
WAYS_IN = {
    "client credentials": (
        (
            "{clientCredentials: {secretRef: {name: idp-client}, tokenEndpointAuthMethod: client_secret_post, "
            "scope: client.create, audience: registrations, resource: ['https://idp.example.com/register']}}"
        ),
        {"clientCredentials": {"secret": "idp-client", "tokenEndpointAuthMethod": "client_secret_post"}},
        {
            "grant_type": "client_credentials",
            "scope": "client.create",
            "audience": "registrations",
            "resource": ["https://idp.example.com/register"],
        },
        (
            "    let in      by an access token for the client credentials in the operator's Secret idp-client:\n"
            "                POST the token_endpoint of these metadata: grant_type=client_credentials, "
            "scope=client.create, audience=registrations, resource=https://idp.example.com/register\n"
        ),
    ),
    "the method that the Secret decides": (
        "{clientCredentials: {secretRef: {name: idp-client}}}",
        {"clientCredentials": {"secret": "idp-client", "tokenEndpointAuthMethod": None}},
        {"grant_type": "client_credentials"},
        "    let in      by an access token for the client credentials in the operator's Secret idp-client:\n",
    ),
    "client assertion": (
        "{serviceAccountToken: {method: ClientAssertion, clientID: registrar}}",
        {"serviceAccountToken": {"method": "ClientAssertion", "audience": IDP}},
        {
            "grant_type": "client_credentials",
            "client_id": "registrar",
            "client_assertion_type": ASSERTION_TYPE,
        },
        (
            "    let in      by an access token for one of the service account oauth-registrar, whose audience is\n"
            f"                {IDP}:\n"
            "                POST the token_endpoint of these metadata: grant_type=client_credentials, "
        ),
    ),
    "JWT bearer": (
        "{serviceAccountToken: {method: JWTBearer, audience: 'https://idp.example.com/token', scope: register}}",
        {"serviceAccountToken": {"method": "JWTBearer", "audience": "https://idp.example.com/token"}},
        {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "scope": "register"},
        "    let in      by an access token for one of the service account oauth-registrar, whose audience is\n",
    ),
    "bearer": (
        "{serviceAccountToken: {method: Bearer}}",
        {"serviceAccountToken": {"method": "Bearer", "audience": IDP}},
        None,
        f"    let in      by a token of the service account oauth-registrar for the audience {IDP}\n",
    ),
}


@pytest.mark.parametrize(("written", "way", "asked", "words"), WAYS_IN.values(), ids=WAYS_IN)
def test_how_the_operator_is_let_in_is_said_without_a_credential(
    check: Check, written: str, way: dict[str, object], asked: dict[str, object] | None, words: str
) -> None:
    issuer = CORPORATE.replace("{initialAccessToken: {secretRef: {name: idp-token}}}", written)
    status, said, _ = check("-f", "all.yaml", "--output=json", all_yaml=f"{issuer}---\n{WEB}")
    found = json.loads(said)
    assert status == 0
    for resource in (*found["clusterOAuthIssuers"], *found["oauthClients"]):
        outcome = resource["outcome"]
        ways = {name: outcome[name] for name in ("initialAccessToken", "clientCredentials", "serviceAccountToken")}
        assert {name: what for name, what in ways.items() if what is not None} == way
        assert outcome["accessTokenRequest"] == asked
    _, said, _ = check("-f", "all.yaml", all_yaml=issuer)
    assert words in said
