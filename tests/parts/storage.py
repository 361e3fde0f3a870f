"""What may happen to a cluster's storage: it is full, and it is set back to a backup."""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from .api_server import ControlPlane


@contextmanager
def full(plane: ControlPlane) -> Iterator[None]:
    """Have etcd take no write while the block lasts: it raises this alarm itself where its quota is used up."""
    status = httpx.post(f"{plane.etcd_url}/v3/maintenance/status", json={}, trust_env=False).raise_for_status()
    alarm = {"memberID": status.json()["header"]["member_id"], "alarm": "NOSPACE"}
    _set_alarm(plane, "ACTIVATE", alarm)
    try:
        yield
    finally:
        _set_alarm(plane, "DEACTIVATE", alarm)


def copy(plane: ControlPlane, into: Path) -> None:
    """Copy its data as they are at this moment, for which it stands still: a crash would leave the same."""
    storage = plane.running[0].child.pid
    os.kill(storage, signal.SIGSTOP)
    try:
        os.waitpid(storage, os.WUNTRACED)
        shutil.copytree(plane.storage, into)
    finally:
        os.kill(storage, signal.SIGCONT)


def restore(plane: ControlPlane, backup: Path) -> None:
    """Stop all, put the storage's data back to what they were, and start all again."""
    plane.stop()
    shutil.rmtree(plane.storage)
    shutil.copytree(backup, plane.storage)
    plane.start()


def _set_alarm(plane: ControlPlane, action: str, alarm: dict[str, str]) -> None:
    url = f"{plane.etcd_url}/v3/maintenance/alarm"
    httpx.post(url, json={"action": action, **alarm}, trust_env=False).raise_for_status()
