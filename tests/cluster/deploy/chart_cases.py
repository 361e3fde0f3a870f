"""What the chart's values mean, said again as overlays of deploy/: each value is in one of these at least."""

import json
from typing import Any

from tests.cluster.deploy.chart_case import Case, Content
from tests.cluster.deploy.monitoring_cases import MONITORED
from tests.parts.chart_values import defaults


def _parameters(**said: Any) -> dict[str, str]:
    metadata = {"name": "oauthclient-operator", "annotations": {"config.kubernetes.io/local-config": "true"}}
    content = {"apiVersion": "oauth-operator.dev/parameters", "kind": "Parameters", "metadata": metadata, **said}
    return {"parameters.yaml": json.dumps(content)}


def _pod(pod: Content, **template: Any) -> Content:
    """Return the kustomization with a patch of the pods."""
    spec = {"template": {"spec": pod, **template}}
    return _patched("Deployment", spec)


def _container(**said: Any) -> Content:
    return _pod({"containers": [{"name": "operator", **said}]})


def _patched(kind: str, spec: Content) -> Content:
    api = {"Deployment": "apps/v1", "NetworkPolicy": "networking.k8s.io/v1"}[kind]
    patch = {"apiVersion": api, "kind": kind, "metadata": {"name": "oauthclient-operator"}, "spec": spec}
    return {"patches": [{"target": {"kind": kind}, "patch": json.dumps(patch)}]}


def _image(**said: str) -> Content:
    return {"images": [{"name": "oauthclient-operator", **said}]}


_PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
_BUNDLE: Content = {
    "components": ["//deploy/components/ca-bundle"],
    "configMapGenerator": [
        {
            "name": "oauthclient-operator-ca",
            "namespace": "oauth-operator-system",
            "files": ["ca.crt"],
            "options": {"disableNameSuffixHash": True},
        }
    ],
}
_OTHER_CONFIG_MAP = {"op": "replace", "path": "/spec/template/spec/volumes/0/configMap/name", "value": "corporate-ca"}
_NAMESPACED = "//deploy/components/namespaced"
_BY_NAME = "//deploy/components/without-secret-watch"
_NETWORK = "//deploy/components/network-policy"
_TENANTS = [f"//examples/installation/namespaces/{name}" for name in ("shop", "billing")]
_PEERS: dict[str, list[Content]] = {
    "metrics": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}],
    "dns": [{"ipBlock": {"cidr": "10.96.0.10/32"}}],
    "apiServer": [{"ipBlock": {"cidr": "10.96.0.1/32"}}, {"ipBlock": {"cidr": "192.0.2.10/32"}}],
    "issuers": [{"ipBlock": {"cidr": "203.0.113.0/24"}}],
}
_RESOURCES = {"requests": {"cpu": "200m", "memory": "256Mi"}, "limits": {"cpu": "2", "memory": "1Gi"}}
_TOLERATIONS = [{"key": "dedicated", "operator": "Equal", "value": "platform", "effect": "NoSchedule"}]
_AFFINITY = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
    {"matchExpressions": [{"key": "kubernetes.io/arch", "operator": "In", "values": ["amd64"]}]}
]}}}  # fmt: skip
_OPTIONS = {
    "retry-slowly": "5m",
    "allow-private-issuer": ["idp.internal", "10.0.0.0/8"],
    "system-authorities": True,
    "records-per-namespace": 200000,
}
_VARIABLES = {
    "OAUTHCLIENT_OPERATOR_RETRY_SLOWLY": "5m",
    "OAUTHCLIENT_OPERATOR_ALLOW_PRIVATE_ISSUER": "idp.internal,10.0.0.0/8",
    "OAUTHCLIENT_OPERATOR_SYSTEM_AUTHORITIES": "true",
    "OAUTHCLIENT_OPERATOR_RECORDS_PER_NAMESPACE": "200000",
}
_ACME: dict[str, Any] = {"prefix": "acme", "release": "acme"}
_ACME_RECORDS = {"recordsNamespace": "acme-records"}
_DIGEST = "sha256:" + "5a" * 32

_ARGOCD = {"argocd.argoproj.io/sync-options": "Prune=false,Delete=false"}
_RECORDS = "oauth-operator-records"


def _annotated(kind: str, name: str | None = None) -> Content:
    patch = [{"op": "add", "path": "/metadata/annotations", "value": _ARGOCD}]
    return {"target": {"kind": kind, **({"name": name} if name else {})}, "patch": json.dumps(patch)}


CASES = {
    "nothing is said": Case(values={}),
    "without the definitions": Case(
        values={"crds": {"enabled": False}},
        kustomization={
            "patches": [
                {
                    "target": {"kind": "CustomResourceDefinition"},
                    "patch": "$patch: delete\n"
                    "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: any}\n",
                }
            ]
        },
    ),
    "what stays has to be told to others": Case(
        values={"keepAnnotations": _ARGOCD},
        kustomization={"patches": [_annotated("CustomResourceDefinition"), _annotated("Namespace", _RECORDS)]},
    ),
    "another name": Case(values=_ACME_RECORDS, **_ACME),
    "another name with the chart's in it": Case(
        values=_ACME_RECORDS, prefix="acme", release="acme-oauthclient-operator"
    ),
    "named namespaces": Case(
        values={"secretAccess": "Namespaces", "namespaces": ["shop", "billing"]},
        kustomization={"resources": [*_TENANTS, "parameters.yaml"], "components": [_NAMESPACED]},
        files=_parameters(namespaces="shop,billing"),
    ),
    "named namespaces, another name, and all that is beside": Case(
        values={
            **_ACME_RECORDS,
            "secretAccess": "Namespaces",
            "namespaces": ["shop", "billing"],
            "networkPolicy": {"restricted": True, **_PEERS},
            "caBundle": {"configMap": "corporate-ca"},
        },
        kustomization={
            "resources": [*_TENANTS, "parameters.yaml"],
            "components": [_NAMESPACED, _NETWORK, "//deploy/components/ca-bundle"],
            "patches": [{"target": {"kind": "Deployment"}, "patch": json.dumps([_OTHER_CONFIG_MAP])}],
        },
        files=_parameters(namespaces="shop,billing", network=_PEERS),
        **_ACME,
    ),
    "Secrets by name": Case(
        values={"secretAccess": "ByName", "namespaces": ["shop"]},
        kustomization={"resources": _TENANTS[:1], "components": [_BY_NAME]},
    ),
    "Secrets by name, and in no namespace yet": Case(
        values={"secretAccess": "ByName"}, kustomization={"components": [_BY_NAME]}
    ),
    "Secrets by name, another name": Case(
        values={**_ACME_RECORDS, "secretAccess": "ByName", "namespaces": ["shop"]},
        kustomization={"resources": _TENANTS[:1], "components": [_BY_NAME]},
        **_ACME,
    ),
    "an image of one's own": Case(
        values={"image": {"repository": "registry.example.com:5000/oauthclient-operator", "tag": "0.1.0-acme"}},
        kustomization=_image(newName="registry.example.com:5000/oauthclient-operator", newTag="0.1.0-acme"),
    ),
    "an image by digest": Case(
        values={"image": {"repository": "registry.example.com/o", "digest": _DIGEST, "pullSecrets": ["pull"]}},
        kustomization={
            **_image(newName="registry.example.com/o", digest=_DIGEST),
            **_pod({"imagePullSecrets": [{"name": "pull"}]}),
        },
    ),
    "one pod": Case(values={"replicas": 1}, kustomization=_patched("Deployment", {"replicas": 1})),
    "options": Case(
        values={"options": _OPTIONS},
        kustomization=_container(env=[{"name": name, "value": value} for name, value in _VARIABLES.items()]),
    ),
    "an authority": Case(values={"caBundle": {"pem": _PEM}}, kustomization=_BUNDLE, files={"ca.crt": _PEM}),
    "an authority, another name": Case(
        values={**_ACME_RECORDS, "caBundle": {"pem": _PEM}},
        kustomization={
            **_BUNDLE,
            "configMapGenerator": [{**_BUNDLE["configMapGenerator"][0], "namespace": "acme-system"}],
        },
        files={"ca.crt": _PEM},
        **_ACME,
    ),
    "an authority in a ConfigMap that is there": Case(
        values={"caBundle": {"configMap": "corporate-ca"}},
        kustomization={
            "components": ["//deploy/components/ca-bundle"],
            "patches": [{"target": {"kind": "Deployment"}, "patch": json.dumps([_OTHER_CONFIG_MAP])}],
        },
    ),
    "other readers of the metrics": Case(
        values={"networkPolicy": {"metrics": _PEERS["metrics"]}},
        kustomization=_patched(
            "NetworkPolicy",
            {"ingress": [{"from": _PEERS["metrics"], "ports": [{"port": "http", "protocol": "TCP"}]}]},
        ),
    ),
    "a network policy for what goes out": Case(
        values={"networkPolicy": {"restricted": True, **_PEERS}},
        kustomization={"resources": ["parameters.yaml"], "components": [_NETWORK]},
        files=_parameters(network=_PEERS),
    ),
    "a network policy with the default's peers": Case(
        values={"networkPolicy": {"restricted": True, "apiServer": _PEERS["apiServer"]}},
        kustomization={"resources": ["parameters.yaml"], "components": [_NETWORK]},
        files=_parameters(
            network={
                **{peers: defaults()[f"networkPolicy.{peers}"] for peers in ("metrics", "dns", "issuers")},
                "apiServer": _PEERS["apiServer"],
            }
        ),
    ),
    **MONITORED,
    "other resources": Case(values={"resources": _RESOURCES}, kustomization=_container(resources=_RESOURCES)),
    "longer to end": Case(
        values={"terminationGracePeriodSeconds": 200}, kustomization=_pod({"terminationGracePeriodSeconds": 200})
    ),
    "annotated pods": Case(
        values={"podAnnotations": {"example.com/team": "platform"}},
        kustomization=_pod({}, metadata={"annotations": {"example.com/team": "platform"}}),
    ),
    "chosen nodes": Case(
        values={
            "nodeSelector": {"kubernetes.io/os": "linux"},
            "tolerations": _TOLERATIONS,
            "affinity": _AFFINITY,
        },
        kustomization=_pod(
            {"nodeSelector": {"kubernetes.io/os": "linux"}, "tolerations": _TOLERATIONS, "affinity": _AFFINITY}
        ),
    ),
}
