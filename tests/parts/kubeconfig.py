"""Kubeconfig files: one cluster, one user, one context; and those of service accounts, with tokens of their own."""

import base64
import json
from pathlib import Path

from .kubectl import Kubectl

_LIFETIME = "24h"


def write_kubeconfig(file: Path, *, server: str, authority: bytes | None, token: str) -> Path:
    """Write a kubeconfig for `server` (a URL), trusting the PEM `authority`, with a bearer token; return its path."""
    cluster = {"server": server}
    if authority is not None:
        cluster["certificate-authority-data"] = base64.b64encode(authority).decode()
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "cluster", "cluster": cluster}],
        "users": [{"name": "user", "user": {"token": token}}],
        "contexts": [{"name": "context", "context": {"cluster": "cluster", "user": "user"}}],
        "current-context": "context",
    }
    # JSON is YAML. The mode is there before the token is.
    file.touch(mode=0o600)
    file.write_text(json.dumps(content, indent=1))
    return file


def service_account_kubeconfig(kubectl: Kubectl, file: Path, *, namespace: str, name: str) -> Path:
    """Write a kubeconfig with which a process is that service account and nobody else (the TokenRequest API)."""
    token = kubectl("create", "token", name, "--namespace", namespace, f"--duration={_LIFETIME}").strip()
    view = kubectl.json("config", "view", "--minify", "--flatten", "--raw")
    cluster = view["clusters"][0]["cluster"]
    authority = cluster.get("certificate-authority-data")
    return write_kubeconfig(
        file,
        server=cluster["server"],
        authority=base64.b64decode(authority) if authority else None,
        token=token,
    )
