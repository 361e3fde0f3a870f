"""What `oauthclient-operator check` says of files, and its exit status."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from oauthclient_operator.names import PUBLISHED_ENDPOINTS
from tests.pure.commands.conftest import BAD, GOOD, Check

ROOT = Path(__file__).parents[3]
WELL_KNOWN = "https://idp.example.com/.well-known"
PAGE = (ROOT / "docs" / "check.md").read_text()
OTHERS = "apiVersion: v1\nkind: Secret\nmetadata: {name: idp-token}\n---\na: b\n"


@pytest.mark.contract
def test_a_good_one_and_what_would_be_sent(check: Check) -> None:
    status, said, complained = check("-f", "web.yaml", web_yaml=GOOD)
    assert (status, complained) == (0, "")
    assert said.splitlines()[:-1] == [
        "web.yaml:1: OAuthClient shop/web: ok",
        "    issuer      https://idp.example.com/realms/shop",
        "    metadata    GET https://idp.example.com/realms/shop/.well-known/openid-configuration",
        f"                or, where it is not there, {WELL_KNOWN}/oauth-authorization-server/realms/shop",
        f"                or, where it is not there, {WELL_KNOWN}/openid-configuration/realms/shop",
        "    let in      by the token in Secret idp-token",
        "    registers   POST the registration_endpoint of these metadata",
        "                {",
        '                  "client_name": "Web shop",',
        '                  "redirect_uris": ["https://shop.example.com/callback"]',
        "                }",
        "    publishes   Secret web with CLIENT_ID (client_id), client_secret, issuer, token_endpoint_auth_method,",
        "                and what the server names of TOKEN_URL (token_endpoint) and its other endpoints",
        "1 OAuthClient: 1 ok, 0 refused",
    ]
    assert said.rpartition("Not known")[0] in PAGE
    assert said.splitlines()[-1].startswith("Not known without the cluster and the server: ")


@pytest.mark.contract
def test_a_typo_in_the_spec_is_named_with_its_line(check: Check) -> None:
    status, said, _ = check("-f", "bad.yaml", bad_yaml=f"{OTHERS}---\n{BAD}")
    assert status == 1
    assert said.splitlines() == [
        "bad.yaml:7: OAuthClient shop/api: refused",
        "    bad.yaml:10: spec.clientMetadata: it is required [refused at apply]",
        "    bad.yaml:12: spec.clientMetdata: there is no such field; is clientMetadata meant? [refused at apply]",
        "1 OAuthClient: 0 ok, 1 refused; passed over: 1 Secret, 1 without a kind",
    ]
    assert said in PAGE


def test_files_below_directories_lists_and_standard_input_are_one_check(
    check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_list = yaml.safe_dump({"kind": "List", "apiVersion": "v1", "items": [*yaml.safe_load_all(GOOD), {"kind": "Pod"}]})
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(yaml.safe_load(BAD)).encode())))
    status, said, complained = check(
        *("-f", "apps", "-", "--filename", "a.txt", "--output=json"),
        apps__b__web_yml=GOOD,
        apps__a_json=a_list,
        apps__note_txt="no manifest",
        apps__Chart_md="",
        **{"apps__.git__x_yaml": BAD.replace(".yaml", "")},
        a_txt=GOOD,
    )
    found = json.loads(said)
    assert (status, complained) == (1, "")
    assert [(one["file"], one["name"], one["ok"]) for one in found["oauthClients"]] == [
        ("apps/a.json", "web", True),
        ("apps/b/web.yml", "web", True),
        ("standard input", "api", False),
        ("a.txt", "web", True),
    ]
    assert found["passedOver"] == {"Pod": 1}


def test_as_json_there_is_all_that_is_said_as_text(check: Check) -> None:
    _, said, _ = check("-f", "all.yaml", "--output=json", all_yaml=f"{GOOD}---\n{BAD}")
    good, bad = json.loads(said)["oauthClients"]
    assert good == {
        "file": "all.yaml",
        "document": 1,
        "line": 1,
        "namespace": "shop",
        "name": "web",
        "ok": True,
        "problems": [],
        "notes": [],
        "outcome": {
            "issuer": "https://idp.example.com/realms/shop",
            "metadataURLs": [
                "https://idp.example.com/realms/shop/.well-known/openid-configuration",
                "https://idp.example.com/.well-known/oauth-authorization-server/realms/shop",
                "https://idp.example.com/.well-known/openid-configuration/realms/shop",
            ],
            "registrationEndpoint": None,
            "initialAccessToken": {"secret": "idp-token"},
            "clientCredentials": None,
            "serviceAccountToken": None,
            "accessTokenRequest": None,
            "clusterOAuthIssuer": None,
            "softwareStatement": None,
            "adopts": None,
            "clientMetadata": {
                "client_name": "Web shop",
                "redirect_uris": ["https://shop.example.com/callback"],
            },
            "notSent": [],
            "privateKey": None,
            "secret": {
                "name": "web",
                "keys": {
                    "client_id": "CLIENT_ID",
                    "client_secret": "client_secret",
                    "issuer": "issuer",
                    "token_endpoint_auth_method": "token_endpoint_auth_method",
                },
                "keysIfKnown": {**{key: key for key in PUBLISHED_ENDPOINTS}, "token_endpoint": "TOKEN_URL"},
                "template": {},
                "labels": {},
                "annotations": {},
            },
        },
    }
    assert (bad["document"], bad["outcome"]) == (2, None)
    assert bad["problems"][0] == {
        "place": "spec.clientMetadata",
        "line": 15,
        "message": "it is required",
        "reason": None,
    }


@pytest.mark.parametrize(
    ("changed", "options", "reason"),
    [
        ("https://idp.example.com", ["--allow-http-issuer=idp.internal"], None),
        ("http://idp.internal", ["--allow-http-issuer=other.internal"], "plain http to idp.internal is not allowed"),
        ("http://idp.internal", ["--allow-http-issuer=idp.internal"], None),
        ("https://10.20.0.7", [], "10.20.0.7 is a private address"),
        ("https://10.20.0.7", ["--allow-private-issuer=10.20.0.0/16"], None),
        ("https://169.254.169.254", ["--allow-private-issuer=idp.example.com"], "a link-local address"),
    ],
)
def test_an_issuer_is_judged_as_the_operators_door_judges_it(
    check: Check, changed: str, options: list[str], reason: str | None
) -> None:
    status, said, _ = check(*options, "-f", "a.yaml", a_yaml=GOOD.replace("https://idp.example.com", changed))
    assert status == (reason is not None)
    if reason is not None:
        assert reason in said
        assert "[IssuerNotAllowed]" in said
        assert "What your operator's options let in" in said


def test_a_software_statement_is_named_by_its_secret_and_key(check: Check) -> None:
    stated = ", softwareStatement: {secretRef: {name: idp-statement}}}"
    written = GOOD.replace("{name: idp-token}}}", "{name: idp-token}}" + stated)
    assert stated in written
    status, said, _ = check("-f", "a.yaml", a_yaml=written)
    assert status == 0
    assert "    let in      by the token in Secret idp-token\n" in said
    assert "                with the software statement in Secret idp-statement, key software_statement\n" in said
    _, said, _ = check("-f", "a.yaml", "--output=json", a_yaml=written)
    assert '"softwareStatement": {' in said


def test_a_url_of_discovery_is_held_to_the_issuers_origin(check: Check) -> None:
    written = GOOD + "  discovery: {registrationEndpoint: https://login.example.com/register}\n"
    origin = "--allow-endpoint-origin=https://idp.example.com/realms/shop=https://login.example.com"
    status, said, _ = check("-f", "a.yaml", a_yaml=written)
    assert (status, "a.yaml:11: spec.discovery.registrationEndpoint: is at another origin" in said) == (1, True)
    status, said, _ = check(origin, "-f", "a.yaml")
    assert (status, "    registers   POST https://login.example.com/register\n" in said) == (0, True)


def test_labels_of_the_secret_need_the_operators_option(check: Check) -> None:
    written = GOOD.replace("{keys:", "{labels: {example.com/team: shop}, keys:")
    status, said, _ = check("-f", "a.yaml", a_yaml=written)
    assert (status, "spec.secret.labels: the operator's configuration does not admit" in said) == (1, True)
    status, said, _ = check("-f", "a.yaml", "--secret-metadata-prefix=example.com")
    assert (status, "                and the labels example.com/team\n" in said) == (0, True)


def test_a_member_that_no_registry_has_is_noted_and_sent(check: Check) -> None:
    status, said, _ = check("-f", "a.yaml", a_yaml=GOOD.replace("    client_name", "    clientname"))
    note = "no registry of client metadata has it; it is sent as written; is client_name meant? [note]"
    assert (status, f"    a.yaml:7: spec.clientMetadata.clientname: {note}\n" in said) == (0, True)
    assert '"clientname": "Web shop"' in said


def test_two_that_publish_one_secret_are_noted(check: Check) -> None:
    other = GOOD.replace("name: web,", "name: api,").replace("{keys:", "{name: web, keys:")
    status, said, _ = check("-f", "a.yaml", "b.yaml", a_yaml=GOOD, b_yaml=other)
    note = "web (a.yaml:1) publishes Secret web, too; in one cluster the second says SecretNotOwned: give each its own"
    assert (status, f"    b.yaml:1: spec.secret.name: {note} [note]\n" in said) == (0, True)
    # One that is there for each of several clusters is no other one, and another namespace has Secrets of its own.
    for same in (GOOD, other.replace("namespace: shop", "namespace: billing")):
        assert "[note]" not in check("-f", "a.yaml", "b.yaml", b_yaml=same)[1]


def test_a_client_that_is_taken_over_and_keys_that_the_operator_makes(check: Check) -> None:
    method = "    token_endpoint_auth_method: private_key_jwt\n  privateKey: {algorithm: EdDSA}\n  registration"
    status, said, _ = check("-f", "a.yaml", a_yaml=GOOD.replace("  registration", method))
    assert (status, "and jwks with the public key that the operator makes (EdDSA)" in said) == (0, True)
    assert "token_endpoint_auth_signing_alg, private_key, private_key_jwk, key_id,\n" in said
    status, said, _ = check("-f", "a.yaml", a_yaml=GOOD + "  adopt: {secretRef: {name: old}}\n")
    assert (status, "taken over as Secret old hands it over, and not registered" in said) == (0, True)
    assert "POST" not in said


def test_templates_are_named_with_what_they_hold_and_refused_by_their_line(check: Check) -> None:
    written = GOOD.replace("{keys:", "{template: {env: 'a {{ .client_id }} {{.scope|toJson}} {{ .client_id }}'}, keys:")
    status, said, _ = check("-f", "a.yaml", a_yaml=written)
    assert (status, "\n                and env, by its template, of client_id, scope\n" in said) == (0, True)
    status, said, _ = check("-f", "a.yaml", a_yaml=written.replace("{{ .client_id }}", "{{ .clientID }}"))
    why = (
        "spec.secret.template: env: on line 1 a placeholder names what there is not; is client_id meant? [InvalidSpec]"
    )
    assert (status, why in said) == (1, True)


def test_no_character_of_a_manifest_rewrites_the_line_around_it(check: Check) -> None:
    written = GOOD.replace("Web shop", '"\\e[2K\\u202e"').replace("name: web", 'name: "web\\e[2K"')
    for output in ("text", "json"):
        _, said, _ = check("-f", "a.yaml", f"--output={output}", a_yaml=written)
        assert said.replace("\n", "").isprintable()


@pytest.mark.contract
def test_every_example_is_good(check: Check) -> None:
    status, said, complained = check(
        "-f", str(ROOT / "examples"), "--output=json", "--secret-metadata-prefix=app.kubernetes.io"
    )
    assert (status, complained) == (0, ""), said
    assert len(json.loads(said)["oauthClients"]) > 25


@pytest.mark.contract
def test_every_manifest_on_a_page_is_good(check: Check, tmp_path: Path) -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    blocks = (block.partition("```")[0] for page in pages for block in page.read_text().split("```yaml\n")[1:])
    written = [block for block in blocks if "kind: OAuthClient\n" in block]
    assert written
    (tmp_path / "pages.yaml").write_text("---\n".join(written))
    status, said, complained = check("-f", "pages.yaml")
    assert (status, complained) == (0, ""), said


@pytest.mark.slow
def test_the_program_says_it_as_a_process_which_is_all_that_carries_what_reads_schemas(tmp_path: Path) -> None:
    (tmp_path / "all.yaml").write_text(f"{GOOD}---\n{BAD}")
    program = Path(sys.executable).with_name("oauthclient-operator")
    ran = subprocess.run(
        [program, "check", "-f", "-", "--output", "json"],
        input=(tmp_path / "all.yaml").read_text(),
        cwd="/",
        env={},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ran.returncode, ran.stderr) == (1, "")
    assert [one["ok"] for one in json.loads(ran.stdout)["oauthClients"]] == [True, False]
    loaded = "import sys, oauthclient_operator.command_line; print('jsonschema' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout == "False\n"
    )
