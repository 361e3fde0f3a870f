"""What is confidential is shown by no text that somebody makes of it, and put into none by mistake."""

import json
from collections.abc import Callable

import pytest

from oauthclient_operator.confidential import Confidential

SECRET = Confidential("hunter2")
TEXTS: dict[str, Callable[[], object]] = {
    "an f-string": lambda: f"Bearer {SECRET}",
    "an f-string with a width": lambda: f"{SECRET:>20}",
    "str": lambda: "Bearer " + str(SECRET),
    "format": lambda: "Bearer {}".format(SECRET),  # noqa: UP032 - that is what is tried
    "a percent sign": lambda: "Bearer %s" % SECRET,  # noqa: UP031 - as above
    "a file of JSON": lambda: json.dumps({"token": SECRET}, default=str),
    "joined": lambda: " ".join(map(str, ("Bearer", SECRET))),
}


@pytest.mark.parametrize("make", TEXTS.values(), ids=list(TEXTS))
def test_it_is_put_into_no_text(make: Callable[[], object]) -> None:
    with pytest.raises(TypeError, match=r"reveal\(\) it where it is sent or stored") as refusal:
        make()
    assert "hunter2" not in str(refusal.value)


def test_its_repr_hides_it() -> None:
    assert repr(SECRET) == f"{SECRET!r}" == "Confidential(…)"
    assert repr([SECRET]) == "[Confidential(…)]"


def test_it_is_revealed_where_that_is_said() -> None:
    assert f"Bearer {SECRET.reveal()}" == "Bearer hunter2"
