"""`make demo` shows what it promises, and however it ends nothing of it runs on."""

import os
import re
import signal
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.cluster.parts.demo import DEMO, ended, in_terminal
from tests.parts.installation import ROOT
from tests.parts.processes import wait_for


@pytest.fixture(autouse=True)
def a_cluster_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.setenv("TMPDIR", str(tmp_path))


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}/cmdline").exists() or not Path(f"/proc/{pid}/cmdline").read_bytes()


def test_each_step_is_checked_at_the_server(tmp_path: Path) -> None:
    done = subprocess.run(DEMO, cwd=ROOT, capture_output=True, text=True, check=False, timeout=110)
    assert done.returncode == 0, done.stdout + done.stderr
    for shown in (
        "The issuer itself lists 3: Report service, Shop for phones, Web shop",
        "answered: Bearer token",
        "now: Web shop, renamed",
        "any more; it lists 2.",
    ):
        assert shown in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("how", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -signal.SIGKILL)]
)
def test_no_process_is_left_behind(tmp_path: Path, how: signal.Signals, code: int) -> None:
    log = tmp_path / "demo.log"
    with log.open("wb") as output:
        demo = subprocess.Popen([*DEMO, "--stay"], cwd=ROOT, stdout=output, stderr=output)
        try:
            wait_for(lambda: b"kubectl wait" in log.read_bytes(), "the operator is at work", within=60)
            parts = children(demo.pid)
            demo.send_signal(how)
            assert demo.wait(80) == code
        finally:
            ended(demo)
    # etcd, the API server, its controller manager, the issuer, the operator; and perhaps a kubectl.
    assert len(parts) >= 5
    wait_for(lambda: all(map(gone, parts)), "all parts are gone", within=20)
    if how is not signal.SIGKILL:
        assert list(tmp_path.iterdir()) == [log]


def test_what_is_shown_can_be_pasted_and_a_closed_terminal_leaves_nothing(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with in_terminal("--stay") as demo:
        shown = demo.until("log         ")
        parts = children(demo.process.pid)
        export, get = re.findall(r"^(?:export|kubectl) .*$", shown, flags=re.MULTILINE)[-2:]
        pasted = subprocess.run(
            ["/bin/sh", "-c", f"{export}\n{get}"],
            env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path_factory.mktemp("home"))},
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
        )
        assert re.search(r"web-app +True +Registered", pasted.stdout)
        (url,) = re.findall(r"^curl (\S+)$", shown, flags=re.MULTILINE)
        assert 'oauthclient_resources{ready="True",reason="Registered"} 3.0' in httpx.get(url, trust_env=False).text
        demo.close()
        assert demo.process.wait(80) == 128 + signal.SIGHUP
    assert len(parts) >= 5
    wait_for(lambda: all(map(gone, parts)), "all parts are gone", within=20)
    assert list(tmp_path.iterdir()) == []


def test_a_failure_says_where_the_logs_are(tmp_path: Path) -> None:
    broken = tmp_path / "kubeconfig"
    broken.write_text("apiVersion: v1\nkind: Config\n")
    environment = {**os.environ, "KUBECONFIG": str(broken)}
    done = subprocess.run(DEMO, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (1, "")
    assert f"Logs are in {tmp_path}" in done.stdout
