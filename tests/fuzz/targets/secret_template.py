"""Templates of the published Secret, with values that a server chose.

The input is the text of a template; what follows a NUL in it is every value.
"""

import base64
import json
import re
from typing import Final
from urllib.parse import unquote_plus

from oauthclient_operator.names import TEMPLATE_NAMES, TemplateName
from oauthclient_operator.oauth.json_object import is_text
from oauthclient_operator.resource.secret_template import (
    EXPANDED,
    Encoding,
    Placeholder,
    Template,
    Unwritten,
    parse,
    templates,
)
from tests.fuzz.properties import one_line
from tests.fuzz.target import Target

_SHORTEST: Final = len("{{.scope}}")


def run(data: bytes) -> None:
    text, _, value = data.decode("utf-8", "replace").partition("\0")
    found = parse(text)
    problems = list[str]()
    assert templates({"config.yaml": text}, own_keys=True, problems=problems) == (
        {"config.yaml": found} if isinstance(found, Template) else {}
    )
    if isinstance(found, str):
        one_line(found)
        assert problems == [f"spec.secret.template: config.yaml: {found}"]
        return
    assert problems == []
    _read_as_written(found, text)
    values: dict[TemplateName, str] = dict.fromkeys(TEMPLATE_NAMES, value)
    assert is_text(value)
    _put_in_once(found, found.filled_in(values), value)
    nothing = found.filled_in({})
    assert isinstance(nothing, Unwritten)
    one_line(nothing.why)


def _read_as_written(template: Template, text: str) -> None:
    """Hold a template to the text that it is: all that is no placeholder stands in it as it was."""
    around = re.split(r"\{\{[^}]*\}\}", text)
    placeholders = [part for part in template.parts if isinstance(part, Placeholder)]
    assert [part for part in around if part] == [part for part in template.parts if isinstance(part, str)]
    assert len(placeholders) == len(around) - 1 <= len(text) / _SHORTEST
    for placeholder, written in zip(placeholders, re.findall(r"\{\{[^}]*\}\}", text), strict=True):
        name, _, encoding = written[2:-2].replace(" ", "").partition("|")
        assert (name, encoding or None) == (f".{placeholder.name}", placeholder.encoding)


def _put_in_once(template: Template, filled_in: str | Unwritten, value: str) -> None:
    """Hold what comes out to what went in: each value is there, can be read back, and nothing is made of it."""
    if isinstance(filled_in, Unwritten):
        one_line(filled_in.why)
        plain = any(isinstance(part, Placeholder) and part.encoding is None for part in template.parts)
        hostile = any(c in "\"'`\\" or not c.isprintable() or c.isspace() for c in value)
        assert (plain and hostile) or _length(template, value) > EXPANDED
        return
    assert len(filled_in.encode()) <= EXPANDED
    at = 0
    for part in template.parts:
        if isinstance(part, str):
            piece = part
        elif part.encoding is Encoding.JSON:
            piece = filled_in[at : at + json.JSONDecoder().raw_decode(filled_in[at:])[1]]
            assert json.loads(piece) == value
            assert piece.isprintable()
            assert not {*piece} & {*"<>&"}
        elif part.encoding is None:
            piece = value
        else:
            piece = _encoded(part.encoding, value)
            decoded = base64.b64decode(piece).decode() if part.encoding is Encoding.BASE64 else unquote_plus(piece)
            assert decoded == value
        assert filled_in.startswith(piece, at)
        at += len(piece)
    assert at == len(filled_in)


def _encoded(encoding: Encoding, value: str) -> str:
    found = Template((Placeholder("scope", encoding),)).filled_in({"scope": value})
    assert isinstance(found, str)
    return found


def _length(template: Template, value: str) -> int:
    """Return how many bytes it has with the values in it, at most: six for each of a value's, and quotes."""
    placeholders = sum(isinstance(part, Placeholder) for part in template.parts)
    written = sum(len(part.encode()) for part in template.parts if isinstance(part, str))
    return written + placeholders * (6 * len(value.encode()) + 2)


TARGET: Final = Target(
    name="secret_template",
    run=run,
    parsers=(parse, templates, Template.filled_in),
    words=(
        b"{{ .client_id }}",
        b"{{ .client_secret | toJson }}",
        b"{{.scope|urlquery}}",
        b"{{ .private_key | b64enc }}",
        b"{{",
        b"}}",
        b"|",
        b".client_id",
        b"toJson",
        b"\0",
        b"\0{{ .client_secret }}",
        b'"',
        b"\\",
        b"\n",
        "\u2028".encode(),
        "😀".encode(),
        b"{{.issuer}}" * 40,
    ),
    limit=2048,
)
