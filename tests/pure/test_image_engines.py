"""Which engine `make image` takes, and what it tells it."""

from collections.abc import Callable, Sequence

import pytest

from deploy.image.engines import Engine, NoEngine, engine


def answers(**faults: str | None) -> Callable[[Sequence[str]], str | None]:
    """Stand in for the engines: None is one that works; one that is not named is not installed."""
    return lambda command: faults.get(command[0], "is not installed")


@pytest.mark.parametrize(
    ("faults", "named", "taken"),
    [
        ({"docker": None, "podman": None, "buildah": None}, None, "docker"),
        ({"docker": "Cannot connect to the Docker daemon", "podman": None}, None, "podman"),
        ({"docker": "Cannot connect to the Docker daemon", "buildah": None}, None, "buildah"),
        ({"docker": None, "buildah": None}, "buildah", "buildah"),
    ],
)
def test_the_first_engine_that_works_is_taken_unless_one_is_named(
    faults: dict[str, str | None], named: str | None, taken: str
) -> None:
    assert engine(named, answers(**faults)) == Engine(taken)


def test_where_none_works_it_is_said_of_each_why_and_what_to_do() -> None:
    with pytest.raises(NoEngine) as raised:
        engine(None, answers(docker="Cannot connect to the Docker daemon"))
    assert str(raised.value).splitlines() == [
        "None of docker, podman and buildah works here:",
        "  docker: Cannot connect to the Docker daemon",
        "  podman: is not installed",
        "  buildah: is not installed",
        "Start its engine or install one of them (Debian: apt-get install buildah), then run this again.",
    ]


def test_one_that_is_named_is_not_replaced_by_another() -> None:
    with pytest.raises(NoEngine, match=r"\Apodman does not work here:\n  podman: is not installed\n"):
        engine("podman", answers(docker=None))


@pytest.mark.parametrize("name", ["docker", "podman", "buildah"])
def test_a_persons_own_flags_are_the_last(name: str) -> None:
    arguments = {"VERSION": "1.2.3", "REVISION": "abc"}
    command = Engine(name).build("shop:1.2.3", "example.com/shop:1.2.3", arguments=arguments, flags=["--no-cache"])
    named = ["--tag=shop:1.2.3", "--tag=example.com/shop:1.2.3"]
    assert command == [
        name,
        "build",
        *named,
        "--build-arg=VERSION=1.2.3",
        "--build-arg=REVISION=abc",
        "--no-cache",
        ".",
    ]
    assert Engine(name).push("example.com/shop:1.2.3") == [name, "push", "example.com/shop:1.2.3"]
