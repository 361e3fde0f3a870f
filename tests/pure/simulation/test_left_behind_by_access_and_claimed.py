"""What was left behind without a token of its own, and may be ended by access: nobody of elsewhere takes it up as it is."""

import base64
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.record.holds import Hold, Word
from oauthclient_operator.resource.key import oauth_client
from tests.pure.simulation.authorization_server import ISSUER
from tests.pure.simulation.managed import ManagedPlatform
from tests.pure.simulation.operator_process import RECORDS
from tests.pure.simulation.test_left_behind_and_ended_by_access import days, left_behind

METADATA = {"client_name": "Web", "redirect_uris": ["https://web.billing.example.com/callback"]}


def old(platform: ManagedPlatform) -> str:
    """Return the client that was left behind."""
    return next(client for client in platform.server.clients if client != platform.client_id("web-1"))


def adopt(platform: ManagedPlatform, *, through_issuer: bool) -> None:
    """Let another namespace hand that client over to a resource of its own, as it is."""
    values = {"issuer": ISSUER, "client_id": old(platform), "client_secret": "s"}
    data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
    metadata = {"namespace": "billing", "name": "handed", "uid": "uid-of-handed"}
    body = {"type": names.CLIENT_INFORMATION_TYPE, "metadata": metadata, "data": data}
    platform.api.put(("secrets", "billing", "handed"), body)
    spec: dict[str, Any] = {"adopt": {"secretRef": {"name": "handed"}}, "clientMetadata": METADATA}
    if through_issuer:
        platform.namespace("billing", {"oauth": "corporate"})
        platform.apply("b", namespace="billing", **spec)
    else:
        platform.api.apply("billing", "b", {"issuer": ISSUER, **spec})
        platform.wake(oauth_client("billing", "b"))
    platform.settled()


def labels(platform: ManagedPlatform, word: Word) -> dict[str, dict[str, Any]]:
    """Return, by label, the labels that say so of the client that was left behind, and where they are."""
    bodies = [b for k, b in platform.api.objects.items() if k[:2] == ("secrets", RECORDS)]
    found = ((label, text, b["metadata"]["labels"]) for b in bodies for label, text in b["metadata"]["labels"].items())
    return {label: of for label, text, of in found if Hold.parse(text).word is word and text.startswith(word.value)}


@pytest.mark.parametrize("through_issuer", [True, False], ids=["through the issuer", "by the issuer's URL"])
def test_another_namespace_does_not_adopt_as_it_is_what_access_ends(through_issuer: bool) -> None:
    platform = left_behind()
    adopt(platform, through_issuer=through_issuer)
    assert platform.api.get("secrets", "billing", "b") is None
    assert platform.said(name="b", namespace="billing")[:2] == ("False", "AdoptionFailed")
    before = old(platform)
    platform.server.objects = lambda _token: None
    days(platform, 3)
    assert before not in platform.server.clients


@pytest.mark.parametrize("timed", [True, False], ids=["since when is known", "an operator of before named no time"])
def test_what_an_operator_of_before_let_another_namespace_adopt_is_not_ended_under_it(timed: bool) -> None:
    platform = left_behind()
    # Such a one said that it was left behind, and not that somebody ends it.
    for label, of in labels(platform, Word.LEFT).items():
        of[label] = Word.LEFT.value
    platform.start()
    adopt(platform, through_issuer=True)
    assert platform.said(name="b", namespace="billing")[0] == "True"
    if not timed:
        for label, of in labels(platform, Word.CLAIMED).items():
            of[label] = Word.CLAIMED.value
        platform.start()
    before = old(platform)
    platform.server.objects = lambda _token: None
    days(platform, 3)
    assert before in platform.server.clients
    platform.delete("b", namespace="billing")
    days(platform, 4)
    assert before not in platform.server.clients, "nobody has it any more"
