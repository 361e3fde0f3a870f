"""Objects in the caches take few bytes, and come out as they went in."""

import tracemalloc
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from oauthclient_operator.cluster import kept
from oauthclient_operator.cluster.compressed_json import compress, decompress
from oauthclient_operator.cluster.resource_cache import ResourceCache
from oauthclient_operator.oauth.json_object import JSON

COUNT = 500
BOUND = 2048
"""Bytes for a resource of usual size; as Python's objects it takes six times as much."""

VALUES: st.SearchStrategy[JSON] = st.recursive(
    # A lone surrogate is a string in JSON, and no text in UTF-8.
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.just("\ud800"),
    # Small ones: it is about kinds of values and their nesting.
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), VALUES, max_size=3))
def test_what_is_packed_comes_out_as_it_went_in(value: dict[str, JSON]) -> None:
    assert decompress(compress(value)) == value


def test_each_look_gets_a_copy_of_its_own() -> None:
    cache = ResourceCache()
    cache.offer(resource(0))
    seen = cache.get("shop", "web-0")
    assert seen is not None
    seen["spec"] = "changed"
    assert cache.get("shop", "web-0") == kept.resource(resource(0))


def test_a_resource_takes_few_bytes() -> None:
    cache = ResourceCache()
    tracemalloc.start(1)
    try:
        for number in range(COUNT):
            cache.offer(resource(number))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held / COUNT < BOUND


def resource(number: int) -> dict[str, Any]:
    uid = f"00000000-0000-4000-8000-{number:012}"
    condition = {"status": "True", "reason": "Registered", "observedGeneration": 1}
    return {
        "apiVersion": "oauth-operator.dev/v1alpha1",
        "kind": "OAuthClient",
        "metadata": {
            "namespace": "shop",
            "name": f"web-{number}",
            "uid": uid,
            "resourceVersion": str(1000 + number),
            "generation": 1,
            "creationTimestamp": "2026-01-01T00:00:00Z",
            "finalizers": ["oauth-operator.dev/registration"],
        },
        "spec": {
            "issuer": "https://idp.example.com",
            "clientMetadata": {
                "client_name": f"Shop {number}",
                "redirect_uris": [f"https://shop-{number}.example.com/callback"],
                "grant_types": ["authorization_code", "refresh_token"],
                "response_types": ["code"],
                "token_endpoint_auth_method": "client_secret_basic",
            },
        },
        "status": {
            "observedGeneration": 1,
            "clientID": f"s6BhdRkqt{number}",
            "secret": {"name": f"web-{number}", "uid": uid, "resourceVersion": str(number)},
            "registration": {"registeredAt": "2026-01-01T00:00:01Z", "manageable": True, "deviations": ["scope"]},
            "conditions": [
                {"type": kind, "message": f"client s6BhdRkqt{number} is registered", **condition}
                for kind in ("Ready", "Registered", "SecretPublished")
            ],
        },
    }
