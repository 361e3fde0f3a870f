"""The lines of the log: what they are of, for programs and for people, and how grave each is."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from oauthclient_operator.log import NOISY, start_logging

RETRIED = "Request attempt #1/15 failed; will retry: GET https://127.0.0.1/apis -> ClientConnectorError()"
ENDED = "Request attempt #15/15 failed; escalating: GET https://127.0.0.1/apis -> ClientConnectorError()"
KOPF = logging.getLogger("kopf._cogs.clients.watching")
OURS = logging.getLogger("oauthclient_operator.tried")


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in NOISY}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, was in levels.items():
        logging.getLogger(name).setLevel(was)


def test_a_line_for_programs_is_one_object_with_what_it_is_about() -> None:
    start_logging("json", "info", log := io.StringIO())
    OURS.info("pass", extra={"namespace": "shop", "resource": "web\nforged"})
    line = json.loads(log.getvalue())
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "info",
        "logger": "oauthclient_operator.tried",
        "message": "pass",
        "namespace": "shop",
        "name": "web\nforged",
    }
    assert log.getvalue().count("\n") == 1


def test_a_line_for_people_is_one_line() -> None:
    start_logging("text", "info", log := io.StringIO())
    OURS.warning("watch failed", extra={"why": "it\nbroke"})
    assert log.getvalue().count("\n") == 1
    assert "WARNING watch failed why=it" in log.getvalue()


def test_what_a_library_shows_below_a_warning_is_not_there() -> None:
    start_logging("json", "debug", log := io.StringIO())
    KOPF.info("a body")
    OURS.debug("ours")
    assert [json.loads(line)["message"] for line in log.getvalue().splitlines()] == ["ours"]


@pytest.mark.parametrize(
    ("logger", "message", "level"),
    [
        pytest.param(KOPF, RETRIED, "warning", id="what kopf tries again by itself is a warning"),
        pytest.param(KOPF, ENDED, "error", id="what it gives up is an error"),
        pytest.param(OURS, RETRIED, "error", id="what we call an error is one"),
    ],
)
def test_how_grave_it_is(logger: logging.Logger, message: str, level: str) -> None:
    start_logging("json", "info", log := io.StringIO())
    logger.error(message)
    assert json.loads(log.getvalue())["level"] == level
