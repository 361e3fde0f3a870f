"""What we ask of the API server about single objects: JSON in, JSON out, one request each, nothing cached."""

import base64
import binascii
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from .. import names
from ..errors import NotFound, RequestRefused, Unanswered
from ..oauth.json_object import JSON
from ..resource.issuer_reference import IssuerReference
from ..resource.json_path import child
from .connection import JSON_TYPE, MERGE_PATCH, METADATA, METADATA_LIST, Connection
from .metadata import identity, metadata_of
from .target import (
    CORE,
    DEFINITIONS,
    EVENTS,
    OAUTH_CLIENTS,
    Target,
    cluster_oauth_issuer,
    config_map,
    oauth_client,
    secret,
)

MOST_CONFIG_MAP: Final = 1 << 20
"""Bytes, with what kubectl noted in it: all authorities of a system are a fifth of that."""
_SHORTEST_CONFIDENTIAL = 6
"""Characters; a shorter value could be found in any message."""


class Cluster:
    """The verbs; failures are ClusterErrors (see `failures`).

    Patches are merge patches. One that may not hit another object, or a newer one, carries `uid` and
    `resourceVersion` in its metadata: the API server compares them, and Conflict comes back. Urgent verbs do not wait
    for their turn (`rate_limiter`). `manager` is the field manager: whose the fields are that are written.
    """

    def __init__(self, connection: Connection, *, urgent: bool = False, manager: str = names.OPERATOR) -> None:
        self._connection = connection
        self._urgent = urgent
        self._write = {"fieldManager": manager}

    async def read_oauth_client(self, namespace: str, name: str) -> dict[str, JSON] | None:
        """Read an OAuthClient live; None only where the API server says that there is none."""
        return await self._read(oauth_client(namespace, name))

    async def patch_oauth_client(self, namespace: str, name: str, patch: Mapping[str, JSON]) -> dict[str, JSON]:
        """Patch an OAuthClient and return it."""
        return await self._patch(oauth_client(namespace, name), patch)

    async def patch_oauth_client_status(self, namespace: str, name: str, patch: Mapping[str, JSON]) -> dict[str, JSON]:
        """Patch the status of an OAuthClient and return the whole resource.

        Here the API server ignores a `uid` (measured): only a `resourceVersion` keeps it from another one of that name.
        """
        return await self._patch(oauth_client(namespace, name, subresource="status"), patch)

    async def list_oauth_clients(self, namespaces: Collection[str] = ()) -> list[tuple[str, str, str]]:
        """Return namespace, name and UID of every OAuthClient, in those namespaces or in all."""
        found: list[tuple[str, str, str]] = []

        def take(item: JSON) -> None:
            key, uid, _ = identity(metadata_of(item if isinstance(item, dict) else {}))
            found.append((*key, uid))

        for namespace in namespaces or (None,):
            target = Target(api=OAUTH_CLIENTS, resource=names.PLURAL, namespace=namespace)
            await self._connection.list_all(target, take, accept=METADATA_LIST)
        return found

    async def delete_oauth_client(self, namespace: str, name: str, *, uid: str) -> None:
        """Ask for the deletion of an OAuthClient, and of no other of that name; its finalizers hold it until then.

        Raises:
            NotFound: there is none of that name.
            Conflict: it is another one.
        """
        await self._connection.request(
            "DELETE",
            oauth_client(namespace, name),
            body={"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"uid": uid}},
        )

    async def list_cluster_issuers(self) -> list[dict[str, JSON]]:
        """Return the metadata of every ClusterOAuthIssuer."""
        return await self._listed(cluster_oauth_issuer())

    async def list_whole_cluster_issuers(self) -> list[dict[str, JSON]]:
        """Return every ClusterOAuthIssuer: they are few."""
        return await self._listed(cluster_oauth_issuer(), accept=JSON_TYPE)

    async def list_clients_of_issuer(self, name: str) -> list[tuple[str, str]]:
        """Return namespace and name of every OAuthClient that refers to a ClusterOAuthIssuer, in all namespaces."""
        found: list[tuple[str, str]] = []

        def take(item: JSON) -> None:
            body = item if isinstance(item, dict) else {}
            reference = IssuerReference.of(child(body, "spec"), [])
            if reference is not None and reference.name == name:
                found.append(identity(metadata_of(body))[0])

        await self._connection.list_all(Target(api=OAUTH_CLIENTS, resource=names.PLURAL), take, accept=JSON_TYPE)
        return found

    async def patch_cluster_issuer(self, name: str, patch: Mapping[str, JSON]) -> dict[str, JSON]:
        """Patch a ClusterOAuthIssuer and return it."""
        return await self._patch(cluster_oauth_issuer(name), patch)

    async def patch_cluster_issuer_status(self, name: str, patch: Mapping[str, JSON]) -> dict[str, JSON]:
        """Patch the status of a ClusterOAuthIssuer and return the whole resource; of a `uid` see the OAuthClient's."""
        return await self._patch(cluster_oauth_issuer(name, subresource="status"), patch)

    async def has_definition(self, plural: str) -> bool:
        """Whether there is a definition of a kind of ours, as far as one may look; the operator may not."""
        target = Target(api=DEFINITIONS, resource="customresourcedefinitions", name=f"{plural}.{names.GROUP}")
        try:
            return await self._read(target, accept=METADATA) is not None
        except RequestRefused:
            return True

    async def read_config_map(self, namespace: str, name: str) -> dict[str, JSON] | None:
        """Read a ConfigMap live; None only where there is none.

        Raises:
            RequestRefused: among others, it is larger than any bundle of certificates.
        """
        return await self._read(config_map(namespace, name), most=MOST_CONFIG_MAP)

    async def read_secret(self, namespace: str, name: str) -> dict[str, JSON] | None:
        """Read a Secret live; None only where the API server says that there is none."""
        return await self._read(secret(namespace, name))

    async def read_secret_metadata(self, namespace: str, name: str) -> dict[str, JSON] | None:
        """Read a Secret's metadata live, its values not among them; None only where there is none."""
        return await self.read_metadata(namespace, "secrets", name)

    async def read_metadata(self, namespace: str, resource: str, name: str) -> dict[str, JSON] | None:
        """Read the metadata of an object of the core API live, `resource` its plural; None only where there is none."""
        target = Target(api=CORE, resource=resource, namespace=namespace, name=name)
        return await self._read(target, accept=METADATA)

    async def list_secret_metadata(self, namespace: str, label: str) -> list[dict[str, JSON]]:
        """List the metadata of a namespace's Secrets that carry a label, live."""
        return await self._listed(secret(namespace), {"labelSelector": label})

    async def create_secret(
        self, namespace: str, manifest: Mapping[str, JSON], *, dry_run: bool = False
    ) -> dict[str, JSON]:
        """Create a Secret, or only ask whether that would succeed.

        Raises:
            AlreadyExists: the name is taken.
        """
        return await self._connection.request(
            "POST",
            secret(namespace),
            query=self._query(dry_run=dry_run),
            body=manifest,
            confidential=frozenset(_values(manifest)),
            urgent=self._urgent,
        )

    async def patch_secret(
        self, namespace: str, name: str, patch: Mapping[str, JSON], *, dry_run: bool = False
    ) -> dict[str, JSON]:
        """Patch a Secret, or only ask whether that would succeed, and return it."""
        return await self._patch(secret(namespace, name), patch, dry_run=dry_run)

    async def delete_secret(self, namespace: str, name: str, *, uid: str, resource_version: str) -> None:
        """Delete a Secret as it was read, and no other.

        Raises:
            NotFound: there is none of that name.
            Conflict: it is another one, or a newer one.
        """
        await self._connection.request(
            "DELETE",
            secret(namespace, name),
            body={
                "apiVersion": "v1",
                "kind": "DeleteOptions",
                "preconditions": {"uid": uid, "resourceVersion": resource_version},
            },
        )

    async def create_event(self, namespace: str, manifest: Mapping[str, JSON]) -> None:
        """Create an Event (events.k8s.io)."""
        target = Target(api=EVENTS, resource="events", namespace=namespace)
        await self._connection.request("POST", target, query=self._write, body=manifest)

    async def namespace_uid(self, name: str) -> str:
        """Return the UID of a namespace; that of `kube-system` is the cluster's."""
        body = await self._connection.request("GET", Target(api=CORE, resource="namespaces", name=name))
        metadata = body.get("metadata")
        uid = metadata.get("uid") if isinstance(metadata, dict) else None
        if not isinstance(uid, str):
            raise Unanswered(f"namespace {name} came without a UID")
        return uid

    async def version(self) -> tuple[int, int]:
        """Return the API server's major and minor version."""
        body = await self._connection.request("GET", Target(api="", resource="version"))
        major, minor = (str(body.get(part, "")).rstrip("+") for part in ("major", "minor"))
        if not (major.isdecimal() and minor.isdecimal()):
            raise Unanswered("the API server does not tell its version")
        return int(major), int(minor)

    async def _listed(
        self, target: Target, selectors: Mapping[str, str] | None = None, *, accept: str = METADATA_LIST
    ) -> list[dict[str, JSON]]:
        found: list[dict[str, JSON]] = []

        def take(item: JSON) -> None:
            if isinstance(item, dict):
                found.append(item)

        await self._connection.list_all(target, take, selectors=selectors, accept=accept)
        return found

    def _query(self, *, dry_run: bool) -> dict[str, str]:
        return {**self._write, **({"dryRun": "All"} if dry_run else {})}

    async def _read(
        self, target: Target, accept: str = JSON_TYPE, *, most: int | None = None
    ) -> dict[str, JSON] | None:
        try:
            return await self._connection.request("GET", target, accept=accept, urgent=self._urgent, most=most)
        except NotFound:
            return None

    async def _patch(self, target: Target, patch: Mapping[str, JSON], *, dry_run: bool = False) -> dict[str, JSON]:
        return await self._connection.request(
            "PATCH",
            target,
            query=self._query(dry_run=dry_run),
            body=patch,
            content_type=MERGE_PATCH,
            confidential=frozenset(_values(patch)),
            urgent=self._urgent,
        )


def _values(secret_body: Mapping[str, JSON]) -> Iterator[str]:
    """Yield the values of a Secret, plain and encoded: a webhook's refusal might quote one."""
    for member in ("data", "stringData"):
        values = secret_body.get(member)
        for value in values.values() if isinstance(values, dict) else ():
            if not isinstance(value, str) or len(value) < _SHORTEST_CONFIDENTIAL:
                continue
            yield value
            try:
                plain = base64.b64decode(value, validate=True).decode()
            except (binascii.Error, ValueError):
                continue
            if len(plain) >= _SHORTEST_CONFIDENTIAL:
                yield plain
