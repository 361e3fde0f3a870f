"""Issuers choose their documents and tenants their issuers: what is remembered of them is bounded, in bytes."""

import asyncio
import gc
import itertools
import json
import string
import sys
from types import BuiltinFunctionType, FunctionType, ModuleType, SimpleNamespace
from typing import Any

import pytest

from oauthclient_operator.errors import OperatorError
from oauthclient_operator.exchange import Answer, Request, Response
from oauthclient_operator.issuer.authorization_servers import AuthorizationServers
from oauthclient_operator.issuer.caller import Caller
from oauthclient_operator.issuer.discovery_cache import BYTES_PER_TENANT
from oauthclient_operator.oauth.metadata_source import MetadataSource
from oauthclient_operator.oauth.rfc8414 import DOCUMENT_LIMIT
from oauthclient_operator.resource.key import oauth_client

SERVER, GOOD = "https://mallory.example", "https://idp.example.com"
RESOURCES = 24
OURS = 64 * 1024
"""Bytes that the cache takes when nothing is in it."""
LETTERS = ["".join(letters) for letters in itertools.product(string.ascii_letters, repeat=3)][:42_000]
"""As many different strings as fit into one document."""
WORDS = (
    "token_endpoint_auth_methods_supported",
    "grant_types_supported",
    "dpop_signing_alg_values_supported",
    "revocation_endpoint_auth_methods_supported",
)


class Door:
    """Every path of a server is an issuer, and has a document as large as one may be."""

    trust = "system"
    policy = SimpleNamespace(admit=lambda _url: None, admits_endpoint=lambda _issuer, _url: True)

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self.asked: list[str] = []

    async def exchange(self, request: Request, **_: Any) -> Answer:
        issuer = request.url.partition("/.well-known/")[0]
        self.asked.append(issuer)
        head: dict[str, Any] = {"issuer": issuer, "registration_endpoint": f"{issuer}/register"}
        if issuer == GOOD:
            return Response(status=200, body=json.dumps(head).encode())
        match self._kind:
            case "words" | "aliases":
                listed: Any = LETTERS if self._kind == "words" else dict.fromkeys(LETTERS[:20_000], "x")
                members = WORDS[:1] if self._kind == "words" else ("mtls_endpoint_aliases",)
                body = json.dumps({**head, **dict.fromkeys(members, listed)}, separators=(",", ":")).encode()
                assert DOCUMENT_LIMIT * 0.6 < len(body) <= DOCUMENT_LIMIT
                return Response(status=200, body=body)
            case "no JSON":
                return Response(status=200, body=bytes(DOCUMENT_LIMIT))
            case _:
                challenge = "a " + ",".join(f"{word}=1" for word in LETTERS[:1000])
                return Response(status=403, headers={"www-authenticate": challenge}, body=b"{}")


def held_by(root: object) -> int:
    """Return the bytes of all that can be reached from an object, exceptions and their frames among it, but no code."""
    code = (ModuleType, type, FunctionType, BuiltinFunctionType, Door)
    seen, left, total = {id(root)}, [root], 0
    while left:
        found = left.pop()
        total += sys.getsizeof(found)
        for inner in gc.get_referents(found):
            if id(inner) not in seen and not isinstance(inner, code):
                seen.add(id(inner))
                left.append(inner)
    return total


def servers(door: Any) -> AuthorizationServers:
    return AuthorizationServers(lambda _issuer: door, exchange_timeout=20, concurrency=16, clock=lambda: 0.0)


async def discover(issuers: AuthorizationServers, tenant: str, issuer: str) -> None:
    caller = Caller(key=oauth_client(tenant, "web"), uid=tenant, queues=False)
    try:
        await issuers.discover(MetadataSource(issuer=issuer), caller)
    except OperatorError:
        return


@pytest.mark.parametrize("kind", ["words", "aliases", "no JSON", "challenges"])
def test_what_is_remembered_of_many_issuers_of_one_tenant_is_no_more_than_its_share(kind: str) -> None:
    issuers = servers(Door(kind))

    async def attack() -> None:
        for number in range(RESOURCES):
            await discover(issuers, "mallory", f"{SERVER}/{number}")

    asyncio.run(attack())
    assert held_by(issuers._cache) <= BYTES_PER_TENANT + OURS


def test_what_a_tenant_uses_stays_when_another_one_fills_its_share() -> None:
    door = Door("no JSON")
    issuers = servers(door)

    async def attack() -> None:
        await discover(issuers, "good", GOOD)
        for number in range(2 * BYTES_PER_TENANT // 2048):
            await discover(issuers, "mallory", f"{SERVER}/{number}")
        await discover(issuers, "good", GOOD)
        await discover(issuers, "mallory", f"{SERVER}/0")

    asyncio.run(attack())
    assert (door.asked.count(GOOD), door.asked.count(f"{SERVER}/0")) == (1, 2)


def test_what_a_tenant_uses_stays_when_another_one_used_it_last_and_fills_its_share() -> None:
    door = Door("no JSON")
    issuers = servers(door)

    async def attack() -> None:
        await discover(issuers, "good", GOOD)
        await discover(issuers, "mallory", GOOD)
        for number in range(2 * BYTES_PER_TENANT // 2048):
            await discover(issuers, "mallory", f"{SERVER}/{number}")
        await discover(issuers, "good", GOOD)

    asyncio.run(attack())
    assert door.asked.count(GOOD) == 1
