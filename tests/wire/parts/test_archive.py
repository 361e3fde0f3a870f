"""Upstream's archive is used only if it is the one that is pinned, and a host that cannot be reached costs seconds."""

import hashlib
import io
import tarfile
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.parts.archive import Archive, ArchiveError
from tests.parts.ports import free_port

NAMES = ("etcd", "kubectl")


def archive(*names: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name in names:
            member = tarfile.TarInfo(f"controller-tools/envtest/{name}")
            member.size = len(name)
            tar.addfile(member, io.BytesIO(name.encode()))
    return buffer.getvalue()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        pass


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    folder = tmp_path / "served"
    folder.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield folder, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def into(tmp_path: Path) -> Path:
    directory = tmp_path / "into"
    directory.mkdir()
    return directory


def served_archive(served: tuple[Path, str], content: bytes, *, sha512: str | None = None) -> Archive:
    folder, url = served
    (folder / "a.tar.gz").write_bytes(content)
    return Archive(url=f"{url}/a.tar.gz", sha512=sha512 or hashlib.sha512(content).hexdigest())


def test_the_named_programs_can_be_run(served: tuple[Path, str], into: Path) -> None:
    served_archive(served, archive("etcd", "kube-apiserver", "kubectl")).unpack(NAMES, into)
    assert {path.name: (path.read_text(), path.stat().st_mode & 0o777) for path in into.iterdir()} == {
        "etcd": ("etcd", 0o755),
        "kubectl": ("kubectl", 0o755),
    }


def test_another_archive_than_the_pinned_one_is_refused_before_it_is_read(served: tuple[Path, str], into: Path) -> None:
    with pytest.raises(ArchiveError, match="not what is pinned"):
        served_archive(served, archive(*NAMES), sha512="0" * 128).unpack(NAMES, into)
    assert list(into.iterdir()) == []


def test_an_archive_without_a_program_is_refused(served: tuple[Path, str], into: Path) -> None:
    with pytest.raises(ArchiveError, match="lacks kubectl"):
        served_archive(served, archive("etcd")).unpack(NAMES, into)
    assert list(into.iterdir()) == []


def test_a_whole_archive_is_there_without_the_folder_around_it(served: tuple[Path, str], into: Path) -> None:
    served_archive(served, archive(*NAMES)).unpack_whole(into)
    assert {str(path.relative_to(into)) for path in into.rglob("*") if path.is_file()} == {
        "envtest/etcd",
        "envtest/kubectl",
    }


def test_a_missing_archive_is_said(served: tuple[Path, str], into: Path) -> None:
    missing = Archive(url=f"{served[1]}/missing.tar.gz", sha512="0" * 128)
    with pytest.raises(ArchiveError, match="404"):
        missing.unpack(NAMES, into)


@pytest.mark.parametrize("host", ["127.0.0.1", "host.invalid"])
def test_a_host_that_cannot_be_reached_costs_seconds(host: str, into: Path) -> None:
    began = time.monotonic()
    with pytest.raises(ArchiveError, match=host):
        Archive(url=f"https://{host}:{free_port()}/a.tar.gz", sha512="0" * 128).unpack(NAMES, into)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("platform", ["linux-amd64", "linux-arm64", "darwin-amd64", "darwin-arm64"])
def test_a_pin_is_a_url_of_that_platform_and_a_whole_checksum(platform: str) -> None:
    pinned = Archive.pinned(platform)
    assert pinned.url.endswith(f"-{platform}.tar.gz")
    assert len(bytes.fromhex(pinned.sha512)) == hashlib.sha512().digest_size


def test_a_platform_without_an_archive_is_built_for() -> None:
    with pytest.raises(ArchiveError, match="no archive for plan9-amd64"):
        Archive.pinned("plan9-amd64")
