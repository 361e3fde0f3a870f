"""Whether the API server can be reached, by what requests have come to."""

import asyncio
import math

import pytest

from oauthclient_operator.cluster import contact as module
from oauthclient_operator.cluster.contact import BEGINS, DISTRUSTED_FOR, Contact
from oauthclient_operator.errors import AuthorityChanged


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_silence_ends_with_an_answer_that_is_no_failure() -> None:
    clock = Clock()
    contact = Contact(clock)
    assert contact.silence() == math.inf
    for failure in (500, 503, 401):
        contact.answered(failure)
    assert contact.silence() == math.inf
    contact.answered(404)
    clock.now += 7
    assert contact.silence() == 7


def test_one_that_was_not_there_may_have_begun_when_it_answers() -> None:
    clock = Clock()
    contact = Contact(clock)
    contact.answered(200)
    assert not contact.begins, "nobody knows that it was away"
    contact.failed()
    clock.now += 100
    seen = []
    for later in (0, BEGINS - 1, 1):
        clock.now += later
        contact.answered(403)
        seen.append(contact.begins)
    assert seen == [True, True, False]


@pytest.mark.parametrize("status", [502, 503, 500, 401])
def test_what_a_proxy_answers_or_one_that_does_not_know_us_yet_is_no_sign_that_it_has_begun(status: int) -> None:
    clock = Clock()
    contact = Contact(clock)
    contact.failed()
    seen = []
    for later, answer in ((0, status), (5 * BEGINS, status), (0, 403), (BEGINS - 1, 403), (1, 403)):
        clock.now += later
        contact.answered(answer)
        seen.append(contact.begins)
    assert seen == [False, False, True, True, False]


@pytest.mark.parametrize(
    ("answers", "ends"),
    [
        pytest.param([], True, id="nothing but certificates that are not accepted"),
        pytest.param([503], False, id="a failure of one that is"),
        pytest.param([200], False, id="an answer"),
    ],
)
async def test_what_shows_only_certificates_that_are_not_accepted_ends_the_process(
    answers: list[int], ends: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LOOK", 0.0)
    clock = Clock()
    contact = Contact(clock)
    contact.distrusted("127.0.0.1:6443: certificate has expired")
    keeping = asyncio.create_task(contact.keep())
    clock.now += DISTRUSTED_FOR - 1
    contact.distrusted("127.0.0.1:6443: certificate has expired")
    for _ in range(3):
        await asyncio.sleep(0)
    assert not keeping.done(), "not yet"
    for status in answers:
        contact.answered(status)
    clock.now += 1
    for _ in range(3):
        await asyncio.sleep(0)
    assert keeping.done() == ends
    if ends:
        with pytest.raises(AuthorityChanged, match=r"\(127.0.0.1:6443: certificate has expired\)"):
            await keeping
    assert contact.is_lost is ends
    keeping.cancel()
