"""A node's run removes its own control groups from a machine on which another containerd may run."""

from pathlib import Path

from tests.node.__main__ import groups_of_pods, remove_cgroups


def _made(directory: Path, *groups: str) -> None:
    for group in groups:
        (directory / group).mkdir(parents=True, exist_ok=True)


def _there(directory: Path) -> set[str]:
    return {str(path.relative_to(directory)) for path in directory.glob("**/")} - {"."}


def test_a_run_removes_its_own_control_groups_alone(tmp_path: Path) -> None:
    _made(tmp_path, "memory/k8s.io/theirs/below", "memory/kubepods/pod", "cpu")
    others = _there(tmp_path)
    before = groups_of_pods(tmp_path)
    _made(tmp_path, "memory/k8s.io/ours", "memory/k8s.io/ours-too/below", "cpu/machine/k8s.io/ours")
    remove_cgroups(tmp_path, {"ours", "ours-too", "never begun"}, before)
    assert _there(tmp_path) == {*others, "cpu/machine"}


def test_what_others_have_begun_meanwhile_stays(tmp_path: Path) -> None:
    _made(tmp_path, "memory/k8s.io/ours", "memory/k8s.io/theirs")
    remove_cgroups(tmp_path, {"ours"}, set())
    assert _there(tmp_path) == {"memory", "memory/k8s.io", "memory/k8s.io/theirs"}
