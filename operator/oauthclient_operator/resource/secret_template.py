"""Further keys of the published Secret, as `spec.secret.template` writes them: text in which values are put.

A strict subset of the templates that users of external-secrets and Helm write, read by a parser of our own. A value is
put in once and never looked at again, whatever it holds: servers choose client identifiers.
"""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Final
from urllib.parse import quote_plus

from ..names import PUBLISHED_SIGNING_KEY, TEMPLATE_NAMES, TemplateName
from ..oauth.json_object import JSON, is_text
from ..oauth.words import quoted
from .kubernetes_names import is_secret_key

PLACE: Final = "spec.secret.template"
ENTRIES: Final = 16
LENGTH: Final = 8 * 1024
"""Characters of one template; the schema's bounds."""
EXPANDED: Final = 32 * 1024
"""Bytes of one key: sixteen of them, and all that is published beside them, fit into a Secret, which has one MiB."""
_PLACEHOLDER: Final = re.compile(r"\{\{ *\.([A-Za-z0-9_]+) *(?:\| *([A-Za-z0-9]+) *)?\}\}")
_LINE: Final = "\n"
_LONGEST_NAME: Final = 64
_BREAKS_OUT: Final = frozenset("\"'`\\")
_NAMED: Final[Mapping[str, TemplateName]] = {name: name for name in TEMPLATE_NAMES}


class Encoding(StrEnum):
    """How a value is written; each by the rules of the function of that name."""

    JSON = "toJson"
    """As a JSON string, with its quotes."""
    URL = "urlquery"
    """Percent-encoded, a space as +: as part of a query, or as HTTP Basic has it (RFC 6749 section 2.3.1)."""
    BASE64 = "b64enc"


@dataclass(frozen=True, slots=True)
class Placeholder:
    """Where a value is put, and how it is written; as it is with `encoding` None."""

    name: TemplateName
    encoding: Encoding | None = None


@dataclass(frozen=True, slots=True)
class Unwritten:
    """That a template cannot be filled in with these values: why, and what to do. No value is in it."""

    why: str


@dataclass(frozen=True, slots=True)
class Template:
    """One template, read: what stands as it is, and where values are put."""

    parts: tuple[str | Placeholder, ...]

    @property
    def names(self) -> tuple[TemplateName, ...]:
        """Return what it names, each once."""
        return tuple(dict.fromkeys(part.name for part in self.parts if isinstance(part, Placeholder)))

    def filled_in(self, values: Mapping[TemplateName, str]) -> str | Unwritten:
        """Return the text with the values in it, in one pass: what a value holds is not read."""
        written, size = list[str](), 0
        for part in self.parts:
            piece = part if isinstance(part, str) else _put(part, values)
            if isinstance(piece, Unwritten):
                return piece
            size += len(piece.encode())
            if size > EXPANDED:
                return Unwritten(f"it is longer than {EXPANDED // 1024} KiB with the values in it; write less")
            written.append(piece)
        return "".join(written)


def templates(written: Mapping[str, JSON], *, own_keys: bool, problems: list[str]) -> dict[str, Template]:
    """Return the templates that are right, by the keys that they are for; `problems` says of others why they are not.

    `own_keys` is whether the operator makes the client's private keys.
    """
    if len(written) > ENTRIES:
        problems.append(f"{PLACE}: write {ENTRIES} keys at most")
        return {}
    found: dict[str, Template] = {}
    for key, text in written.items():
        if not is_secret_key(key):
            problems.append(
                f"{PLACE}: {quoted(key)} is no key of a Secret: letters, digits, '-', '_' and '.', not '.' and not "
                "beginning with '..', e.g. config.yaml"
            )
            continue
        parsed = parse(text) if isinstance(text, str) else "it is text; put it in quotes"
        if isinstance(parsed, Template) and not own_keys and (absent := {*parsed.names} & {*PUBLISHED_SIGNING_KEY}):
            parsed = f"there is no {min(absent)} without spec.privateKey; write that, too, or take it out"
        if isinstance(parsed, str):
            problems.append(f"{PLACE}: {key}: {parsed}")
        else:
            found[key] = parsed
    return found


def parse(text: str) -> Template | str:
    """Read one template, or return what is wrong with it and what to write."""
    if len(text) > LENGTH:
        return f"it is longer than {LENGTH} characters"
    if not is_text(text):
        return "it holds half of a character; write text"
    if "{{" not in text:
        return (
            "there is no placeholder in it; write one, such as {{ .client_id }}: where you did, a shell or Helm has "
            "taken it, and has to be told to leave it alone"
        )
    parts = list[str | Placeholder]()
    for part in _parts(text):
        if isinstance(part, Unwritten):
            return part.why
        if part:
            parts.append(part)
    return Template(tuple(parts))


def _parts(text: str) -> Iterator[str | Placeholder | Unwritten]:
    at = 0
    while (begin := text.find("{{", at)) >= 0:
        yield text[at:begin]
        end = text.find("}}", begin)
        found = _placeholder(text[begin : end + 2] if end >= 0 else "")
        if isinstance(found, Unwritten):
            # The text itself is not repeated: whatever was written by mistake may be in it.
            yield Unwritten(f"on line {text.count(_LINE, 0, begin) + 1} {found.why}")
            return
        yield found
        at = end + 2
    yield text[at:]


def _placeholder(written: str) -> Placeholder | Unwritten:
    match = _PLACEHOLDER.fullmatch(written)
    if match is None or (match[2] is not None and match[2] not in [*Encoding]):
        encodings = f"{', '.join([*Encoding][:-1])} or {[*Encoding][-1]}"
        return Unwritten(
            "two braces begin none of the placeholders that there are; write {{ .client_id }}, or "
            f"{{{{ .client_id | toJson }}}} with {encodings}"
        )
    if (name := _NAMED.get(match[1])) is None:
        near = get_close_matches(match[1][:_LONGEST_NAME], TEMPLATE_NAMES, n=1)
        meant = f"; is {near[0]} meant?" if near else f"; write one of {', '.join(TEMPLATE_NAMES)}"
        return Unwritten(f"a placeholder names what there is not{meant}")
    return Placeholder(name, None if match[2] is None else Encoding(match[2]))


def _put(placeholder: Placeholder, values: Mapping[TemplateName, str]) -> str | Unwritten:
    name = placeholder.name
    if (value := values.get(name)) is None:
        return Unwritten(f"this client has no {name}; take it out")
    match placeholder.encoding:
        case Encoding.JSON:
            return _json(value)
        case Encoding.URL:
            return quote_plus(value)
        case Encoding.BASE64:
            return base64.b64encode(value.encode()).decode()
        case None:
            pass
    if any(c in _BREAKS_OUT or c.isspace() or not c.isprintable() for c in value):
        # It could end what it stands in: a string, a line, an entry.
        return Unwritten(
            f"the server's {name} holds quotes, spaces or characters that are not to be seen, and is not written "
            f"without encoding; write {{{{ .{name} | toJson }}}} there, or urlquery or b64enc, where what reads it "
            "undoes that"
        )
    return value


def _json(value: str) -> str:
    """Return a JSON string that can stand in HTML and YAML, too: what they would read is escaped."""
    return "".join(
        c if c.isprintable() and c not in "<>&" else _escaped(c) for c in json.dumps(value, ensure_ascii=False)
    )


def _escaped(character: str) -> str:
    # What is beyond U+FFFF is a pair in JSON.
    return f"\\u{ord(character):04x}" if character <= "\uffff" else json.dumps(character)[1:-1]
