"""Secrets at the API server, as values: tenants' own, and those that hold registration records."""

import base64
from collections.abc import Mapping
from typing import Protocol

from .. import names
from ..errors import Conflict, NotFound
from ..oauth.json_object import JSON
from ..published_secret import Amendment, NewSecret
from ..record.envelope import Stored, manifest, patch, read, written
from ..record.record import Record
from ..record.unread_answer import UnreadAnswer
from ..resource.secret import Secret
from .oauth_clients import Seen


class SecretVerbs(Protocol):
    """The verbs of `Cluster` that are needed here."""

    async def read_secret(self, namespace: str, name: str) -> dict[str, JSON] | None:
        """Read one."""
        ...

    async def list_secret_metadata(self, namespace: str, label: str) -> list[dict[str, JSON]]:
        """List those that carry a label."""
        ...

    async def create_secret(
        self, namespace: str, manifest: Mapping[str, JSON], *, dry_run: bool = False
    ) -> dict[str, JSON]:
        """Create one, or only try to."""
        ...

    async def patch_secret(
        self, namespace: str, name: str, patch: Mapping[str, JSON], *, dry_run: bool = False
    ) -> dict[str, JSON]:
        """Patch one, or only try to."""
        ...

    async def delete_secret(self, namespace: str, name: str, *, uid: str, resource_version: str) -> None:
        """Delete one as it was read."""
        ...


class Secrets:
    """Tenants' Secrets; `written_seen` is shown what was written."""

    def __init__(self, cluster: SecretVerbs, *, written_seen: Seen) -> None:
        self._cluster = cluster
        self._written_seen = written_seen

    async def read(self, namespace: str, name: str) -> Secret | None:
        """Read a Secret live; None only where the API server says that there is none."""
        body = await self._cluster.read_secret(namespace, name)
        return None if body is None else Secret.parse(body)

    async def write(self, secret: NewSecret | Amendment, *, dry_run: bool = False) -> Secret:
        """Create a Secret, or amend the version that was read; or only try to."""
        match secret:
            case NewSecret():
                body = await self._cluster.create_secret(secret.namespace, secret.to_json(), dry_run=dry_run)
            case Amendment():
                body = await self._cluster.patch_secret(
                    secret.namespace, secret.name, secret.to_json(), dry_run=dry_run
                )
        if not dry_run:
            self._written_seen(body)
        return Secret.parse(body)

    async def delete(self, namespace: str, secret: Secret) -> None:
        """Delete a Secret as it was read, and no other version."""
        await self._cluster.delete_secret(
            namespace, secret.name, uid=secret.uid, resource_version=secret.resource_version
        )


class RecordSecrets:
    """Registration records, each in a Secret of the records namespace that has its resource's UID for a name.

    `listed_seen` is shown what was looked for and found, `written_seen` what was written.
    """

    def __init__(self, cluster: SecretVerbs, namespace: str, *, listed_seen: Seen, written_seen: Seen) -> None:
        self._cluster = cluster
        self._namespace = namespace
        self._listed_seen = listed_seen
        self._written_seen = written_seen

    async def read(self, uid: str) -> Stored | None:
        """Read a record live; None only where the API server says that there is none.

        Raises:
            UnreadableRecord: it is of a newer schema, or no record.
        """
        body = await self._cluster.read_secret(self._namespace, uid)
        return None if body is None else read(body)

    async def create(self, record: Record) -> Stored:
        """Create a record."""
        sent = manifest(record, self._namespace)
        return self._written(record, sent, await self._cluster.create_secret(self._namespace, sent))

    async def write(self, stored: Stored, record: Record) -> Stored:
        """Write a record over the version that was read."""
        uid, sent = stored.record.subject.uid, patch(stored, record)
        return self._written(record, sent, await self._cluster.patch_secret(self._namespace, uid, sent))

    async def look_for(self, label: str) -> None:
        """Look live for the records that carry a label, and show them to the watches."""
        for body in await self._cluster.list_secret_metadata(self._namespace, label):
            self._listed_seen(body)

    async def append(self, uid: str, answer: UnreadAnswer) -> None:
        """Add an answer to a record that this version cannot read, under the data key that every schema keeps."""
        body = await self._cluster.read_secret(self._namespace, uid)
        if body is None:
            raise NotFound("the registration record is gone", status=404)
        metadata, data = body.get("metadata"), body.get("data")
        if not isinstance(metadata, dict) or not isinstance(data, dict):
            raise Conflict("the registration record is not a Secret as it should be", status=409)
        before = data.get(names.RAW_ANSWER_KEY)
        lines = (base64.b64decode(before) if isinstance(before, str) else b"") + answer.line()
        change: dict[str, JSON] = {
            "metadata": {"uid": metadata["uid"], "resourceVersion": metadata["resourceVersion"]},
            "data": {names.RAW_ANSWER_KEY: base64.b64encode(lines).decode()},
        }
        await self._cluster.patch_secret(self._namespace, uid, change)

    async def delete(self, stored: Stored) -> None:
        """Delete a record as it was read, and no other version."""
        uid = stored.record.subject.uid
        await self._cluster.delete_secret(
            self._namespace, uid, uid=stored.uid, resource_version=stored.resource_version
        )

    def _written(self, record: Record, sent: Mapping[str, JSON], answer: dict[str, JSON]) -> Stored:
        # The watch must not say less than what this process has just written.
        self._written_seen(answer)
        return written(record, sent, answer)
