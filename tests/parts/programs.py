"""kube-apiserver, etcd, kube-controller-manager and kubectl: where they come from.

In this order: the directory that KUBEBUILDER_ASSETS names; the user's cache; upstream's archive, checked by its
pinned checksum; a build from the Go modules beside this file, pinned by their go.sum. The archive lacks the controller
manager, which is then built.
"""

import os
import platform
import re
import shutil
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from .archive import Archive, ArchiveError
from .cache import cache_directory, made_once
from .processes import run
from .progress import say, step
from .toolchains import MODULES, go

_CONTROL_PLANE = ("kube-apiserver", "etcd", "kubectl")
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
_PACKAGES = {
    "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
    "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
    "kubectl": "k8s.io/kubernetes/cmd/kubectl",
    "kubelet": "k8s.io/kubernetes/cmd/kubelet",
    "kube-scheduler": "k8s.io/kubernetes/cmd/kube-scheduler",
    "etcd": "go.etcd.io/etcd/server/v3",
    "containerd": "github.com/containerd/containerd/v2/cmd/containerd",
    "containerd-shim-runc-v2": "github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2",
    "ctr": "github.com/containerd/containerd/v2/cmd/ctr",
    "pause": "oauth-operator.dev/tests/parts/containerd/pause",
    "kine": "github.com/k3s-io/kine",
}
_MODULES = {
    "etcd": "etcd",
    "kine": "kine",
    **dict.fromkeys(("containerd", "containerd-shim-runc-v2", "ctr", "pause"), "containerd"),
}
"""Where a program's go.mod is, unless beside that of Kubernetes."""
OLDEST = "kubernetes-oldest"
"""The module of the oldest Kubernetes that is supported."""
_NODE = ("kubelet", "kube-scheduler", "containerd", "containerd-shim-runc-v2", "ctr", "pause")


class ProgramsError(Exception):
    """A directory that was named to hold the programs lacks one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """The four programs of a control plane."""

    kube_apiserver: Path
    etcd: Path
    kubectl: Path
    kube_controller_manager: Path


def programs() -> Programs:
    """Return the programs, getting first what is not there; the first time this can take ten minutes."""
    assets = os.environ.get("KUBEBUILDER_ASSETS")
    plane = _named(Path(assets)) if assets else made_once(_entry("kubernetes"), _make_control_plane)
    manager = plane / "kube-controller-manager"
    if not manager.exists():
        entry = _entry("kube-controller-manager")
        manager = made_once(entry, partial(_build, "kube-controller-manager")) / "kube-controller-manager"
    return Programs(
        kube_apiserver=plane / "kube-apiserver",
        etcd=plane / "etcd",
        kubectl=plane / "kubectl",
        kube_controller_manager=manager,
    )


def node_programs() -> Path:
    """Return the directory that holds what a node runs, and the scheduler; the first time takes minutes."""
    return made_once(_entry("node"), _make_node)


def oldest_programs() -> Path:
    """Return a directory, for KUBEBUILDER_ASSETS, with the oldest Kubernetes that is supported; a first time takes minutes.

    Its etcd and kubectl are those of the others.
    """
    others = programs()
    return made_once(_entry("oldest", OLDEST), partial(_make_oldest, others))


def on_kine(into: Path) -> Path:
    """Make that a directory, for KUBEBUILDER_ASSETS, whose etcd is a kine on SQLite; a first time takes two minutes."""
    others = programs()
    version = re.search(r"k3s-io/kine (v\S+)", (MODULES / "kine" / "go.mod").read_text())
    assert version, "go.mod requires kine"
    kine = made_once(_entry(f"kine-{version[1]}"), partial(_build, "kine")) / "kine"
    into.mkdir(exist_ok=True)
    (into / "etcd").symlink_to(MODULES / "kine" / "etcd")
    for program in (kine, others.kube_apiserver, others.kubectl, others.kube_controller_manager):
        (into / program.name).symlink_to(program)
    return into


def kubernetes_version(module: str = "kubernetes") -> str:
    """Return the pinned version, `vMAJOR.MINOR.PATCH`, from the one place where it stands."""
    match = re.search(r"k8s.io/kubernetes (v\S+)", (MODULES / module / "go.mod").read_text())
    assert match, "go.mod requires k8s.io/kubernetes"
    return match[1]


def _named(directory: Path) -> Path:
    for name in _CONTROL_PLANE:
        if not (directory / name).exists():
            raise ProgramsError(f"KUBEBUILDER_ASSETS is {directory}, and there is no {name}")
    return directory


def platform_name() -> str:
    """Return the machine's platform as Go calls it, such as `linux-amd64`."""
    machine = platform.machine()
    return f"{platform.system().lower()}-{_ARCHITECTURES.get(machine, machine)}"


def _entry(name: str, module: str = "kubernetes") -> Path:
    return cache_directory() / kubernetes_version(module) / f"{name}-{platform_name()}"


def _make_control_plane(into: Path) -> None:
    try:
        with step("Fetching kube-apiserver, etcd and kubectl from upstream's archive (seconds)"):
            Archive.pinned(platform_name()).unpack(_CONTROL_PLANE, into)
    except ArchiveError as error:
        say(f"That archive cannot be had here ({error}): building instead.")
        # Interrupted, the next run is quicker: Go keeps each package that it has built.
        _build("etcd", into, minutes="under a minute")
        _build("kube-apiserver", into, minutes="4 to 8 minutes the first time")
        _build("kubectl", into, minutes="under a minute")


def _make_oldest(others: Programs, into: Path) -> None:
    for name in ("kube-apiserver", "kube-controller-manager"):
        _build(name, into, minutes="2 to 8 minutes", of=OLDEST)
    for program in (others.etcd, others.kubectl):
        shutil.copy2(program, into)


def _make_node(into: Path) -> None:
    for name in _NODE:
        _build(name, into)


def _build(name: str, into: Path, *, minutes: str = "1 to 4 minutes the first time", of: str = "kubernetes") -> None:
    module = _MODULES.get(name, of)
    # Snapshotters of containerd's that nothing here uses.
    tags = "no_btrfs,no_devmapper,no_zfs" if module == "containerd" else ""
    build_go(name, into, module=module, package=_PACKAGES[name], flags=_link_flags(of), minutes=minutes, tags=tags)


def build_go(name: str, into: Path, *, module: str, package: str, flags: str, minutes: str, tags: str = "") -> None:
    """Build a program from a Go module beside this file."""
    command = [go(), "build", "-trimpath", "-tags", tags, "-ldflags", flags, "-o", str(into / name), package]
    # The machine's own settings may name another toolchain or other flags; the modules are pinned by go.sum.
    environment = {"CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly", "GOWORK": "off"}
    with step(f"Building {name} ({minutes})"):
        run(
            f"go build of {name}",
            *command,
            log=into / f"{name}.log",
            directory=MODULES / module,
            environment=environment,
        )
    (into / f"{name}.log").unlink()


def _link_flags(module: str) -> str:
    # Without a version the server calls itself v0.0.0, and clients choose what to ask for by it.
    version = kubernetes_version(module)
    major, minor, _ = version.removeprefix("v").split(".")
    values = {"gitVersion": version, "gitMajor": major, "gitMinor": minor}
    places = ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")
    return " ".join(["-s", "-w", *(f"-X {place}.{key}={value}" for place in places for key, value in values.items())])
