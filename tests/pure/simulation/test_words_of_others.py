"""Whatever a tenant or a server says: in conditions, status, Events and the log it is one clean line, without a token."""

import asyncio
import json
import logging
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.cluster.failures import failure
from oauthclient_operator.cluster.target import secret
from oauthclient_operator.exchange import Answer, Incomplete, Request, Response
from oauthclient_operator.log import _JSONLines, _Readable
from tests.pure.simulation.authorization_server import ISSUER
from tests.pure.simulation.hostile import METADATA, World, answers, with_token
from tests.pure.simulation.operator_process import KEY, NAME, NAMESPACE

HOSTILE = 'a"\r\n12:00:00 ERROR   all is lost \x1b[31m\u202egnp.exe\u2066\u2028\x85\u200b\ue000'
"""A line of its own in a log, colours, text that runs backwards, and what is not seen at all."""
UNPRINTABLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
TOKEN = "iat-4f9c2b7e81d05a36-Zq8Lr2Tn6Vw1Xy5"


def label_prefix(world: World) -> None:
    world.apply(secret={"labels": {f"{HOSTILE}/team": "a"}})


def label_name(world: World) -> None:
    world.apply(secret={"annotations": {f"example.com/{HOSTILE}": "a"}})


def member_name(world: World) -> None:
    world.apply(clientMetadata={**METADATA, HOSTILE: "x", f"client_name#{HOSTILE}": "x"})


def issuer(world: World) -> None:
    world.apply(issuer=f"https://issuer.example/{HOSTILE}")


def discovery_url(world: World) -> None:
    world.apply(discovery={"url": f"https://issuer.example/{HOSTILE}", "form": HOSTILE}, policy={"deletion": HOSTILE})


def secret_name(world: World) -> None:
    world.apply(secret={"name": HOSTILE, "keys": {HOSTILE: HOSTILE}})


def owner_of_a_secret(world: World) -> None:
    owner = {"apiVersion": "v1", "kind": HOSTILE, "name": HOSTILE, "uid": "x"}
    world.secret_of(NAME, metadata={"ownerReferences": [owner]}, data={})
    world.apply()


def manager_of_a_secret(world: World) -> None:
    world.secret_of(NAME, metadata={"labels": {names.MANAGED_BY_LABEL: HOSTILE}}, data={})
    world.apply()


def resolve_annotation(world: World) -> None:
    world.server.says = lambda _request: Incomplete(cause="timeout")
    world.apply(policy={"ambiguous": "Hold"})
    world.api.annotate(NAMESPACE, NAME, {names.RESOLVE_ANNOTATION: HOSTILE, names.RETRY_ANNOTATION: HOSTILE})


def client_id(world: World) -> None:
    world.server.members = {"client_id": HOSTILE}
    world.apply()


def client_uri(world: World) -> None:
    world.server.members = {"registration_client_uri": f"https://elsewhere.example/{HOSTILE}"}
    world.apply()


def client_origin(world: World) -> None:
    world.server.members = {"registration_client_uri": f"https://else{HOSTILE}.example/1"}
    world.apply()


def refusal(world: World) -> None:
    world.server.says = answers(400, error=HOSTILE, error_description=HOSTILE)
    world.apply()


def challenge(world: World) -> None:
    header = {"www-authenticate": 'Bearer error="\u202einvalid", error_description="\x1b[31m \u202e"'}
    world.server.says = lambda _request: Response(status=401, headers=header)
    world.apply()


def what_was_registered(world: World) -> None:
    world.server.members = {"redirect_uris": [HOSTILE], "grant_types": [HOSTILE], "scope": HOSTILE}
    world.apply()


def method(world: World) -> None:
    world.server.members = {"token_endpoint_auth_method": HOSTILE}
    world.apply()


def names_another_issuer(world: World) -> None:
    world.server.metadata = {"issuer": HOSTILE}
    world.apply()


def denial(world: World) -> None:
    world.apply(clientMetadata={**METADATA, "client_name": "denied"})


def echo_of_the_token(world: World) -> None:
    world.server.says = answers(401, error=TOKEN, error_description=f"not accepted: {TOKEN}")
    with_token(world)


def echo_in_pieces(world: World) -> None:
    pieces = " / ".join(TOKEN[i : i + 6] for i in range(0, len(TOKEN), 6))
    world.server.says = answers(401, error_description=f"not accepted: {pieces}")
    with_token(world)


def echo_letter_by_letter(world: World) -> None:
    world.server.says = answers(401, error_description=" ".join(TOKEN))
    with_token(world)


def echo_of_a_part(world: World) -> None:
    world.server.says = answers(401, error_description=f"it ends in {TOKEN[-12:]}")
    with_token(world)


def echo_of_the_client_secret(world: World) -> None:
    said = answers(400, error="invalid_client_metadata", error_description=f"what of {' '.join(TOKEN)}?")
    world.server.members = {"client_secret": TOKEN}
    world.server.says = lambda request: said(request) if request.method in ("PUT", "DELETE") else None
    world.apply()


def echo_in_metadata(world: World) -> None:
    def says(request: Request) -> Answer | None:
        if request.method != "POST":
            return None
        made = {**world.server._made({}), "registration_access_token": TOKEN}
        # In the place of what an app needs, so that the operator shows what there is instead.
        return answers(201, **{**made, "redirect_uris": [" ".join(TOKEN)], "grant_types": [TOKEN]})(request)

    world.server.says = says
    world.apply()


def echoed(**members: Any) -> Callable[[World], None]:
    """Register as asked, and answer with these members beside, or otherwise."""

    def saying(world: World) -> None:
        world.server.members = members
        with_token(world)

    saying.__name__ = f"echo_in_{'_'.join(members)}"
    return saying


def echo_in_a_name(world: World) -> None:
    world.server.says = answers(201, **{TOKEN: "x", "client_id": {"id": TOKEN}})
    with_token(world)


def echo_in_half_an_answer(world: World) -> None:
    made = {"client_id": TOKEN, "registration_access_token": "rat", "registration_client_uri": f"{ISSUER}/register/1"}
    cut = Incomplete(cause="reset", status=201, partial=json.dumps(made).encode()[:-1] + b', "x": "')
    world.server.says = lambda request: cut if request.method == "POST" else None
    with_token(world)


TAKEN_APART = f"{TOKEN[4:20]}/{TOKEN[21:]}"
SAYINGS = (
    echoed(client_id=TOKEN),
    echoed(client_id=TAKEN_APART),
    echoed(token_endpoint_auth_method=TOKEN),
    echoed(token_endpoint_auth_method=TAKEN_APART),
    echoed(redirect_uris=[f"https://x.example/{TAKEN_APART}"]),
    echoed(grant_types=[TAKEN_APART]),
    echoed(response_types=[TAKEN_APART]),
    echoed(registration_client_uri=f"https://{TOKEN.lower()}.example/x"),
    echo_in_a_name,
    echo_in_half_an_answer,
    label_prefix,
    label_name,
    member_name,
    issuer,
    discovery_url,
    secret_name,
    owner_of_a_secret,
    manager_of_a_secret,
    resolve_annotation,
    client_id,
    client_uri,
    client_origin,
    refusal,
    challenge,
    what_was_registered,
    method,
    names_another_issuer,
    denial,
    echo_of_the_token,
    echo_in_pieces,
    echo_letter_by_letter,
    echo_of_a_part,
    echo_of_the_client_secret,
    echo_in_metadata,
)


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (text for pair in value.items() for part in pair for text in texts(part))
    elif isinstance(value, list):
        yield from (text for part in value for text in texts(part))
    elif isinstance(value, str):
        yield value


def is_clean(text: str) -> bool:
    return not any(unicodedata.category(c) in UNPRINTABLE for c in text)


async def _denied(label: str, call: Any) -> Any:
    if label != "write:dry-run":
        return await call()
    message = f'admission webhook "w.example.com" denied the request: {HOSTILE}'
    content = json.dumps({"kind": "Status", "reason": "Forbidden", "message": message}).encode()
    raise failure("POST", secret(NAMESPACE, NAME), 403, content)


async def _as_it_is(_label: str, call: Any) -> Any:
    return await call()


@pytest.mark.parametrize("saying", SAYINGS, ids=lambda saying: saying.__name__)
def test_words_of_others_are_one_clean_line_everywhere(
    saying: Callable[[World], None], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    shown: list[str] = []

    async def main() -> None:
        world = World(fault=_denied if saying is denial else _as_it_is)
        saying(world)
        process = world.start()
        for step in ("apply", "edit", "delete"):
            if step == "edit":
                world.apply(clientMetadata={**world.spec["clientMetadata"], "contacts": ["a@shop.example"]})
            if step == "delete":
                world.api.delete(NAMESPACE, NAME)
            await process.reconcile(KEY)
            body = world.resource()
            if body is not None:
                assert step == "delete" or body["status"]["observedGeneration"] > 0
                shown.extend(texts(body["status"]))
        shown.extend(texts(world.api.events))

    asyncio.run(main())
    assert [text for text in shown if not is_clean(text)] == []
    for record in caplog.records:
        for line in (_Readable().format(record), _JSONLines().format(record)):
            assert is_clean(line)
        assert json.loads(_JSONLines().format(record))["message"]
    everything = " ".join(shown) + caplog.text
    squeezed = "".join(c for c in everything if c.isalnum())
    token = "".join(c for c in TOKEN if c.isalnum())
    pieces = [token[i : i + 10] for i in range(len(token) - 9)]
    assert [piece for piece in pieces if piece in squeezed] == []


def test_no_line_of_an_exception_looks_like_one_of_the_logs_own() -> None:
    error = ValueError(HOSTILE)
    record = logging.LogRecord("x", logging.ERROR, "", 1, "a %s", (HOSTILE,), (ValueError, error, None))
    first, *trace = _Readable().format(record).split("\n")
    assert is_clean(first)
    assert all(line.startswith("    ") and is_clean(line) for line in trace)
    assert trace
