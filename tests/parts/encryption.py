"""How the API server encrypts Secrets in its storage, and Secrets there that it cannot decrypt."""

import base64
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from .api_server import ControlPlane

_OF_NO_KEY = b"k8s:enc:aescbc:v1:lost:" + bytes(64)


@dataclass(frozen=True, slots=True)
class Encryption:
    """The encryption of a cluster's Secrets at rest, each time by another configuration: its API server starts anew."""

    plane: ControlPlane
    keys: dict[str, str] = field(default_factory=dict, repr=False)

    def by(self, *keys: str) -> None:
        """Have Secrets encrypted by the first of these keys, and decrypted by all of them."""
        self._configure([self._key(key) for key in keys])

    def by_silent_kms(self, *keys: str) -> None:
        """Have Secrets encrypted by a KMS that does not answer, and decrypted by these keys."""
        nobody = f"unix://{self.plane.directory.absolute()}/kms.sock"
        kms = {"kms": {"apiVersion": "v2", "name": "kms", "endpoint": nobody, "timeout": "1s"}}
        self._configure([kms, *(self._key(key) for key in keys)])

    def _key(self, name: str) -> dict[str, Any]:
        secret = self.keys.setdefault(name, base64.b64encode(secrets.token_bytes(32)).decode())
        return {"aescbc": {"keys": [{"name": name, "secret": secret}]}}

    def _configure(self, providers: list[dict[str, Any]]) -> None:
        file = self.plane.directory / "encryption.json"
        # What was written before any of this is not encrypted.
        resources = [{"resources": ["secrets"], "providers": [*providers, {"identity": {}}]}]
        kind = {"apiVersion": "apiserver.config.k8s.io/v1", "kind": "EncryptionConfiguration"}
        file.write_text(json.dumps({**kind, "resources": resources}))
        self.plane.more_flags = (f"--encryption-provider-config={file}",)
        self.plane.restart_server()


@contextmanager
def damaged(plane: ControlPlane, namespace: str, name: str) -> Iterator[None]:
    """Have one Secret be encrypted by a key that nobody has while the block lasts; who removed it gets none back."""
    key = _encoded(f"/registry/secrets/{namespace}/{name}".encode())
    [found] = _asked(plane, "range", key=key)["kvs"]
    _asked(plane, "put", key=key, value=_encoded(_OF_NO_KEY))
    yield
    if "kvs" in _asked(plane, "range", key=key):
        _asked(plane, "put", key=key, value=found["value"])


def remove(plane: ControlPlane, namespace: str, name: str) -> None:
    """Remove a Secret from the storage, as an administrator does where the API server cannot."""
    _asked(plane, "deleterange", key=_encoded(f"/registry/secrets/{namespace}/{name}".encode()))


def _asked(plane: ControlPlane, what: str, **body: str) -> dict[str, Any]:
    answer = httpx.post(f"{plane.etcd_url}/v3/kv/{what}", json=body, trust_env=False).raise_for_status()
    said: dict[str, Any] = answer.json()
    return said


def _encoded(value: bytes) -> str:
    return base64.b64encode(value).decode()
