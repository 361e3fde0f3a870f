"""What `kubectl apply` says of the Secret to publish and of the one that holds the initial access token."""

import re
from typing import Any

import pytest

from oauthclient_operator.names import PUBLISHED_KEYS
from tests.cluster.admission import secret_templates
from tests.cluster.admission.manifests import EXAMPLES, complaints, oauth_client
from tests.parts.kubectl import Kubectl, KubectlError

UNKNOWN = (
    "spec.secret.keys: Invalid value: the left side names a key that the operator writes: "
    f"{', '.join(PUBLISHED_KEYS[:-1])} or {PUBLISHED_KEYS[-1]}"
)
NOT_A_KEY = (
    "spec.secret.keys: Invalid value: the right side is a key of a Secret: letters, digits, '-', '_' and '.', not '.' "
    "and not beginning with '..', e.g. CLIENT_ID"
)
ONE_NAME = "spec.secret.keys: Invalid value: two keys are written to one name; give each its own"
TAKEN = (
    "spec.secret.keys: Invalid value: a key is written to the name of another key that keeps its own; rename that one "
    "too, or choose another name"
)
SAME_SECRET = (
    "spec.registration.initialAccessToken.secretRef.name: Forbidden: the Secret with the initial access token cannot be "
    "the one that the operator publishes (secret.name, or the resource's own name); give one of them another name"
)


SAME_STATEMENT = (
    "spec.registration.softwareStatement.secretRef.name: Forbidden: the Secret with the software statement cannot be the "
    "one that the operator publishes (secret.name, or the resource's own name); give one of them another name"
)
NOT_A_STATEMENTS_KEY = (
    "write a key of that Secret: letters, digits, '-', '_' and '.', not '.' and not beginning with '..', or leave it out "
    "for software_statement"
)


def _token(name: str) -> dict[str, Any]:
    return {"initialAccessToken": {"secretRef": {"name": name}}}


def _statement(name: str, **more: str) -> dict[str, Any]:
    return {"softwareStatement": {"secretRef": {"name": name, **more}}}


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        pytest.param({"clientid": "CLIENT_ID"}, UNKNOWN, id="a key that the operator does not write"),
        pytest.param({"client_id": "CLIENT ID"}, NOT_A_KEY, id="a space"),
        pytest.param({"client_id": "a/b"}, NOT_A_KEY, id="a slash"),
        pytest.param({"client_id": "."}, NOT_A_KEY, id="a dot alone"),
        pytest.param({"client_id": "..a"}, NOT_A_KEY, id="two dots"),
        pytest.param({"client_id": "ID", "client_secret": "ID"}, ONE_NAME, id="two keys on one name"),
        pytest.param(
            {"client_id": "client_secret", "client_secret": "client_secret"}, ONE_NAME, id="one of them its own"
        ),
        pytest.param({"client_id": "client_secret"}, TAKEN, id="the name of a key that stays"),
        pytest.param(
            {"token_endpoint": "jwks_uri", "issuer": "ISSUER"}, TAKEN, id="the name of an endpoint that stays"
        ),
    ],
)
def test_keys_are_refused(admin: Kubectl, room: str, keys: dict[str, str], said: str) -> None:
    assert complaints(admin, oauth_client(room, secret={"keys": keys})) == [said]


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param({}, id="none"),
        pytest.param({"client_id": "CLIENT_ID", "client_secret": "oauth.client-secret"}, id="renamed"),
        pytest.param({"client_id": "client_secret", "client_secret": "client_id"}, id="swapped"),
        pytest.param({"client_id": "issuer", "issuer": "token_endpoint", "token_endpoint": "T"}, id="moved on"),
        pytest.param({"client_id": "client_id"}, id="itself"),
        pytest.param({key: key.upper() for key in PUBLISHED_KEYS}, id="all of them"),
        pytest.param({"client_id": ".client_id"}, id="one dot"),
        pytest.param({"issuer": "token_endpoint_auth_signing_alg"}, id="a clash that only the operator sees"),
    ],
)
def test_keys_are_admitted(admin: Kubectl, room: str, keys: dict[str, str]) -> None:
    admin.apply(oauth_client(room, secret={"keys": keys}), "--dry-run=server")


def test_a_key_without_a_prefix_is_admitted_for_the_operator_knows_its_options(admin: Kubectl, room: str) -> None:
    bare = {"labels": {"grafana_datasource": "1"}, "annotations": {"team": "shop"}}
    admin.apply(oauth_client(room, secret=bare), "--dry-run=server")


@pytest.mark.parametrize(("secret", "said"), secret_templates.REFUSED.values(), ids=[*secret_templates.REFUSED])
def test_templates_are_refused(admin: Kubectl, room: str, secret: dict[str, Any], said: list[str]) -> None:
    assert complaints(admin, oauth_client(room, secret=secret)) == said


@pytest.mark.parametrize("secret", secret_templates.ADMITTED.values(), ids=[*secret_templates.ADMITTED])
def test_templates_are_admitted(admin: Kubectl, room: str, secret: dict[str, Any]) -> None:
    admin.apply(oauth_client(room, secret=secret), "--dry-run=server")


def test_a_template_has_bounds_and_names_a_private_key_where_there_is_one(admin: Kubectl, room: str) -> None:
    said, *_ = complaints(admin, oauth_client(room, secret={"template": {"a": "{{ .client_id }}" + "x" * 8192}}))
    assert re.fullmatch(r"spec\.secret\.template\.a: Too long: may not be (more|longer) than 8192( bytes)?", said)
    many = {f"{n}": "{{ .client_id }}" for n in range(17)}
    said, *_ = complaints(admin, oauth_client(room, secret={"template": many}))
    assert said == "spec.secret.template: Too many: 17: must have at most 16 items"
    members = {"grant_types": ["client_credentials"], "token_endpoint_auth_method": "private_key_jwt"}
    template = {"jwk": "{{ .private_key_jwk | b64enc }}"}
    keyed = oauth_client(room, members=members, privateKey={}, secret={"template": template})
    admin.apply(keyed, "--dry-run=server")


def test_the_value_of_a_label_is_one(admin: Kubectl, room: str) -> None:
    (said,) = complaints(admin, oauth_client(room, secret={"labels": {"example.com/team": "a b"}}))
    assert "write a label's value" in said
    most = {f"example.com/{n}": "x" * 63 for n in range(16)}
    long = {f"example.com/{n}": "x" * 4096 for n in range(16)}
    admin.apply(
        oauth_client(room, secret={"labels": {**most, "example.com/0": ""}, "annotations": long}), "--dry-run=server"
    )


@pytest.mark.parametrize("name", ["Web", "web_oauth", "-web", "web-", "web..oauth", "web/oauth", ""])
def test_a_name_that_no_secret_can_have_is_refused(admin: Kubectl, room: str, name: str) -> None:
    words = "lower-case letters, digits, '-' and '.', e.g."
    (said,) = complaints(admin, oauth_client(room, secret={"name": name}))
    assert said == f"spec.secret.name: Invalid value: write a Secret's name, {words} web-oauth"
    (said,) = complaints(admin, oauth_client(room, registration=_token(name)))
    assert said.startswith("spec.registration.initialAccessToken.secretRef.name: Invalid value: write the name")
    assert said.endswith(f"of the Secret that holds the initial access token, {words} idp-token")
    (said,) = complaints(admin, oauth_client(room, registration=_statement(name)))
    assert said == (
        f"spec.registration.softwareStatement.secretRef.name: Invalid value: write the name of the Secret "
        f"that holds the software statement, {words} idp-statement"
    )


@pytest.mark.parametrize("name", ["web", "web.oauth-2", "0", "a" * 253])
def test_a_name_that_a_secret_can_have_is_admitted(admin: Kubectl, room: str, name: str) -> None:
    for registration in (_token("t"), _statement("s", key="ssa.jwt"), _token("t") | _statement("s")):
        client = oauth_client(room, "other", secret={"name": name}, registration=registration)
        admin.apply(client, "--dry-run=server")


@pytest.mark.parametrize("key", ["a b", "a/b", ".", "..a", ""])
def test_a_key_that_no_secret_can_have_is_refused_for_a_software_statement(admin: Kubectl, room: str, key: str) -> None:
    (said,) = complaints(admin, oauth_client(room, registration=_statement("s", key=key)))
    place = "spec.registration.softwareStatement.secretRef.key"
    assert said == f"{place}: Invalid value: {NOT_A_STATEMENTS_KEY}"


@pytest.mark.parametrize(
    ("registration", "missing"),
    [
        pytest.param({"softwareStatement": {}}, "secretRef", id="no Secret"),
        pytest.param({"softwareStatement": {"secretRef": {}}}, "name", id="no name"),
    ],
)
def test_a_software_statement_comes_from_a_secret(
    admin: Kubectl, room: str, registration: dict[str, Any], missing: str
) -> None:
    with pytest.raises(KubectlError, match=f'softwareStatement.*missing required field "{missing}"'):
        admin.apply(oauth_client(room, registration=registration), "--dry-run=server")


def test_the_key_of_a_software_statement_is_not_stored_that_nobody_wrote(admin: Kubectl, room: str) -> None:
    admin.apply(oauth_client(room, "stated", registration=_statement("s")))
    stored = admin.json("get", "oauthclients.oauth-operator.dev", "stated", "-n", room)
    assert stored["spec"]["registration"] == _statement("s")
    admin("delete", "oauthclients.oauth-operator.dev", "stated", "-n", room)


def test_the_published_secret_cannot_be_the_initial_access_tokens(admin: Kubectl, room: str) -> None:
    assert complaints(admin, oauth_client(room, "web", registration=_token("web"))) == [SAME_SECRET]
    named = oauth_client(room, "web", secret={"name": "credentials"}, registration=_token("credentials"))
    assert complaints(admin, named) == [SAME_SECRET]
    admin.apply(
        oauth_client(room, "web", secret={"name": "credentials"}, registration=_token("web")), "--dry-run=server"
    )


def test_the_published_secret_cannot_be_the_software_statements(admin: Kubectl, room: str) -> None:
    assert complaints(admin, oauth_client(room, "web", registration=_statement("web"))) == [SAME_STATEMENT]
    both = oauth_client(room, "web", secret={"name": "x"}, registration=_statement("x") | _token("x"))
    assert sorted(complaints(admin, both)) == sorted([SAME_SECRET, SAME_STATEMENT])


def test_an_unknown_field_is_refused_by_name(admin: Kubectl, room: str) -> None:
    with pytest.raises(KubectlError, match='unknown field "secretName"'):
        admin.apply(oauth_client(room, secretName="web"), "--dry-run=server")


@pytest.mark.parametrize(
    ("field", "value", "admitted"),
    [
        ("discovery", {"form": "Automatic"}, '"Auto", "OpenID", "OAuth"'),
        ("policy", {"deletion": "Keep"}, '"Delete", "Retain"'),
        ("policy", {"ambiguous": "Stop"}, '"Retry", "Hold"'),
        ("policy", {"expiry": "Never"}, '"Renew", "Report"'),
        ("rotation", {"strategy": "Never"}, '"Auto", "Keys", "Server", "Reregister"'),
    ],
)
def test_a_choice_that_does_not_exist_is_answered_by_those_that_do(
    admin: Kubectl, room: str, field: str, value: dict[str, str], admitted: str
) -> None:
    (wrong,) = value
    manifest = oauth_client(room)
    manifest["spec"][field] = value
    said = complaints(admin, manifest)
    assert said[0] == f'spec.{field}.{wrong}: Unsupported value: "{value[wrong]}": supported values: {admitted}'


def test_the_examples_are_admitted_and_the_overlay_in_their_comment_works(
    admin: Kubectl, room: str, tmp_path: Any
) -> None:
    comment = [line[1:] for line in (EXAMPLES / "kustomization.yaml").read_text().splitlines() if line[:1] == "#"]
    overlay = "\n".join(line.removeprefix("     ") for line in comment if line.startswith("     "))
    # kustomize wants a relative path to a base.
    up = "../" * len(tmp_path.resolve().parts[1:])
    overlay = overlay.replace("../examples", f"{up}{EXAMPLES.relative_to('/')}").replace("shop\n", f"{room}\n", 1)
    (tmp_path / "kustomization.yaml").write_text(overlay)
    admin.apply(tmp_path)
    for client in admin.json("get", "oauthclients", "-n", room)["items"]:
        assert client["spec"]["issuer"] == "https://idp.example.org/realms/shop"
    token = admin.json("get", "secret", "idp-token", "-n", room)
    assert token["type"] == "oauth-operator.dev/initial-access-token"
