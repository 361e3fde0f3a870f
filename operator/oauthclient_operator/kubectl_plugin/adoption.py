"""`adopt`: a client that is there already is handed over to an OAuthClient, by a Secret and `spec.adopt`."""

import argparse
import getpass
import json
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from .. import names
from ..cluster.api import Cluster
from ..cluster.connection import Connection
from ..cluster.target import cluster_oauth_issuer
from ..errors import AlreadyExists, ClientInformationUnusable, ClusterError, NotFound
from ..oauth.json_object import JSON
from ..resource.client_information_secret import HandedOver, manifest
from ..resource.issuer_reference import IssuerReference
from ..resource.json_path import child, text
from ..resource.oauth_client import OAuthClient
from . import adopting, tables
from .asking import MANAGER, stamp
from .confidential_input import credentials, private_key
from .listing import oauth_clients

_COMMAND: Final = f"{names.PLURAL}.{names.GROUP}"


async def adopt(
    connection: Connection, given: argparse.Namespace, namespace: str, now: datetime
) -> tuple[str, dict[str, JSON] | None]:
    """Hand the client over, and return what is said of that, and the resource as it is then, if there is one.

    Raises:
        ClusterError: it was not done, and why.
    """
    cluster = Cluster(connection, manager=MANAGER)
    body = await cluster.read_oauth_client(namespace, given.name)
    resource = None if body is None else OAuthClient.parse(body)
    if resource is None and given.wait is not None:
        _hold(f"there is no OAuthClient {given.name} yet that could be waited for")
    name = given.secret or given.name + adopting.SUFFIX
    issuer = await _issuer(connection, given, resource)
    if resource is not None:
        _hold(adopting.objection(resource, name, given.client_id, issuer))
    others = [OAuthClient.parse(other) for other in await oauth_clients(connection, namespace)]
    _hold(adopting.holder(given.client_id, issuer, others, given.name))
    client = _client(given, issuer, name, resource)
    if resource is not None:
        _hold(adopting.unproven(resource, name, client))
    for remark in adopting.remarks(client, resource):
        sys.stderr.write(f"{tables.shown(f'{given.name}: {remark}')}\n")
    secret = manifest(namespace, name, issuer, client.information, client.key)
    if given.dry_run:
        return _shown(secret, resource, name), None
    await _write(cluster, namespace, name, secret, replace=given.replace)
    if resource is None:
        return f"Secret {name} is there; {_to_come(name)}", None
    try:
        patched = await cluster.patch_oauth_client(namespace, resource.name, adopting.patch(resource, name, stamp(now)))
    except ClusterError as error:
        raise ClusterError(f"Secret {name} is there, and {resource.name} does not name it: {error}") from None
    return f"Secret {name} hands the client over, and spec.adopt names it", patched


def _client(given: argparse.Namespace, issuer: str, name: str, resource: OAuthClient | None) -> HandedOver:
    read = credentials(
        sys.stdin,
        getpass.getpass,
        secret_from_stdin=given.client_secret_from_stdin,
        token_from_stdin=given.registration_access_token_from_stdin,
        has_secret=given.private_key_file is None,
    )
    known = adopting.Given(
        client_id=given.client_id,
        client_secret=read.client_secret,
        client_secret_expires_at=given.client_secret_expires_at,
        registration_access_token=read.registration_access_token,
        registration_client_uri=given.registration_client_uri,
        private_key=None if given.private_key_file is None else private_key(given.private_key_file),
    )
    try:
        return adopting.handed(known, issuer, name, resource)
    except ClientInformationUnusable as error:
        raise ClusterError(f"nothing is written, for the operator would refuse it: {error}") from None


async def _issuer(connection: Connection, given: argparse.Namespace, resource: OAuthClient | None) -> str:
    found = None if resource is None else await _named(connection, resource)
    if found is None and given.issuer is None:
        why = "there is no such OAuthClient yet" if resource is None else "one may not look at its ClusterOAuthIssuer"
        raise ClusterError(f"name the issuer by --issuer: {why}")
    if None not in (found, given.issuer) and found != given.issuer:
        raise ClusterError(f"{given.name} is of another issuer than --issuer says: {found}")
    return str(found or given.issuer)


async def _named(connection: Connection, resource: OAuthClient) -> str | None:
    if (issuer := text(resource.spec, "issuer")) is not None:
        return issuer
    reference, applied = IssuerReference.of(resource.spec, []), resource.status.issuer
    if reference is None:
        return None
    if applied is not None and applied.name == reference.name:
        return applied.url
    try:
        body = await connection.request("GET", cluster_oauth_issuer(reference.name))
    except ClusterError:
        # Most teams may not.
        return None
    return text(child(body, "spec"), "issuer")


async def _write(cluster: Cluster, namespace: str, name: str, secret: Mapping[str, JSON], *, replace: bool) -> None:
    try:
        await cluster.create_secret(namespace, secret)
    except AlreadyExists:
        if not replace:
            raise ClusterError(f"there is a Secret {name}: --replace writes it anew, --secret names another") from None
    else:
        return
    there = await cluster.read_secret(namespace, name)
    if there is None:
        raise NotFound(f"Secret {name} was removed meanwhile")
    if there.get("type") != names.CLIENT_INFORMATION_TYPE:
        raise ClusterError(
            f"Secret {name} is of another type than {names.CLIENT_INFORMATION_TYPE}, and is left as it is"
        )
    metadata, data = child(there, "metadata"), child(secret, "stringData")
    # Of what was handed over before nothing stays.
    gone: dict[str, JSON] = {key: None for key in child(there, "data") if key not in data}
    same = {part: metadata.get(part) for part in ("uid", "resourceVersion")}
    await cluster.patch_secret(namespace, name, {"metadata": same, "data": gone, "stringData": {**data}})


def _shown(secret: Mapping[str, JSON], resource: OAuthClient | None, name: str) -> str:
    if resource is None:
        sys.stderr.write(f"{_to_come(name)}\n")
    else:
        patch = json.dumps({"spec": {"adopt": {"secretRef": {"name": name}}}})
        which = f"{_COMMAND}/{resource.name} --namespace {resource.namespace}"
        said = f"then: kubectl patch {which} --type merge -p '{patch}'"
        sys.stderr.write(f"{tables.shown(said)}\n")
    return json.dumps(secret, indent=2)


def _to_come(name: str) -> str:
    return f"write adopt: {{secretRef: {{name: {name}}}}} into the spec of the OAuthClient before it is applied"


def _hold(why: str | None) -> None:
    if why is not None:
        raise ClusterError(f"nothing is written: {why}")
