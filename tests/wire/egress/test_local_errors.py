"""What our own side has no means for says nothing of the server: no descriptor, port, buffer or right of ours."""

import asyncio
import errno
import os
import resource
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from oauthclient_operator.egress.door import Door
from oauthclient_operator.egress.exchange_progress import ExchangeProgress
from oauthclient_operator.egress.policy import EgressPolicy
from oauthclient_operator.egress.resolution import Resolver
from oauthclient_operator.egress.trust import Trust
from oauthclient_operator.exchange import Incomplete, NotSent, Request, Response
from tests.parts.certificates import CertificateAuthority
from tests.parts.misbehaving import MisbehavingServer, hang, respond
from tests.parts.ports import free_port
from tests.wire.egress.conftest import NAME, DoorOf

OURS = [errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL, errno.EACCES, errno.EPERM]
THEIRS = [errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ECONNRESET]


def post(url: str) -> Request:
    return Request(method="POST", url=url, body=b"{}")


@contextmanager
def no_descriptor_left() -> Iterator[None]:
    """Let the system refuse this process every further file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest = os.open("/dev/null", os.O_RDONLY)
    os.close(lowest)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize(("number", "ours"), [*((n, True) for n in OURS), *((n, False) for n in THEIRS)])
async def test_an_error_of_the_system_before_a_connection_is_ours_or_the_servers(
    number: int, ours: bool, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def connect(*_: object) -> None:
        await asyncio.sleep(0)
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", connect)
    answer = await door.exchange(post(f"https://127.0.0.1:{free_port()}/"), timeout=5)
    assert isinstance(answer, NotSent)
    assert (answer.ours, answer.refused, answer.tls) == (ours, False, None)
    assert os.strerror(number).lower() in answer.cause


@pytest.mark.parametrize("number", OURS)
@pytest.mark.parametrize("tls", [True, False], ids=["TLS", "plain"])
async def test_an_error_of_the_system_within_an_exchange_is_ours(
    number: int, tls: bool, door: Door, certificate_authority: CertificateAuthority, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop, begin, written = asyncio.get_running_loop(), ExchangeProgress.begin, False
    receive = loop.sock_recv

    def begin_and_say_so(progress: ExchangeProgress) -> None:
        nonlocal written
        begin(progress)
        written = True

    async def fail_after_the_request(sock: socket.socket, count: int) -> bytes:
        if written:
            raise OSError(number, os.strerror(number))
        return await receive(sock, count)

    monkeypatch.setattr(ExchangeProgress, "begin", begin_and_say_so)
    monkeypatch.setattr(loop, "sock_recv", fail_after_the_request)
    certificate = certificate_authority.certificate(NAME) if tls else None
    # In a loop of its own: this one receives nothing any more.
    with MisbehavingServer(hang, certificate=certificate).in_thread() as server:
        answer = await door.exchange(post(server.url(host=NAME)), timeout=5)
    cause = f"the system that this side runs on says: {os.strerror(number).lower()}"
    assert answer == Incomplete(cause=cause, ours=True)


async def test_want_of_descriptors_is_ours_and_passes(door: Door) -> None:
    async with MisbehavingServer(respond(200, {})) as server:
        with no_descriptor_left():
            answer = await door.exchange(post(server.url()), timeout=5)
        assert answer == NotSent(cause="the system that this side runs on says: too many open files", ours=True)
        assert isinstance(await door.exchange(post(server.url()), timeout=5), Response)


@pytest.mark.parametrize("disguise", [socket.gaierror(socket.EAI_NONAME, "Name or service not known"), None])
async def test_want_of_descriptors_while_a_name_is_looked_up_is_no_name_that_does_not_exist(
    disguise: OSError | None, certificate_authority: CertificateAuthority
) -> None:
    def getaddrinfo(*_: object, **__: object) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        raise disguise or OSError(errno.EMFILE, "Too many open files")

    door = Door(policy=EgressPolicy(), ca_bundle=certificate_authority.bundle, resolver=Resolver(getaddrinfo))
    with no_descriptor_left():
        answer = await door.exchange(post(f"https://{NAME}/"), timeout=5)
    assert answer == NotSent(cause="the system that this side runs on says: too many open files", ours=True)


async def test_a_bundle_that_changes_while_no_descriptor_is_left_is_read_when_there_is_one(tmp_path: Path) -> None:
    old, new = CertificateAuthority.made(tmp_path / "old"), CertificateAuthority.made(tmp_path / "new")
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(old.bundle.read_bytes())
    trust = Trust(bundle)
    before = trust.name
    (tmp_path / "bundle.new").write_bytes(new.bundle.read_bytes())
    (tmp_path / "bundle.new").rename(bundle)
    with no_descriptor_left():
        await trust.context()
    assert trust.name == before
    await trust.context()
    assert trust.name != before


async def test_one_address_that_cannot_be_tried_does_not_excuse_another_that_refuses(door_of: DoorOf) -> None:
    door = door_of({NAME: ["127.0.0.1", "127.0.0.2"]}, private_issuers=[NAME])
    connect = asyncio.get_running_loop().sock_connect

    async def first_forbidden(sock: socket.socket, address: tuple[str, int]) -> None:
        if address[0] == "127.0.0.1":
            raise PermissionError(errno.EPERM, "forbidden")
        await connect(sock, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asyncio.get_running_loop(), "sock_connect", first_forbidden)
        answer = await door.exchange(post(f"https://{NAME}:{free_port()}/"), timeout=5)
    assert isinstance(answer, NotSent)
    assert not answer.ours
    assert "connection refused" in answer.cause
