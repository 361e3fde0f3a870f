"""What follows from what a list lacks, and when nothing does."""

from typing import Any

import pytest

from oauthclient_operator.cluster import kept
from oauthclient_operator.cluster.followed import Followed
from oauthclient_operator.cluster.listing import Listing, Listings
from oauthclient_operator.cluster.metadata import Key
from oauthclient_operator.cluster.target import cluster_oauth_issuer
from tests.pure.watching.issuers import Cluster

A, B, C = ("shop", "a"), ("shop", "b"), ("shop", "c")
PATH = "/apis/oauthclients"


def missing(listing: Listing) -> set[Key]:
    listing.shows("7")
    return {key for key, _ in listing.missing()}


def test_what_was_known_and_did_not_come_is_missing_at_the_version_that_is_shown() -> None:
    listing = Listing([A, B])
    listing.came(B)
    listing.came(C)
    listing.shows("7")
    assert list(listing.missing()) == [(A, 7)]


@pytest.mark.parametrize("versions", [["7", "8"], ["8", "7"], [""], ["seven"], ["7", ""]])
def test_pages_that_do_not_show_one_moment_prove_nothing(versions: list[str]) -> None:
    listing = Listing([A])
    for version in versions:
        listing.shows(version)
    assert list(listing.missing()) == []


def test_pages_of_one_list_are_told_by_the_tokens_that_they_were_given() -> None:
    listings = Listings()
    first = listings.page(PATH, "", lambda: [A, B])
    first.came(A)
    listings.goes_on(PATH, "next", first)
    elsewhere = listings.page("/elsewhere", "", lambda: [C])
    listings.goes_on("/elsewhere", "next", elsewhere)
    assert listings.page(PATH, "next", lambda: [C]) is first
    assert missing(first) == {B}


def test_a_page_of_another_list_or_after_one_that_broke_off_proves_nothing() -> None:
    listings = Listings()
    listings.goes_on(PATH, "next", listings.page(PATH, "", lambda: [A]))
    assert missing(listings.page(PATH, "another", lambda: [A])) == set()
    assert missing(listings.page(PATH, "next", lambda: [A])) == set(), "its list was given up"


def test_a_list_that_is_begun_anew_knows_what_is_known_by_then() -> None:
    listings = Listings()
    listings.goes_on(PATH, "next", listings.page(PATH, "", lambda: [A]))
    assert missing(listings.page(PATH, "", lambda: [B])) == {B}


@pytest.mark.parametrize(
    ("metadata", "client", "issuer"),
    [
        ({"namespace": "shop", "name": "a"}, A, None),
        ({"name": "a"}, None, ("", "a")),
        ({"namespace": "", "name": "a"}, None, ("", "a")),
        ({"namespace": "shop", "name": ""}, None, None),
        ({"namespace": "shop", "name": 7}, None, None),
        ({"namespace": ["shop"], "name": "a"}, None, None),
        ({"namespace": "shop"}, None, None),
    ],
)
def test_a_key_is_read_as_objects_of_the_kind_have_it(
    metadata: dict[str, Any], client: Key | None, issuer: Key | None
) -> None:
    def followed(*, is_namespaced: bool) -> Followed:
        return Followed(
            target=cluster_oauth_issuer(), is_namespaced=is_namespaced, keep=kept.issuer, sink=Cluster().watches.issuers
        )

    assert followed(is_namespaced=True).key(metadata) == client
    assert followed(is_namespaced=False).key(metadata) == issuer
