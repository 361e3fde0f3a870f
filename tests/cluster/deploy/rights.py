"""What a user is allowed, as the API server says."""

import json
from typing import Final

from tests.cluster.deploy.installations import documents
from tests.parts.kubectl import Kubectl

VERBS: Final = frozenset({"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"})


def may(kubectl: Kubectl, user: str, resource: str, namespace: str | None, group: str = "") -> set[str]:
    """Return the verbs that are allowed to a user in a namespace, or in all of them."""
    resource, _, subresource = resource.partition("/")
    where = {"resource": resource, "subresource": subresource, "group": group, "namespace": namespace or ""}
    reviews = [
        {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SubjectAccessReview",
            "metadata": {},
            "spec": {"user": user, "resourceAttributes": where | {"verb": verb}},
        }
        for verb in sorted(VERBS)
    ]
    document = json.dumps({"apiVersion": "v1", "kind": "List", "items": reviews})
    answers = documents(kubectl("create", "-f", "-", "-o", "json", stdin=document))
    return {found["spec"]["resourceAttributes"]["verb"] for found in answers if found["status"]["allowed"]}
