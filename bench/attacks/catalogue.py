"""The attacks: what a tenant with a namespace of its own and a web server does while others work."""

import asyncio
import itertools
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from http import HTTPStatus
from typing import Final

from bench.api import Body, Refused, resources, secrets
from bench.load import manifest
from oauthclient_operator import names

from .ground import Ground

EVIL: Final = "evil"
"""The attacker's namespace; it is there and empty when an attack begins."""
Attack = Callable[[Ground, int], AbstractAsyncContextManager[None]]
"""Goes on while the block runs; the number is the port of the operator's probes and metrics."""

_APPLIED_AT_ONCE: Final = 8


@asynccontextmanager
async def bytes_that_never_become_data(kind: str, ground: Ground, _listen: int) -> AsyncIterator[None]:
    """Keep 40 resources at a server that sends and sends."""
    with _hostile(kind, ground) as port:
        await _apply(ground, [manifest(EVIL, f"evil-{n:03}", f"https://127.0.0.1:{port}") for n in range(40)])
        yield


@asynccontextmanager
async def large_documents(ground: Ground, _listen: int) -> AsyncIterator[None]:
    """Keep 200 resources, each with an issuer of its own at one server."""
    with _hostile("documents", ground) as port:
        await _apply(ground, [manifest(EVIL, f"evil-{n:03}", f"https://127.0.0.1:{port}/i{n}") for n in range(200)])
        yield


@asynccontextmanager
async def label_patches(ground: Ground, _listen: int) -> AsyncIterator[None]:
    """Label 150 resources that never come to rest, 20 a second."""
    with _hostile("silence", ground) as port:
        await _apply(ground, [manifest(EVIL, f"evil-{n:03}", f"https://127.0.0.1:{port}/i{n}") for n in range(150)])
        async with _going_on(_label(ground)):
            yield


async def _label(ground: Ground) -> None:
    for number in itertools.count():
        change: Body = {"metadata": {"labels": {"evil": str(number)}}}
        await _ask(ground, "PATCH", resources(EVIL, f"evil-{number % 150:03}"), change)
        await asyncio.sleep(0.05)


@asynccontextmanager
async def large_objects(ground: Ground, _listen: int) -> AsyncIterator[None]:
    """Keep 150 resources of 1 MB, and 350 Secrets of the initial access token's type with 250 KB of annotations.

    Two of the resources and two Secrets with 100,000 labels are changed again and again.
    """
    large: list[Body] = []
    # The API server reads them as well, each of the costly ones for many seconds.
    costly = _extensions(1_000_000)
    for n, extension in enumerate([*costly, *["x" * 1_000_000] * (150 - len(costly))]):
        body = manifest(EVIL, f"evil-{n:03}", "https://127.0.0.1:9")
        body["spec"]["clientMetadata"] = {**body["spec"]["clientMetadata"], "evil": extension}
        large.append(body)
    tokens: list[Body] = [
        {
            "metadata": {"name": f"evil-{n:03}", "annotations": {"evil": "x" * 250_000}},
            "type": names.INITIAL_ACCESS_TOKEN_TYPE,
        }
        for n in range(350)
    ]
    for token in tokens[:2]:
        token["metadata"] = {"name": token["metadata"]["name"], "labels": {f"l{n:x}": "" for n in range(100_000)}}
    await _all(ground, "POST", [(resources(EVIL), body) for body in large], at_once=2)
    await _all(ground, "POST", [(secrets(EVIL), token) for token in tokens])
    async with _going_on(_change(ground)):
        yield


def _extensions(size: int) -> list[object]:
    """Return JSON values of as many characters, of which some cost many times more to read than others."""
    deep: list[object] = []
    for _ in range(400):
        deep = [deep]
    return [
        "x" * size,
        [[]] * (size // 3),
        [{}] * (size // 3),
        [1] * (size // 2),
        {f"{n:x}": 1 for n in range(size // 10)},
        [deep] * (size // 800),
    ]


async def _change(ground: Ground) -> None:
    for number in itertools.count():
        change: Body = {"metadata": {"annotations": {"evil": str(number)}}}
        # Not the costly ones: it takes the API server itself twenty seconds of CPU to change one.
        await _ask(ground, "PATCH", resources(EVIL, f"evil-{number % 2 + 100:03}"), change)
        await _ask(ground, "PATCH", secrets(EVIL, f"evil-{number % 2:03}"), change)


@asynccontextmanager
async def visitors(kind: str, _ground: Ground, listen: int) -> AsyncIterator[None]:
    """Visit the port of the probes and the metrics."""
    with _visiting(kind, listen):
        yield


@contextmanager
def _visiting(kind: str, listen: int) -> Iterator[None]:
    with subprocess.Popen((sys.executable, "-m", "bench.attacks.visitors", kind, str(listen))) as child:
        try:
            yield
        finally:
            child.kill()


ATTACKS: Final[Mapping[str, Attack]] = {
    "hello-requests": lambda ground, listen: bytes_that_never_become_data("hello-requests", ground, listen),
    "session-tickets": lambda ground, listen: bytes_that_never_become_data("session-tickets", ground, listen),
    "one-byte-chunks": lambda ground, listen: bytes_that_never_become_data("one-byte-chunks", ground, listen),
    "large-documents": large_documents,
    "label-patches": label_patches,
    "large-objects": large_objects,
    "busy-metrics": lambda ground, listen: visitors("busy-metrics", ground, listen),
    "idle-connections": lambda ground, listen: visitors("idle-connections", ground, listen),
    "begun-requests": lambda ground, listen: visitors("begun-requests", ground, listen),
}
"""By name, in the order in which they are made."""


@contextmanager
def _hostile(kind: str, ground: Ground) -> Iterator[int]:
    command = (sys.executable, "-m", "bench.attacks.hostile_servers", kind)
    certificate = ground.certificate
    with subprocess.Popen([*command, certificate.chain, certificate.key], stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            yield int(child.stdout.readline())
        finally:
            child.kill()


@asynccontextmanager
async def _going_on(work: Coroutine[object, object, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _apply(ground: Ground, bodies: list[Body]) -> None:
    await _all(ground, "POST", [(resources(EVIL), body) for body in bodies])


async def _all(ground: Ground, method: str, what: list[tuple[str, Body]], at_once: int = _APPLIED_AT_ONCE) -> None:
    places = asyncio.Semaphore(at_once)

    async def one(path: str, body: Body) -> None:
        async with places:
            await _ask(ground, method, path, body)

    await asyncio.gather(*(one(path, body) for path, body in what))


async def _ask(ground: Ground, method: str, path: str, body: Body) -> None:
    try:
        await ground.api.request(method, path, body)
    except Refused as error:
        # What takes the API server longer than it gives one request is not done or not there, and the attack goes on.
        if error.status not in (HTTPStatus.GATEWAY_TIMEOUT, HTTPStatus.NOT_FOUND):
            raise
