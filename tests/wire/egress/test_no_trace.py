"""What an exchange leaves behind: no socket, no task, and nothing confidential in any log."""

import asyncio
import logging
import traceback
from pathlib import Path

import pytest

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.egress.door import Door
from oauthclient_operator.exchange import Request, bearer
from tests.parts.certificates import CertificateAuthority
from tests.parts.misbehaving import Behaviour, MisbehavingServer, hang, leave, reset, respond, send
from tests.wire.egress.conftest import NAME

CANARY = "canary-7391"

ENDINGS: dict[str, Behaviour] = {
    "a whole response": respond(201, {"client_secret": CANARY}, set_cookie=CANARY, x=CANARY),
    "an end": leave,
    "a reset": reset,
    "no end": hang,
    "half a response": send(f'HTTP/1.1 201 OK\r\nX: {CANARY}\r\nContent-Length: 99\r\n\r\n{{"a": "{CANARY}'.encode()),
    "nonsense": send(f"{CANARY}\r\n\r\n".encode()),
    "a bad header": send(f"HTTP/1.1 200 OK\r\n{CANARY} : {CANARY}\r\n\r\n".encode()),
    "too much": respond(201, body=CANARY.encode() * 50_000),
    "compressed": respond(201, body=CANARY.encode(), content_encoding="gzip"),
    "a redirect": respond(302, location=f"https://{CANARY}@[/"),
}


def sockets() -> set[str]:
    found = set()
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            target = str(descriptor.readlink())
        except OSError:
            continue  # The directory's own, by which it was read.
        if target.startswith("socket:"):
            found.add(target)
    return found


@pytest.mark.parametrize("tls", [True, False], ids=["TLS", "plain"])
@pytest.mark.parametrize("ending", ENDINGS)
async def test_an_exchange_leaves_no_socket_no_task_and_no_secret(
    ending: str,
    tls: bool,
    door: Door,
    certificate_authority: CertificateAuthority,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    certificate = certificate_authority.certificate(NAME) if tls else None
    before = sockets()
    tasks = asyncio.all_tasks()
    async with MisbehavingServer(ENDINGS[ending], certificate=certificate) as server:
        request = Request(
            method="PUT",
            url=server.url(f"/reg?client_id={CANARY}", host=NAME),
            authorization=bearer(Confidential(CANARY)),
            body=f'{{"x": "{CANARY}"}}'.encode(),
        )
        answer = await door.exchange(request, timeout=0.3)
        served = {task for task in asyncio.all_tasks() if "_serve" in repr(task)}
        assert asyncio.all_tasks() - served == tasks
    await asyncio.sleep(0)
    assert sockets() == before
    assert CANARY not in caplog.text
    assert CANARY not in repr(answer)
    assert CANARY not in repr(request).replace(request.url, "")


async def test_an_exchange_that_is_cancelled_leaves_no_socket(door: Door) -> None:
    before = sockets()
    async with MisbehavingServer(hang, greeting=hang) as server:
        for url in (server.url(), server.url().replace("http:", "https:")):
            server.arrived.clear()
            task = asyncio.create_task(door.exchange(Request(method="GET", url=url), timeout=5))
            await server.arrived.wait()
            task.cancel()
            await asyncio.wait({task})
    await asyncio.sleep(0)
    assert sockets() == before


async def test_a_traceback_from_within_holds_nothing_confidential(
    door: Door, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    seen: list[str] = []

    def fail(*_: object, **__: object) -> None:
        raise ValueError(CANARY)

    monkeypatch.setattr("httpcore.AsyncHTTP11Connection.handle_async_request", fail)
    async with MisbehavingServer(hang) as server:
        request = Request(method="GET", url=server.url(), authorization=bearer(Confidential(CANARY)))
        try:
            answer = await door.exchange(request, timeout=5)
        except BaseException:  # noqa: BLE001 - it is what must not happen
            seen.append(traceback.format_exc())
    assert not seen
    assert CANARY not in repr(answer) + caplog.text
