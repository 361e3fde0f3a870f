"""What the plugin asks of the operator: by which annotation, and each time by another value."""

from datetime import UTC, datetime, timedelta

import pytest

from oauthclient_operator import names
from oauthclient_operator.kubectl_plugin import asking
from oauthclient_operator.kubectl_plugin.arguments import COMMANDS, parse
from oauthclient_operator.resource.oauth_client import OAuthClient

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
ONCE = {
    "retry": names.RETRY_ANNOTATION,
    "refresh": names.REFRESH_ANNOTATION,
    "prove": names.PROVE_ANNOTATION,
    "rotate": names.ROTATE_ANNOTATION,
}


@pytest.mark.parametrize(("verb", "annotation"), ONCE.items())
def test_what_is_asked_for_once_has_another_value_each_time(verb: str, annotation: str) -> None:
    first = asking.patch(verb, NOW)
    assert first == {"metadata": {"annotations": {annotation: "2026-01-01T12:00:00.000+00:00"}}}
    assert asking.patch(verb, NOW + timedelta(milliseconds=1)) != first


@pytest.mark.parametrize("verb", asking.VERBS)
def test_what_is_waited_for_is_the_value_that_was_set(verb: str) -> None:
    body = asking.patch(verb, NOW)
    asked = asking.asked_once(verb, body, NOW)
    assert (asked is None) == (verb in ("pause", "resume"))
    assert asked is None or asked.now(OAuthClient.parse(body)) == asked.value


def test_what_is_paused_is_resumed() -> None:
    assert asking.patch("pause", NOW) == {"metadata": {"annotations": {names.PAUSED_ANNOTATION: "true"}}}
    assert asking.patch("resume", NOW) == {"metadata": {"annotations": {names.PAUSED_ANNOTATION: None}}}


def test_every_verb_is_a_command_that_says_what_follows(capsys: pytest.CaptureFixture[str]) -> None:
    assert {*asking.VERBS} < {*COMMANDS}
    with pytest.raises(SystemExit) as ended:
        parse(["--help"])
    assert ended.value.code == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert [verb for verb in asking.VERBS if asking.follows(verb) not in shown] == []


@pytest.mark.parametrize(
    ("argv", "seconds"),
    [
        (["retry", "web"], None),
        (["retry", "--wait", "web"], 120),
        (["retry", "web", "--wait"], 120),
        (["retry", "--wait=1h", "web"], 3600),
    ],
)
def test_who_waits_need_not_say_for_how_long(argv: list[str], seconds: int | None) -> None:
    given = parse(argv)
    assert given.name == ["web"]
    assert given.wait == (None if seconds is None else timedelta(seconds=seconds))


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["rotate"],
        ["status", "a", "b"],
        ["statu"],
        ["status", "--out", "json"],
        ["status", "--wait"],
        ["retry", "web", "--wait=soon"],
        ["adopt", "web"],
        ["adopt", "web", "--client-id", "c", "--client-secret", "s"],
        ["adopt", "web", "--client-id", "c", "--dry-run", "--wait"],
    ],
    ids=str,
)
def test_what_is_not_understood_ends_with_2(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(argv)
    assert ended.value.code == 2
    assert "usage: kubectl oauthclient" in capsys.readouterr().err
