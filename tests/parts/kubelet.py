"""A node: containerd and a kubelet, with a control plane that pods reach; and the scheduler that sends pods there.

It takes a network, mounts and processes of its own (`unshare`): it adds addresses, and what it leaves goes with them.
"""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from .api_server import ControlPlane
from .certificates import CertificateAuthority
from .kubectl import Kubectl
from .processes import Process, run, wait_for
from .programs import Programs

GATEWAY = "10.88.0.1"
"""This machine, as the pods see it."""
_GATEWAY_HARDWARE = "0a:58:0a:58:00:01"
_PODS = "10.88.0.0/16"
_SERVICE = "10.0.0.1"
"""The address of the Service `kubernetes`: the first of the API server's range. No kube-proxy leads there, it is there."""
_NODE, _SCHEDULER = "system:node:node", "system:kube-scheduler"
_PAUSE = "localhost/pause:1"
_START = 120.0


class ReachedByPods(ControlPlane):
    """A control plane at the address that a pod is told, with the admission that mounts tokens, and with nodes."""

    users: ClassVar[tuple[str, ...]] = (*ControlPlane.users, _NODE, _SCHEDULER)
    addresses: ClassVar[tuple[str, ...]] = (_SERVICE, "127.0.0.1")

    @property
    def url(self) -> str:
        """The API server's."""
        return f"https://{_SERVICE}:443"

    def _server_flags(self, port: int, audit: str = "audit.log") -> list[str]:
        others = ("--bind-address=", "--secure-port=", "--disable-admission-plugins=")
        flags = [flag for flag in super()._server_flags(port, audit) if not flag.startswith(others)]
        return [*flags, f"--bind-address={_SERVICE}", "--secure-port=443", "--allow-privileged=true"]

    def _manager_flags(self) -> list[str]:
        flags = [flag for flag in super()._manager_flags() if not flag.startswith("--controllers=")]
        # It takes the taint from a node that is ready.
        return [*flags, "--controllers=*,-nodeipam"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A cluster of one node."""

    kubectl: Kubectl
    directory: Path
    _ctr: tuple[str, ...]

    def load(self, archive: Path) -> None:
        """Give the node the images of an archive."""
        # Without --local it is containerd that would unpack, and it knows no platform for that.
        command = (*self._ctr, "images", "import", "--local", "--snapshotter=overlayfs", str(archive))
        run("ctr images import", *command, log=self.directory / "import.log")

    def name_image(self, name: str, other: str) -> None:
        """Give an image another name."""
        run("ctr images tag", *self._ctr, "images", "tag", name, other, log=self.directory / "import.log")

    def kill(self, namespace: str, pod: str) -> None:
        """End a pod's process as the kernel does where memory is short: it is not asked."""
        status = self.kubectl.json("get", "pod", pod, "--namespace", namespace)["status"]["containerStatuses"][0]
        container = status["containerID"].removeprefix("containerd://")
        run(
            "ctr tasks kill",
            *self._ctr,
            "tasks",
            "kill",
            "--signal=SIGKILL",
            container,
            log=self.directory / "kill.log",
        )

    def log(self, namespace: str, pod: str) -> list[str]:
        """Return what a pod's container has said since it was started first, line by line."""
        files = sorted((self.directory / "pods").glob(f"{namespace}_{pod}_*/*/*.log"))
        # The container runtime interface's format: time, stream, tag, and what was said.
        return [line.split(" ", 3)[3] for file in files for line in file.read_text().splitlines()]


@contextmanager
def node(
    directory: Path, programs: Programs, ours: Path, authority: CertificateAuthority, pause: Path
) -> Iterator[Node]:
    """Run one, ready for pods; `ours` is the directory of the node's programs, `pause` the sandbox's image."""
    for command in (
        "link set lo up",
        # One of its own: else it has that of a port, another one with each pod that comes, and those before lose it.
        f"link add pods0 address {_GATEWAY_HARDWARE} type bridge",
        f"address add {GATEWAY}/16 dev pods0",
        f"address add {_SERVICE}/32 dev lo",
        "link set pods0 up",
    ):
        subprocess.run(["ip", *command.split()], check=True)
    plane = ReachedByPods.made(directory, programs, authority)
    running: list[Process] = []
    try:
        plane.start()
        yield _started(plane, ours, pause, running)
    finally:
        # The kubelet first, for without containerd it would say that all containers are gone.
        for process in reversed(running):
            process.stop()
        plane.stop()


def _started(plane: ReachedByPods, ours: Path, pause: Path, running: list[Process]) -> Node:
    directory = plane.directory
    socket = directory / "containerd.sock"
    files = _configured(directory, socket)
    path = {"PATH": f"{ours}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}

    def begin(name: str, *flags: str) -> None:
        running.append(Process.start(name, ours / name, *flags, log=directory / f"{name}.log", environment=path))

    found = Node(
        kubectl=plane.server.kubectl,
        directory=directory,
        _ctr=(str(ours / "ctr"), f"--address={socket}", "--namespace=k8s.io"),
    )
    begin("containerd", f"--config={files / 'containerd.toml'}")
    wait_for(socket.exists, "containerd listens", within=_START)
    found.load(pause)
    scheduler = plane.write_kubeconfig("scheduler", _SCHEDULER)
    begin("kube-scheduler", f"--kubeconfig={scheduler}", "--leader-elect=false", "--secure-port=0")
    begin(
        "kubelet",
        f"--config={files / 'kubelet.json'}",
        f"--kubeconfig={plane.write_kubeconfig('node', _NODE)}",
        f"--root-dir={directory / 'kubelet'}",
        f"--cert-dir={directory / 'kubelet-certificates'}",
        "--hostname-override=node",
        f"--node-ip={GATEWAY}",
    )
    running[-1].wait_until(lambda: " Ready " in found.kubectl("get", "nodes", "--no-headers"), within=_START)
    return found


def _configured(directory: Path, socket: Path) -> Path:
    files = directory / "node"
    (files / "cni").mkdir(parents=True)
    (files / "cni" / "pods.conflist").write_text(json.dumps(_network(directory)))
    (files / "containerd.toml").write_text(_containerd(directory, socket))
    (files / "kubelet.json").write_text(json.dumps(_kubelet(directory, socket)))
    # No name is looked up here.
    (files / "resolv.conf").write_text(f"nameserver {GATEWAY}\n")
    return files


def _network(directory: Path) -> dict[str, Any]:
    ranges = {
        "ranges": [[{"subnet": _PODS}]],
        "routes": [{"dst": "0.0.0.0/0"}],
        "dataDir": str(directory / "addresses"),
    }
    bridge = {"type": "bridge", "bridge": "pods0", "isGateway": True, "ipam": {"type": "host-local", **ranges}}
    return {"cniVersion": "1.0.0", "name": "pods", "plugins": [bridge]}


def _containerd(directory: Path, socket: Path) -> str:
    return f"""\
version = 3
root = "{directory}/containerd"
state = "{directory}/containerd-state"
[grpc]
address = "{socket}"
[plugins.'io.containerd.cri.v1.images'.pinned_images]
sandbox = "{_PAUSE}"
[plugins.'io.containerd.cri.v1.runtime']
restrict_oom_score_adj = true # else runc needs CAP_SYS_RESOURCE
[plugins.'io.containerd.cri.v1.runtime'.cni]
bin_dirs = ["/usr/lib/cni"]
conf_dir = "{directory}/node/cni"
"""


def _kubelet(directory: Path, socket: Path) -> dict[str, Any]:
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {"anonymous": {"enabled": False}, "webhook": {"enabled": False}},
        "authorization": {"mode": "AlwaysAllow"},
        "containerRuntimeEndpoint": f"unix://{socket}",
        "podLogsDir": str(directory / "pods"),
        "volumePluginDir": str(directory / "plugins"),
        "resolvConf": str(directory / "node" / "resolv.conf"),
        "healthzPort": 0,
        # A mounted Secret follows within this, and not within a minute.
        "syncFrequency": "2s",
        # What this machine has, and how full it is, is nothing to the test.
        "cgroupDriver": "cgroupfs",
        "cgroupsPerQOS": False,
        "enforceNodeAllocatable": [],
        "failCgroupV1": False,
        "failSwapOn": False,
        "localStorageCapacityIsolation": False,
        "makeIPTablesUtilChains": False,
        "evictionHard": {"memory.available": "1Mi"},
        "imageGCHighThresholdPercent": 100,
    }
