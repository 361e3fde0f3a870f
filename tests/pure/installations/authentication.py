"""How clients authenticate: by a client secret, or in some lives also by keys that the operator makes (docs/keys.md)."""

import random
from collections.abc import Callable, Mapping
from typing import Any, Final

from oauthclient_operator import names
from oauthclient_operator.oauth.jose import PrivateKey, private_pem
from tests.pure.installations import assertions, private_keys
from tests.pure.installations.authorization_server import ErringServer, has_own_keys, kids
from tests.pure.installations.cluster import Body, Cluster
from tests.pure.installations.kubectl import Kubectl
from tests.pure.installations.secret_data import decoded

_METHOD: Final = "token_endpoint_auth_method"
_STRATEGIES: Final = ("Auto", "Auto", "Auto", "Keys", "Keys", "Reregister", "Server")


class Authentication:
    """What specs say of it, and those who change that; without `keys` nothing, and nobody."""

    def __init__(
        self, cluster: Cluster, server: ErringServer, places: tuple[tuple[str, str], ...], *, keys: bool
    ) -> None:
        self._cluster = cluster
        self._server = server
        self._places = places
        self._keys = keys
        self._kubectl = Kubectl(cluster)
        self._rng: random.Random = cluster.rng
        self._known: dict[str, PrivateKey] = {}
        """Keys of clients that people made at the server, by client_id."""

    @property
    def edits(self) -> tuple[Callable[[], None], ...]:
        """Return what is done to how clients authenticate."""
        return (self.edit_method, self.edit_algorithm, *(self.rotate,) * 3) if self._keys else ()

    def of(self, spec: Body) -> Body:
        """Return a client's spec as it is with a way to authenticate, which chance has."""
        if not self._keys:
            return spec
        algorithm = self._rng.choice((None, *private_keys.ALGORITHMS, "ES256"))
        return _by_secret(spec) if algorithm is None else _by_key(spec, algorithm, self._rng.choice(_STRATEGIES))

    def like(self, spec: Body, client: Mapping[str, Any]) -> Body:
        """Return a client's spec with the way to authenticate that one has at the server."""
        return _by_key(spec, client["jwks"]["keys"][0]["alg"], "Auto") if self._keys and kids(client) else spec

    def edit_method(self) -> None:
        """Have a client authenticate otherwise, if it is there."""
        self._edit(self.of)

    def edit_algorithm(self) -> None:
        """Have one with keys say another algorithm, or go back to the one before."""
        self._edit(self._by_another)

    def rotate(self) -> None:
        """Ask for other credentials of a client."""
        self._kubectl.annotate(*self._rng.choice(self._places), names.ROTATE_ANNOTATION, str(self._cluster.version))

    def metadata(self) -> Body:
        """Return what a person says of it who makes a client at the server, with a key of its own or without."""
        if not self._keys or self._rng.random() < 0.5:
            return {}
        key = private_keys.made(self._rng, "ES256")
        self._known[key.thumbprint] = key
        return {_METHOD: assertions.METHOD, "jwks": {"keys": [private_keys.public(key)]}}

    def handed_over(self, client: Mapping[str, Any]) -> dict[str, str]:
        """Return with which key a client is handed over: one that people made, or that is published."""
        if not has_own_keys(client):
            return {}
        for jwk in client["jwks"]["keys"]:
            if (key := self._known.get(jwk["kid"])) is not None:
                return {"private_key": private_pem(key).reveal(), "key_id": jwk["kid"]}
        for (kind, _, _), body in self._cluster.objects.items():
            values = decoded(body.get("data", {})) if kind == "secrets" and body.get("type") == "Opaque" else {}
            if values.get("client_id") == client["client_id"] and "private_key" in values:
                return {name: values[name] for name in ("private_key", "key_id")}
        return {}

    def _by_another(self, spec: Body) -> Body:
        if "privateKey" not in spec:
            return spec
        one, other = private_keys.ALGORITHMS
        return {**spec, "privateKey": {"algorithm": other if spec["privateKey"]["algorithm"] == one else one}}

    def _edit(self, otherwise: Callable[[Body], Body]) -> None:
        namespace, name = self._rng.choice(self._places)
        body = self._cluster.get("oauthclients", namespace, name)
        if body is not None and not self._kubectl.is_ending("oauthclients", namespace, name):
            self._cluster.apply(namespace, name, otherwise(body["spec"]))


def _by_key(spec: Body, algorithm: str, strategy: str) -> Body:
    metadata = {**spec["clientMetadata"], _METHOD: assertions.METHOD}
    rotation = {**spec.get("rotation", {}), "strategy": strategy}
    return {**spec, "clientMetadata": metadata, "privateKey": {"algorithm": algorithm}, "rotation": rotation}


def _by_secret(spec: Body) -> Body:
    metadata = {name: value for name, value in spec["clientMetadata"].items() if name != _METHOD}
    rotation = {name: value for name, value in spec.get("rotation", {}).items() if name != "strategy"}
    if "interval" in rotation:
        # Without keys the definition has it with that alone.
        rotation["strategy"] = "Reregister"
    spec = {name: value for name, value in spec.items() if name not in ("privateKey", "rotation")}
    return {**spec, "clientMetadata": metadata, **({"rotation": rotation} if rotation else {})}
