"""The registration records in the cluster: every change a compare-and-swap of a pure transition."""

import base64
import json
from collections.abc import Callable

from .. import names
from ..errors import AlreadyExists, Conflict, NotFound, Unanswered
from ..oauth.json_object import JSON
from ..oauth.rfc7591 import ClientInformation
from ..record.answers import is_same
from ..record.envelope import Stored, client_label, manifest, patch, read
from ..record.model import Record, Subject
from ..resource.oauth_client import OAuthClient
from .ports import Clock, Cluster, JSONObject, Watched

Transition = Callable[[Record], Record]
TRIES = 6


class Records:
    """Read and change records; nothing is cached here."""

    def __init__(self, cluster: Cluster, watched: Watched, clock: Clock, namespace: str) -> None:
        self._cluster = cluster
        self._watched = watched
        self._clock = clock
        self._namespace = namespace

    async def read(self, uid: str) -> Stored | None:
        """Read a record live; None only if the API server says that there is none.

        Raises:
            UnreadableRecord: it is of a newer schema, or no record.
            ClusterError: it could not be read, which never means "none".
        """
        body = await self._cluster.read_secret(self._namespace, uid)
        return None if body is None else read(body)

    async def create(self, record: Record) -> Stored:
        """Create a record; one whose answer was lost is recognised by what it holds.

        Raises:
            Conflict: there is another record already.
        """
        body = manifest(record, self._namespace)
        try:
            return self._seen(await self._cluster.create_secret(self._namespace, body))
        except (AlreadyExists, Unanswered) as error:
            stored = await self.read(record.subject.uid)
            if stored is not None and stored.record == record:
                return stored
            if isinstance(error, Unanswered) and stored is None:
                raise
            raise Conflict("another process wrote the registration record first", status=409) from None

    async def change(self, stored: Stored, transition: Transition) -> Stored:
        """Apply a transition to the newest copy of the record.

        The transition is applied again after a conflict and after a write whose answer was lost, so it must be safe
        to repeat. Whatever it raises is passed on.

        Raises:
            NotFound: the record is gone.
            ClusterError: it could not be written.
        """
        for attempt in range(TRIES):
            changed = transition(stored.record)
            if changed == stored.record:
                return stored
            try:
                return self._seen(await self._patch(stored, patch(stored, changed)))
            except Conflict:
                pass
            except Unanswered:
                if attempt == TRIES - 1:
                    raise
                await self._clock.sleep(0.05 * 2**attempt)
            newest = await self.read(stored.record.subject.uid)
            if newest is None:
                raise NotFound("the registration record is gone", status=404)
            stored = newest
        raise Conflict("the registration record is being changed too often", status=409)

    async def append_raw_answer(self, uid: str, entry: dict[str, JSON]) -> None:
        """Add an answer to a record that this version cannot read, under the data key that every schema keeps."""
        body = await self._cluster.read_secret(self._namespace, uid)
        if body is None:
            raise NotFound("the registration record is gone", status=404)
        metadata, data = body.get("metadata"), body.get("data")
        if not isinstance(metadata, dict) or not isinstance(data, dict):
            raise Conflict("the registration record is not a Secret as it should be", status=409)
        before = data.get(names.RAW_ANSWER_KEY)
        lines = base64.b64decode(before) if isinstance(before, str) else b""
        lines += json.dumps(entry, ensure_ascii=False).encode() + b"\n"
        change: dict[str, JSON] = {
            "metadata": {"uid": metadata["uid"], "resourceVersion": metadata["resourceVersion"]},
            "data": {names.RAW_ANSWER_KEY: base64.b64encode(lines).decode()},
        }
        await self._cluster.patch_secret(self._namespace, uid, change)

    async def has_resource(self, subject: Subject) -> bool:
        """Look live whether the resource that a record is for is still there."""
        body = await self._cluster.read_oauth_client(subject.namespace, subject.name)
        return body is not None and OAuthClient.parse(body).uid == subject.uid

    def is_known(self, record: Record, information: ClientInformation) -> bool:
        """Whether this record or, as far as the watch knows, another one holds that client."""
        uri = information.registration_client_uri
        others = self._watched.records_with(client_label(uri)).keys() - {record.subject.uid} if uri else set()
        return bool(others) or any(is_same(c.information, information) for c in record.clients)

    async def delete(self, stored: Stored) -> None:
        """Delete a record as it was read, and no other."""
        await self._cluster.delete_secret(
            self._namespace, stored.record.subject.uid, uid=stored.uid, resource_version=stored.resource_version
        )

    def _seen(self, body: JSONObject) -> Stored:
        # The watch must not say less than what this process has just written.
        self._watched.offer_secret(body)
        return read(body)

    async def _patch(self, stored: Stored, body: dict[str, JSON]) -> JSONObject:
        return await self._cluster.patch_secret(self._namespace, stored.record.subject.uid, body)
