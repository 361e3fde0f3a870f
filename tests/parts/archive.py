"""A release archive: fetched, checked against a pinned checksum, unpacked. Never trusted before the check."""

import hashlib
import tarfile
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import httpx

_PINS = Path(__file__).with_name("envtest.toml")
_TIMEOUT = httpx.Timeout(connect=4.0, read=15.0, write=4.0, pool=4.0)
"""Seconds: a host that cannot be reached must not hold up the build that follows."""


class ArchiveError(Exception):
    """The archive cannot be had here, or is not the one that is pinned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """Where one archive is, and what it must hash to (SHA-512, hexadecimal)."""

    url: str
    sha512: str

    @classmethod
    def pinned(cls, platform: str) -> Self:
        """Return upstream's envtest archive for a platform such as `linux-amd64`; raise ArchiveError where there is none."""
        pins = tomllib.loads(_PINS.read_text())
        if platform not in pins["sha512"]:
            raise ArchiveError(f"upstream has no archive for {platform}")
        return cls(url=pins["url"].format(version=pins["version"], platform=platform), sha512=pins["sha512"][platform])

    def unpack(self, names: Iterable[str], into: Path) -> None:
        """Put the named programs into a directory; raise ArchiveError and leave none of them otherwise."""
        with self._fetched(into) as archive:
            _extract(archive, names, into)

    def unpack_whole(self, into: Path) -> None:
        """Put all that is in the archive into a directory, without the one folder that it is wrapped in."""
        with self._fetched(into) as archive:
            # Its checksum says that it is trusted; the filter, where this Python has it, spares a warning.
            archive.extraction_filter = getattr(tarfile, "data_filter", lambda member, _: member)
            archive.extractall(into, members=_unwrapped(archive))

    @contextmanager
    def _fetched(self, into: Path) -> Iterator[tarfile.TarFile]:
        file = into / "archive.tar.gz"
        try:
            self.fetch(file)
            with tarfile.open(file) as archive:
                yield archive
        finally:
            file.unlink(missing_ok=True)

    def fetch(self, file: Path) -> None:
        """Put the file itself there, whatever it is; raise ArchiveError where it is not the one that is pinned."""
        digest = hashlib.sha512()
        try:
            with (
                httpx.stream("GET", self.url, timeout=_TIMEOUT, follow_redirects=True) as response,
                file.open("wb") as out,
            ):
                response.raise_for_status()
                for part in response.iter_raw():
                    digest.update(part)
                    out.write(part)
        except httpx.HTTPError as error:
            raise ArchiveError(f"{httpx.URL(self.url).host}: {error}") from error
        if digest.hexdigest() != self.sha512:
            raise ArchiveError(f"{self.url} is not what is pinned: its SHA-512 is {digest.hexdigest()}")


def _extract(archive: tarfile.TarFile, names: Iterable[str], into: Path) -> None:
    members = {Path(member.name).name: member for member in archive if member.isfile()}
    wanted = list(names)
    if missing := sorted(set(wanted) - members.keys()):
        raise ArchiveError(f"the archive lacks {', '.join(missing)}")
    for name in wanted:
        content = archive.extractfile(members[name])
        # `isfile` above: there is a file to read.
        assert content is not None
        program = into / name
        program.write_bytes(content.read())
        program.chmod(0o755)


def _unwrapped(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    for member in archive:
        _, _, inside = member.name.partition("/")
        if inside:
            member.name = inside
            yield member
