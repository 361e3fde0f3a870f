"""Templates that the API server admits and refuses, and for what: the tables of which the operator is held to the same."""

from typing import Any, Final

from oauthclient_operator.names import PUBLISHED_KEYS, TEMPLATE_NAMES

PLACE: Final = "spec.secret.template"
NO_PLACEHOLDER: Final = (
    "there is no placeholder in it; write one, such as {{ .client_id }}: where you did, a shell or Helm has taken it, and "
    "has to be told to leave it alone"
)
NO_SUCH_PLACEHOLDER: Final = (
    "it holds two braces that begin none of the placeholders that there are; write {{ .client_id }}, or "
    "{{ .client_id | toJson }} with toJson, urlquery or b64enc"
)
NO_SUCH_NAME: Final = (
    f"it names what there is not; write one of {', '.join(TEMPLATE_NAMES[:-1])} and {TEMPLATE_NAMES[-1]}"
)
NO_KEY: Final = (
    f"{PLACE}: Invalid value: the left side is a key of a Secret: letters, digits, '-', '_' and '.', not '.' and not "
    "beginning with '..', e.g. config.yaml"
)
TAKEN: Final = (
    "spec.secret: Invalid value: a key of template has the name of a key that the operator publishes; choose another "
    "name, or rename that one by keys"
)
NO_PRIVATE_KEY: Final = (
    f"{PLACE}: Invalid value: there is no private_key, private_key_jwk and key_id for a template without "
    "spec.privateKey; write that, too, or take them out"
)

REFUSED_TEXTS: Final = {
    "nothing": ("", NO_PLACEHOLDER),
    "what a shell left": ("clientID: \n", NO_PLACEHOLDER),
    "one brace": ("{ .client_id }", NO_PLACEHOLDER),
    "a variable of another kind": ("${client_id} $(client_id) %{client_id}", NO_PLACEHOLDER),
    "no dot": ("{{ client_id }}", NO_SUCH_PLACEHOLDER),
    "nothing inside": ("{{ }}", NO_SUCH_PLACEHOLDER),
    "braces alone": ("{{}}", NO_SUCH_PLACEHOLDER),
    "not closed": ("{{ .client_id ", NO_SUCH_PLACEHOLDER),
    "closed by one": ("{{ .client_id }", NO_SUCH_PLACEHOLDER),
    "closed on another line": ("{{ .client_id\n}}", NO_SUCH_PLACEHOLDER),
    "three braces": ("{{{ .client_id }}}", NO_SUCH_PLACEHOLDER),
    "four braces": ("{{{{ .client_id }}}}", NO_SUCH_PLACEHOLDER),
    "two braces at the end": ("{{ .client_id }} {{", NO_SUCH_PLACEHOLDER),
    "white space taken away": ("{{- .client_id -}}", NO_SUCH_PLACEHOLDER),
    "a tab": ("{{\t.client_id }}", NO_SUCH_PLACEHOLDER),
    "a comment": ("{{/* a */}}{{ .client_id }}", NO_SUCH_PLACEHOLDER),
    "a text": ('{{ "x" }}', NO_SUCH_PLACEHOLDER),
    "a condition": ("{{ if .client_secret }}a{{ end }}", NO_SUCH_PLACEHOLDER),
    "a function before it": ("{{ toJson .client_id }}", NO_SUCH_PLACEHOLDER),
    "another function": ("{{ .client_id | quote }}", NO_SUCH_PLACEHOLDER),
    "a function in other letters": ("{{ .client_id | tojson }}", NO_SUCH_PLACEHOLDER),
    "two functions": ("{{ .client_id | urlquery | b64enc }}", NO_SUCH_PLACEHOLDER),
    "no function": ("{{ .client_id | }}", NO_SUCH_PLACEHOLDER),
    "a member of a member": ("{{ .client_id.x }}", NO_SUCH_PLACEHOLDER),
    "all values": ("{{ . }}", NO_SUCH_PLACEHOLDER),
    "a variable": ("{{ $x := .client_id }}", NO_SUCH_PLACEHOLDER),
    "a space in the name": ("{{ . client_id }}", NO_SUCH_PLACEHOLDER),
    "letters that look alike": ("{{ .сlient_id }}", NO_SUCH_PLACEHOLDER),
    "a space that is none": ("{{\u00a0.client_id }}", NO_SUCH_PLACEHOLDER),
    "another name": ("{{ .clientID }}", NO_SUCH_NAME),
    "another name beside a known one": ("{{ .client_id }} {{ .registration_access_token }}", NO_SUCH_NAME),
    "the beginning of a name": ("{{ .client }}", NO_SUCH_NAME),
    "more than a name": ("{{ .client_ids | toJson }}", NO_SUCH_NAME),
    "a name in other letters": ("{{ .CLIENT_ID }}", NO_SUCH_NAME),
}
"""What is wrong with a text, the text, and what is said."""

ADMITTED_TEXTS: Final = {
    "a placeholder": "{{ .client_id }}",
    "without spaces": "{{.client_id}}",
    "with many": "{{   .client_id   |   toJson   }}",
    "a bar without spaces": "{{.client_id|b64enc}}",
    "each function": "{{ .client_id | toJson }} {{ .client_id | urlquery }} {{ .client_id | b64enc }}",
    "each name": "".join(f"{{{{ .{name} }}}}\n" for name in TEMPLATE_NAMES if "key" not in name or name == "jwks_uri"),
    "JSON": '{"a": {"id": {{ .client_id | toJson }}, "b": {"secret":{{ .client_secret | toJson }}}}}',
    "two in a row": "{{ .client_id }}{{ .client_secret }}",
    "braces around it": "{ {{ .client_id }} }",
    "a brace behind it": "{{ .client_id }}}",
    "a brace at the end": "{{ .client_id }}{",
    "a brace before something else": "{a{{ .client_id }}{b",
    "braces that only close": "}} {{ .client_id }} }}",
    "lines": "[auth]\r\nid = {{ .client_id }}\n\tsecret = {{ .client_secret }}\n",
    "other letters": "идентификатор: {{ .client_id }} 😀",
    "what others expand": "$secret:key ${X} $(X) %X% env.X {{ .client_id }}",
    "as long as it may be": "{{ .client_id }}" + "x" * (8192 - len("{{ .client_id }}")),
    "as many placeholders as fit": "{{.issuer}}" * (8192 // len("{{.issuer}}")),
}

REFUSED: Final[dict[str, tuple[dict[str, Any], list[str]]]] = {
    **{
        f"a text with {name}": ({"template": {"a": text}}, [f"{PLACE}[a]: Forbidden: {said}"])
        for name, (text, said) in REFUSED_TEXTS.items()
    },
    "a key with a space": ({"template": {"a b": "{{ .client_id }}"}}, [NO_KEY]),
    "a key with a slash": ({"template": {"a/b": "{{ .client_id }}"}}, [NO_KEY]),
    "a dot as key": ({"template": {".": "{{ .client_id }}"}}, [NO_KEY]),
    "two dots": ({"template": {"..a": "{{ .client_id }}"}}, [NO_KEY]),
    "a long key": ({"template": {"a" * 254: "{{ .client_id }}"}}, [NO_KEY]),
    **{
        f"the name of {key}": ({"template": {key: "{{ .client_id }}"}}, [TAKEN])
        for key in (PUBLISHED_KEYS[0], PUBLISHED_KEYS[-1])
    },
    "the name to which a key goes": ({"keys": {"client_id": "ID"}, "template": {"ID": "{{ .issuer }}"}}, [TAKEN]),
    "a private key that nobody makes": ({"template": {"a": "{{ .private_key | toJson }}"}}, [NO_PRIVATE_KEY]),
    "the name of a key that nobody makes": ({"template": {"a": "{{.key_id}}"}}, [NO_PRIVATE_KEY]),
}
"""What is wrong with `spec.secret`, that, and all that is said."""

ADMITTED: Final[dict[str, dict[str, Any]]] = {
    **{name: {"template": {"a": text}} for name, text in ADMITTED_TEXTS.items()},
    "none": {"template": {}},
    "sixteen": {"template": {f"{n}": ADMITTED_TEXTS["as long as it may be"] for n in range(16)}},
    "the name of a key that has another one": {
        "keys": {"client_id": "ID"},
        "template": {"client_id": "{{ .client_id }}"},
    },
    "the name of what is for templates alone": {"template": {"scope": "{{ .scope | toJson }}"}},
    "a long key": {"template": {"a" * 253: "{{ .client_id }}"}},
}
