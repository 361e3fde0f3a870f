"""At start a process may open what the system allows it, and says which variables it does not follow."""

import logging
import resource
import sys
from collections.abc import Iterator

import pytest

from oauthclient_operator.loop_turns import PER_GROUP
from oauthclient_operator.surroundings import ignored_proxies, look_around


@pytest.fixture(autouse=True)
def limits() -> Iterator[None]:
    before, interval = resource.getrlimit(resource.RLIMIT_NOFILE), sys.getswitchinterval()
    yield
    sys.setswitchinterval(interval)
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_the_soft_limit_of_open_files_becomes_the_hard_one() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(512, hard), hard))
    look_around({})
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (hard, hard)


def test_a_thread_may_insist_within_what_one_tenant_computes_in_one_turn_of_the_event_loop() -> None:
    look_around({})
    assert sys.getswitchinterval() <= PER_GROUP / 10


@pytest.mark.parametrize(
    ("environ", "ignored"),
    [
        ({}, ()),
        ({"HTTPS_PROXY": ""}, ()),
        ({"NO_PROXY": "*", "PATH": "/bin"}, ()),
        ({"HTTPS_PROXY": "http://proxy"}, ("HTTPS_PROXY",)),
        ({"https_proxy": "http://proxy", "ALL_PROXY": "socks5://proxy"}, ("https_proxy", "ALL_PROXY")),
        ({"http_proxy": "http://proxy"}, ("http_proxy",)),
    ],
)
def test_a_proxy_in_the_environment_is_warned_of_once_and_its_password_is_not_shown(
    environ: dict[str, str], ignored: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    environ = {name: value and f"http://user:secret@{value[-5:]}" for name, value in environ.items()}
    assert ignored_proxies(environ) == ignored
    with caplog.at_level(logging.INFO):
        look_around(environ)
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == bool(ignored)
    for message in said:
        assert all(name in message for name in ignored)
        assert "not used" in message
        assert "secret" not in message
