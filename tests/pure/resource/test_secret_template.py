"""Templates of the published Secret: which there are, and that a value is put in once, whatever it holds."""

import base64
import json
import re
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote_plus

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from oauthclient_operator.names import PUBLISHED_KEYS, TEMPLATE_NAMES, TemplateName
from oauthclient_operator.resource.desired import Desired
from oauthclient_operator.resource.publication import Publication
from oauthclient_operator.resource.secret_template import EXPANDED, LENGTH, Encoding, Template, Unwritten, parse
from oauthclient_operator.resource.terms import IssuerTerms
from tests.cluster.admission import secret_templates
from tests.pure.values import resource

ROOT: Final = Path(__file__).parents[3]
CRD: Final = yaml.safe_load((ROOT / "crds/oauthclients.yaml").read_text())
SECRET: Final = CRD["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]["secret"]
SCHEMA: Final = SECRET["properties"]["template"]
HOSTILE: Final = (
    "{{ .client_secret }}",
    "{{.client_secret}}",
    "{{.client_secret|toJson}}",
    "{{",
    "}}",
    "$secret:key",
    "${SECRET}",
    "$(SECRET)",
    "%SECRET%",
    "env.X",
    "%{x}",
    "a\nadmin: true",
    "a\r\nX: y",
    '","admin":"',
    "'",
    "`",
    "a b",
    "a\\",
    "a\tb",
    "\x00",
    "\x7f",
    "\u2028",
    "\u202e",
    "\u00a0",
    "</script>",
    "a&b=c",
    "é😀",
    "",
)
"""Client identifiers that a server may choose."""


def template(text: str) -> Template:
    found = parse(text)
    assert isinstance(found, Template), found
    return found


def written(text: str, **values: str) -> str | Unwritten:
    return template(text).filled_in({name: values[name] for name in TEMPLATE_NAMES if name in values})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ .client_id }}", "c1"),
        ("{{.client_id}}:{{.client_secret}}", "c1:s1"),
        ('{"id": {{ .client_id | toJson }}}', '{"id": "c1"}'),
        ("scope={{ .scope | urlquery }}&x", "scope=openid+pr%2Fofile&x"),
        ("{{ .scope | b64enc }}", "b3BlbmlkIHByL29maWxl"),
        ("{{ .scope | toJson }}", '"openid pr/ofile"'),
        ("}} {{ .client_id }}}{", "}} c1}{"),
        ("\tlines\r\n{{ .client_id }}\n", "\tlines\r\nc1\n"),
    ],
)
def test_values_are_put_in(text: str, expected: str) -> None:
    assert written(text, client_id="c1", client_secret="s1", scope="openid pr/ofile") == expected


@pytest.mark.parametrize("client_id", HOSTILE, ids=repr)
def test_no_value_is_read_as_a_template_and_none_ends_what_it_stands_in(client_id: str) -> None:
    values = {"client_id": client_id, "client_secret": "s1"}
    as_json = written('{"id": {{ .client_id | toJson }}, "secret": {{ .client_secret | toJson }}}', **values)
    assert isinstance(as_json, str)
    assert json.loads(as_json) == {"id": client_id, "secret": "s1"}
    assert not set("<>&") & set(as_json)
    assert all(line.isprintable() for line in as_json.split("\n"))
    in_yaml = yaml.safe_load(as_json)
    assert in_yaml == {"id": client_id, "secret": "s1"}
    in_query = written("id={{ .client_id | urlquery }}&b={{ .client_id | b64enc }}", **values)
    assert isinstance(in_query, str)
    first, second = in_query.removeprefix("id=").split("&b=")
    assert (unquote_plus(first), base64.b64decode(second).decode()) == (client_id, client_id)
    plain = written("[{{ .client_id }}]", **values)
    if set(client_id) & set("\"'`\\ \t\r\n\x00\x7f\u2028\u202e\u00a0"):
        assert isinstance(plain, Unwritten)
        assert plain.why.startswith("the server's client_id holds quotes, spaces")
        assert "write {{ .client_id | toJson }}" in plain.why
    else:
        assert plain == f"[{client_id}]"


def test_a_name_without_a_value_is_said() -> None:
    found = written("{{ .client_id }} {{ .client_secret | b64enc }}", client_id="c1")
    assert found == Unwritten("this client has no client_secret; take it out")


def test_what_comes_out_is_bounded_and_no_more_is_made() -> None:
    many = "{{.issuer}}" * (LENGTH // len("{{.issuer}}"))
    assert isinstance(written(many, issuer="x" * 8), str)
    assert written(many, issuer="x" * 1_000_000) == Unwritten(
        "it is longer than 32 KiB with the values in it; write less"
    )
    # In bytes, as a Secret counts.
    assert isinstance(written("{{ .issuer }}", issuer="é" * (EXPANDED // 2)), str)
    assert isinstance(written("{{ .issuer }}.", issuer="é" * (EXPANDED // 2)), Unwritten)


@pytest.mark.parametrize(
    ("text", "why"), secret_templates.REFUSED_TEXTS.values(), ids=[*secret_templates.REFUSED_TEXTS]
)
def test_the_operator_does_not_rely_on_the_api_server_to_refuse(text: str, why: str) -> None:
    found = parse(text)
    assert isinstance(found, str)
    said = {
        secret_templates.NO_PLACEHOLDER: "there is no placeholder in it; write one, such as {{ .client_id }}",
        secret_templates.NO_SUCH_PLACEHOLDER: "two braces begin none of the placeholders that there are; write {{ .cl",
        secret_templates.NO_SUCH_NAME: "a placeholder names what there is not; ",
    }
    assert said[why] in found


def test_what_is_wrong_is_said_by_its_line_and_not_repeated() -> None:
    assert parse("a\nb {{ .client_id }}\n{{ hunter2 }}") == (
        "on line 3 two braces begin none of the placeholders that there are; write {{ .client_id }}, or "
        "{{ .client_id | toJson }} with toJson, urlquery or b64enc"
    )
    assert parse("{{ .clientid }}") == "on line 1 a placeholder names what there is not; is client_id meant?"
    assert parse("{{ .hunter2 }}") == (
        f"on line 1 a placeholder names what there is not; write one of {', '.join(TEMPLATE_NAMES)}"
    )


@pytest.mark.parametrize("text", secret_templates.ADMITTED_TEXTS.values(), ids=[*secret_templates.ADMITTED_TEXTS])
def test_what_the_api_server_admits_is_read(text: str) -> None:
    assert isinstance(parse(text), Template)


PIECES: Final = st.sampled_from(
    ["{", "}", "{{", "}}", " ", ".", "|", "\n", "\t", "client_id", "scope", "x", "toJson", "{{ .client_id }}", "é", "-"]
)
TEXTS: Final = st.lists(PIECES, max_size=12).map("".join) | st.text(alphabet="{}. |a", max_size=12)


@pytest.mark.contract
@given(TEXTS)
def test_the_definition_and_the_operator_admit_the_same_texts(text: str) -> None:
    assert _admits(text) is isinstance(parse(text), Template)


@given(TEXTS, st.text(max_size=8))
def test_a_template_is_filled_in_as_by_one_substitution(text: str, value: str) -> None:
    found = parse(text)
    if isinstance(found, Template):
        values: dict[TemplateName, str] = {"client_id": value, "scope": value}
        one_pass = re.sub(r"\{\{ *\.\w+ *(?:\| *toJson *)?\}\}", lambda m: _put(m[0], value), text)
        filled_in = found.filled_in(values)
        assert isinstance(filled_in, Unwritten) or filled_in == one_pass


def _put(placeholder: str, value: str) -> str:
    filled_in = template(placeholder).filled_in({"client_id": value, "scope": value})
    return filled_in if isinstance(filled_in, str) else ""


def _admits(text: str) -> bool:
    """Run the rules of the definition, whose regular expressions mean the same in Python."""
    first, *others = SCHEMA["additionalProperties"]["x-kubernetes-validations"]
    assert first["rule"] == "self.contains('{{')"
    syntax, named = (re.findall(r"self\.matches\('([^']*)'\)", rule["rule"]) for rule in others)
    assert named[0] == syntax[0]
    return "{{" in text and all(re.search(pattern.replace("$", r"\Z"), text) for pattern in (syntax[0], named[1]))


@pytest.mark.contract
def test_the_names_and_bounds_of_the_definition_are_those_of_the_code() -> None:
    named = SCHEMA["additionalProperties"]["x-kubernetes-validations"][2]
    alternatives = re.search(r"\[\.\]\((client_id[^)]*)\)", named["rule"])
    assert alternatives is not None
    assert tuple(alternatives[1].split("|")) == TEMPLATE_NAMES
    assert re.findall(r"[a-z]+(?:_[a-z]+)+|issuer|scope", named["message"]) == [*TEMPLATE_NAMES]
    (taken,) = SECRET["x-kubernetes-validations"]
    # A rule of a served version is never tightened: what is published later, the operator alone refuses to write over.
    assert tuple(re.findall(r"'(\w+)'", taken["rule"])) == PUBLISHED_KEYS
    assert (SCHEMA["maxProperties"], SCHEMA["additionalProperties"]["maxLength"]) == (16, LENGTH)
    # What the Secret holds beside them is far below what is left.
    assert SCHEMA["maxProperties"] * EXPANDED <= 1024 * 1024 // 2


def desired(**spec: Any) -> Desired:
    found = resource(spec=spec)
    return Desired.of(found, IssuerTerms.of_spec(found.spec))


@pytest.mark.parametrize("name", PUBLISHED_KEYS)
def test_no_template_is_written_where_a_key_of_ours_is_or_may_be(name: str) -> None:
    found = desired(secret={"template": {name: "{{ .client_id }}"}})
    assert found.problem == (
        f"spec.secret.template: {name} is where {name} is published; choose another name, or rename that one by keys"
    )
    assert found.publication is None
    assert desired(secret={"template": {name: "{{ .client_id }}"}, "keys": {name: "other"}}).problem is None
    assert desired(secret={"template": {"other": "{{ .client_id }}"}, "keys": {name: "other"}}).problem is not None


def test_a_client_secret_is_not_named_where_none_is_asked_for() -> None:
    for method in ("none", "private_key_jwt", "tls_client_auth"):
        metadata = {"token_endpoint_auth_method": method, "grant_types": ["client_credentials"]}
        more = {
            "private_key_jwt": ("jwks_uri", "https://shop.example/jwks"),
            "tls_client_auth": ("tls_client_auth_san_dns", "a.b"),
        }
        metadata |= dict([more[method]] if method in more else [])
        found = desired(clientMetadata=metadata, secret={"template": {"env": "{{ .client_secret }}"}})
        assert f'env: there is no client_secret where token_endpoint_auth_method is "{method}"' in (found.problem or "")
        # An edit that says so is no reason to leave the Secret alone that is there.
        assert found.publication is not None
    assert desired(secret={"template": {"env": "{{ .client_secret }}"}}).problem is None


def test_what_is_no_text_and_too_many_are_said() -> None:
    assert desired(secret={"template": {"a": 7}}).problem == "spec.secret.template: a: it is text; put it in quotes"
    many = {f"{n}": "{{ .client_id }}" for n in range(17)}
    assert desired(secret={"template": many}).problem == "spec.secret.template: write 16 keys at most"
    long = {"a": "{{ .client_id }}" + "x" * LENGTH}
    assert desired(secret={"template": long}).problem == "spec.secret.template: a: it is longer than 8192 characters"
    half = {"a": "{{ .client_id }}\ud800"}
    assert (
        desired(secret={"template": half}).problem
        == "spec.secret.template: a: it holds half of a character; write text"
    )


@pytest.mark.contract
def test_each_template_of_the_page_is_one_and_the_page_names_what_is_for_templates_alone() -> None:
    page = (ROOT / "docs/secret.md").read_text()
    written = [
        yaml.safe_load(block)["secret"] for block in re.findall(r"```yaml\n(secret:.*?)```", page, flags=re.DOTALL)
    ]
    assert [desired(secret=secret).problem for secret in written if "labels" not in secret] == [None, None]
    rows = re.findall(r"^\| (`\w+`) \|", page, flags=re.MULTILINE)
    assert rows == [f"`{name}`" for name in TEMPLATE_NAMES if name not in PUBLISHED_KEYS]
    assert all(f"{encoding.value}` |" in page or f"{encoding.value} }}}}` |" in page for encoding in Encoding)


@pytest.mark.contract
def test_the_example_holds_what_an_app_reads() -> None:
    spec = next(yaml.safe_load_all((ROOT / "examples/consumers/files.yaml").read_text()))["spec"]
    publication = desired(**spec).publication
    assert publication is not None
    values: dict[TemplateName, str] = {
        name: f'<{name}> "1"' for name in TEMPLATE_NAMES if name[-3:] not in ("url", "uri")
    }
    values |= {"discovery_url": "https://idp.example.com/d", "redirect_uri": spec["clientMetadata"]["redirect_uris"][0]}
    filled_in = {key: found.filled_in(values) for key, found in publication.template.items()}
    assert json.loads(str(filled_in["client.json"])) == {
        "issuer": values["issuer"],
        "client": {"id": values["client_id"], "secret": values["client_secret"]},
        "scope": values["scope"],
    }
    # What Node would read as another value is not written; what is, it reads: tests/cluster/consumers/test_env_file.py.
    assert isinstance(filled_in[".env"], Unwritten)
    plain = {name: value.replace(' "1"', "") for name, value in values.items()}
    env = dict(line.split("=", 1) for line in str(publication.template[".env"].filled_in(plain)).splitlines())
    assert env == {
        "OIDC_CLIENT_ID": '"<client_id>"',
        "OIDC_CLIENT_SECRET": '"<client_secret>"',
        "OIDC_ISSUER": '"<issuer>"',
        "OIDC_DISCOVERY_URL": '"https://idp.example.com/d"',
        "OIDC_REDIRECT_URI": '"https://reports.example.com/oauth/callback"',
    }


def test_what_the_user_wrote_is_not_shown_where_a_publication_is() -> None:
    found = desired(secret={"template": {"a": "hunter2{{ .client_id }}"}}).publication
    assert isinstance(found, Publication)
    assert "hunter2" not in repr(found)
