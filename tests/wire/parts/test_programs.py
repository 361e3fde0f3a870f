"""Where the programs come from, in order; nothing here is fetched or built."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.parts import programs as programs_module
from tests.parts.archive import Archive, ArchiveError
from tests.parts.installation import ROOT
from tests.parts.programs import OLDEST, ProgramsError, kubernetes_version, oldest_programs, on_kine, programs
from tests.parts.toolchains import MODULES


@pytest.fixture(autouse=True)
def built(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """An empty cache, a host that has nothing, and a build that only writes its name down."""
    names: list[str] = []

    def build(name: str, into: Path, *, minutes: str = "", of: str = "") -> None:  # noqa: ARG001 - the real one's
        names.append(f"{of} {name}".lstrip())
        (into / name).touch(mode=0o755)

    def unpack(_: Archive, *_arguments: object) -> None:
        raise ArchiveError("unreachable")

    monkeypatch.setattr(programs_module, "_build", build)
    monkeypatch.setattr(Archive, "unpack", unpack)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)
    return names


def assets(directory: Path, *names: str) -> str:
    directory.mkdir()
    for name in names:
        (directory / name).touch()
    return str(directory)


def test_KUBEBUILDER_ASSETS_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, built: list[str]) -> None:
    names = ("etcd", "kube-apiserver", "kubectl", "kube-controller-manager")
    monkeypatch.setenv("KUBEBUILDER_ASSETS", assets(tmp_path / "assets", *names))
    found = programs()
    assert {path.parent for path in (found.etcd, found.kube_controller_manager)} == {tmp_path / "assets"}
    assert built == []


def test_only_the_controller_manager_may_be_missing_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, built: list[str]
) -> None:
    monkeypatch.setenv("KUBEBUILDER_ASSETS", assets(tmp_path / "assets", "etcd", "kube-apiserver", "kubectl"))
    assert programs().kube_controller_manager.exists()
    assert built == ["kube-controller-manager"]
    monkeypatch.setenv("KUBEBUILDER_ASSETS", assets(tmp_path / "half", "etcd"))
    with pytest.raises(ProgramsError, match="there is no kube-apiserver"):
        programs()


def test_upstreams_archive_spares_the_longest_builds(monkeypatch: pytest.MonkeyPatch, built: list[str]) -> None:
    def unpack(_: Archive, names: tuple[str, ...], into: Path) -> None:
        for name in names:
            (into / name).touch(mode=0o755)

    monkeypatch.setattr(Archive, "unpack", unpack)
    assert programs().etcd.exists()
    assert built == ["kube-controller-manager"]


def test_without_the_archive_all_is_built_once_and_then_in_the_cache(built: list[str], tmp_path: Path) -> None:
    first = programs()
    assert sorted(built) == ["etcd", "kube-apiserver", "kube-controller-manager", "kubectl"]
    assert programs() == first
    assert len(built) == 4
    assert first.etcd.is_relative_to(tmp_path / "cache" / "oauthclient-operator" / kubernetes_version())


def test_the_oldest_has_etcd_and_kubectl_of_the_others_and_is_built_once(built: list[str]) -> None:
    programs()
    before = len(built)
    directory = oldest_programs()
    assert built[before:] == [f"{OLDEST} kube-apiserver", f"{OLDEST} kube-controller-manager"]
    names = {"etcd", "kube-apiserver", "kube-controller-manager", "kubectl"}
    assert {program.name for program in directory.iterdir()} == names
    assert directory.parent.name == kubernetes_version(OLDEST)
    assert oldest_programs() == directory
    assert len(built) == before + 2


def test_a_kine_stands_for_etcd_beside_the_others_and_is_built_once(built: list[str], tmp_path: Path) -> None:
    others = programs()
    before = len(built)
    directory = on_kine(tmp_path / "first")
    assert built[before:] == ["kine"]
    assert {p.name for p in directory.iterdir()} == {
        "etcd",
        "kine",
        "kube-apiserver",
        "kube-controller-manager",
        "kubectl",
    }
    assert (directory / "etcd").resolve() != others.etcd
    assert (directory / "kubectl").resolve() == others.kubectl
    on_kine(tmp_path / "second")
    assert len(built) == before + 1


@pytest.mark.parametrize("page", ["README.md", "docs/install.md", "docs/platform.md"])
def test_the_oldest_is_the_one_that_the_pages_say_is_supported(page: str) -> None:
    said = re.search(r"Kubernetes (1\.\d+) or newer", (ROOT / page).read_text())
    assert said is not None
    assert kubernetes_version(OLDEST).startswith(f"v{said[1]}.")


def test_the_archive_is_of_the_minor_version_that_is_built() -> None:
    archived = tomllib.loads((MODULES / "envtest.toml").read_text())["version"]
    assert archived.split(".")[:2] == kubernetes_version().split(".")[:2]


def test_every_program_that_is_built_is_pinned_by_a_checksum() -> None:
    for module in ("kubernetes", OLDEST):
        sums = (MODULES / module / "go.sum").read_text()
        assert f"k8s.io/kubernetes {kubernetes_version(module)} h1:" in sums
    assert "go.etcd.io/etcd/server/v3 v3" in (MODULES / "etcd" / "go.sum").read_text()
    assert "github.com/k3s-io/kine v" in (MODULES / "kine" / "go.sum").read_text()
