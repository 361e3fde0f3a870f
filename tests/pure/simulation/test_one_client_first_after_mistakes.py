"""One client goes first also where the issuer could not be used before, or was made anew, or the first one was."""

import asyncio
import copy
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.resource.key import cluster_issuer, oauth_client
from tests.pure.simulation.issuer_changes import (
    CHANGED,
    NO,
    READY,
    applied,
    change,
    generations,
    later,
    of,
    restarted,
    with_clients,
)
from tests.pure.simulation.managed import BY_ACCESS, managed
from tests.pure.simulation.platform import SPEC, Platform

WITHOUT_AUTHORITIES = {**SPEC, "trust": {"caBundleRef": {"name": "idp-ca"}}}
MISTYPED = {**SPEC, "allowed": {**SPEC["allowed"], "namespaces": {"selector": {"matchLabels": {"oauth": "mistyped"}}}}}
PEM = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"
MISTAKES = pytest.mark.parametrize("mistake", [WITHOUT_AUTHORITIES, MISTYPED], ids=["trust", "allowed"])


def mistaken(mistake: dict[str, Any]) -> Platform:
    platform = with_clients(("shop",), each=4)
    change(platform, mistake)
    assert {platform.said(name=f"web-{number}")[0] for number in range(4)} == {"False"}
    assert platform.server.calls == []
    return platform


def ready(platform: Platform) -> list[str]:
    return [name for name in (f"web-{n}" for n in range(4)) if platform.said(name=name)[:2] == READY]


@MISTAKES
@pytest.mark.parametrize("restarts", [False, True])
def test_what_mends_an_issuer_is_tried_on_one_and_the_others_are_ready_as_they_are(
    mistake: dict[str, Any], restarts: bool
) -> None:
    platform = mistaken(mistake)
    platform.server.refuses = NO
    platform.apply_issuer(CHANGED)
    if restarts:
        platform.start()
    asyncio.run(platform.settle())
    assert platform.server.calls == ["PUT"]
    assert len(ready(platform)) == 3
    platform.server.refuses = None
    later(platform, minutes=11)
    assert generations(platform) == [3] * 4
    assert applied(platform)[:2] == ("True", "Applied")


def test_what_mends_an_issuer_by_a_config_map_is_tried_on_one() -> None:
    platform = mistaken({**CHANGED, **WITHOUT_AUTHORITIES, "clientMetadata": CHANGED["clientMetadata"]})
    platform.server.refuses = NO
    place = ("configmaps", names.SYSTEM_NAMESPACE, "idp-ca")
    platform.api.put(place, {"metadata": {"name": "idp-ca", "uid": "c"}, "data": {"ca.crt": PEM}})
    platform.wake(cluster_issuer("corporate"))
    asyncio.run(platform.settle())
    assert platform.server.calls == ["PUT"]
    assert (len(ready(platform)), sorted(generations(platform))) == (3, [1, 1, 1, 2])


@MISTAKES
def test_what_a_team_edited_meanwhile_does_not_wait(mistake: dict[str, Any]) -> None:
    platform = mistaken(mistake)
    platform.apply("web-1", clientMetadata={**of("shop")["clientMetadata"], "client_name": "Other"})
    asyncio.run(platform.settle())
    platform.server.refuses_named = "Web"
    change(platform)
    assert "Other" in {client["client_name"] for client in platform.server.clients.values()}
    body = platform.api.get("oauthclients", "shop", "web-1")
    assert (platform.said(name="web-1")[:2], body["status"]["issuer"]["generation"]) == (READY, 3)
    assert platform.server.calls == ["PUT"] * 2
    assert len(ready(platform)) == 3


def test_one_that_is_made_anew_under_the_name_of_the_first_is_no_word_on_updates() -> None:
    platform = with_clients(("shop",), each=4)
    platform.server.refuses = NO
    change(platform)
    (refused,) = {f"web-{number}" for number in range(4)} - {*ready(platform)}
    platform.delete(refused)
    asyncio.run(platform.settle())
    platform.apply(refused, **of("shop"))
    asyncio.run(platform.settle())
    assert platform.server.calls == ["PUT", "DELETE", "POST"]
    assert len(ready(platform)) == 4
    assert applied(platform)[:2] == ("False", "ClientNotReady")


def test_one_that_its_own_team_spoils_while_it_waits_is_no_word_on_the_change() -> None:
    platform = with_clients(("shop",), each=4)
    platform.server.refuses = NO
    change(platform)
    spoiled = ready(platform)[0]
    platform.apply(spoiled, clientMetadata={**of("shop")["clientMetadata"], "client_name": "Bad"})
    asyncio.run(platform.settle())
    platform.server.refuses, platform.server.refuses_named = None, "Bad"
    later(platform, minutes=11)
    assert generations(platform) == [2] * 4
    assert applied(platform)[:2] == ("True", "Applied")


def test_what_replaces_one_that_waits_for_an_issuer_made_anew_is_that_ones() -> None:
    platform = managed(BY_ACCESS, clients=3)
    anew = copy.deepcopy(platform.issuer())
    assert anew is not None
    anew["metadata"] = {"name": "corporate", "uid": "made anew", "generation": 1}
    anew |= {"status": {}, "spec": {**BY_ACCESS, "clientMetadata": CHANGED["clientMetadata"]}}
    platform.api.put(("clusteroauthissuers", "", "corporate"), anew)
    platform.server.refuses = NO
    restarted(platform)
    (name, *_) = (name for name in ("web", "web-1", "web-2") if platform.is_ready(name))
    before = platform.client_id(name)
    platform.api.annotate("shop", name, {names.ROTATE_ANNOTATION: "now"})
    platform.wake(oauth_client("shop", name))
    platform.settled()
    fresh = platform.client_id(name)
    found = {c.information.client_id: c.admitted_by for r in platform.records() for c in r.clients}
    assert (found[before], found[fresh]) == ("uid-of-corporate", "made anew")
    body = platform.api.get("oauthclients", "shop", name)
    assert (body or {})["status"]["issuer"]["uid"] == "uid-of-corporate", "it waits"
