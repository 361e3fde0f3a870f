"""The bare client: for each new resource one POST and the operator's writes, nothing checked, nothing remembered.

Run as a process of its own: `python -m bench.floor KUBECONFIG SCRIPT NAMESPACE CA-BUNDLE AT-ONCE`. It prints READY when
it watches, and ends when it is told to.
"""

import asyncio
import json
import ssl
import sys
from asyncio import Semaphore, StreamReader, StreamWriter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from oauthclient_operator.egress.door import USER_AGENT
from oauthclient_operator.names import OPERATOR, RECORDS_NAMESPACE

from .api import API, Body, resources, secrets
from .script import Script, record_data

WORKERS = 64
"""As many resources at once as the operator has."""
_WRITE = {"fieldManager": OPERATOR}


class Floor:
    """Registers clients by a script."""

    def __init__(self, api: API, script: Script, trust: ssl.SSLContext, places: Semaphore) -> None:
        self._api = api
        self._script = script
        self._trust = trust
        self._places = places
        self._endpoint = urlsplit(script.registration_endpoint)

    async def register(self, resource: Body) -> None:
        """Take one resource from new to Ready."""
        script, metadata = self._script, resource["metadata"]
        name, namespace, uid = metadata["name"], metadata["namespace"], metadata["uid"]
        known = {"uid": uid, "resourceVersion": metadata["resourceVersion"]}
        change: Body = {"metadata": {**known, "finalizers": script.finalizers}}
        written = await self._api.request("PATCH", resources(namespace, name), change, **_WRITE)
        owner = {**script.secret["metadata"]["ownerReferences"][0], "name": name, "uid": uid}
        head = {**script.secret["metadata"], "name": name, "namespace": namespace, "ownerReferences": [owner]}
        rehearsal = {**script.rehearsal, "metadata": head}
        await self._api.request("POST", secrets(namespace), rehearsal, **_WRITE, dryRun="All")
        async with self._places:
            text = script.claimed.replace(script.uid, uid).replace(f'"{script.name}"', f'"{name}"')
            claim = {
                **script.claim,
                "metadata": {**script.claim["metadata"], "name": uid},
                "data": record_data(text),
            }
            claimed = (await self._api.request("POST", secrets(RECORDS_NAMESPACE), claim, **_WRITE))["metadata"]
            information = await self._post()
            text = script.answered.replace(script.uid, uid).replace(f'"{script.name}"', f'"{name}"')
            text = text.replace(script.client_id, information["client_id"])
            same = {"uid": claimed["uid"], "resourceVersion": claimed["resourceVersion"]}
            answer = {"metadata": {**script.answer["metadata"], **same}, "data": record_data(text)}
            await self._api.request("PATCH", secrets(RECORDS_NAMESPACE, uid), answer, **_WRITE)
        await self._api.request("POST", secrets(namespace), {**script.secret, "metadata": head}, **_WRITE)
        known["resourceVersion"] = written["metadata"]["resourceVersion"]
        status = {"metadata": known, "status": {**script.status, "clientID": information["client_id"]}}
        await self._api.request("PATCH", resources(namespace, name, "status"), status, **_WRITE)

    async def _post(self) -> Body:
        """Register at the issuer, on a connection of its own."""
        to, body = self._endpoint, json.dumps(self._script.metadata).encode()
        reader, writer = await asyncio.open_connection(to.hostname, to.port or 443, ssl=self._trust)
        try:
            return await _exchange(reader, writer, to.netloc, to.path, body)
        finally:
            writer.close()


async def _exchange(reader: StreamReader, writer: StreamWriter, host: str, path: str, body: bytes) -> Body:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {USER_AGENT}\r\nAccept: application/json\r\n"
        "Accept-Encoding: identity\r\nConnection: close\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    answered, _, content = (await reader.read(-1)).partition(b"\r\n\r\n")
    if b" 201 " not in answered[:20]:
        raise RuntimeError(f"the issuer answered {answered[:200]!r}")
    information: Body = json.loads(content)
    return information


async def run(kubeconfig: Path, script: Path, namespace: str, trust: Path, at_once: int) -> None:
    """Register whatever appears in the namespace, until stopped."""
    context = ssl.create_default_context(cafile=trust)
    async with API(kubeconfig) as api, asyncio.TaskGroup() as group:
        floor = Floor(api, Script.read(script), context, Semaphore(at_once))
        new: asyncio.Queue[Body] = asyncio.Queue()
        for _ in range(WORKERS):
            group.create_task(_work(floor, new))
        listed = await api.request("GET", resources(namespace))
        sys.stdout.write("READY\n")
        sys.stdout.flush()
        async for _, event in api.watch(resources(namespace), listed["metadata"]["resourceVersion"]):
            if event["type"] == "ADDED":
                new.put_nowait(event["object"])


async def _work(floor: Floor, new: "asyncio.Queue[Any]") -> None:
    while True:
        await floor.register(await new.get())


if __name__ == "__main__":
    _config, _script, _namespace, _trust, _at_once = sys.argv[1:]
    asyncio.run(run(Path(_config), Path(_script), _namespace, Path(_trust), int(_at_once)))
