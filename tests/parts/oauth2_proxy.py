"""oauth2-proxy, built from the Go modules beside this file: an app that logs its users in and knows no OAuthClient."""

import re
from pathlib import Path

from .cache import cache_directory, made_once
from .programs import build_go, platform_name
from .toolchains import MODULES

_MODULE = "github.com/oauth2-proxy/oauth2-proxy/v7"


def oauth2_proxy() -> Path:
    """Return the program, building it first where it is not there; the first time that takes a minute or two."""
    match = re.search(rf"{_MODULE} (v\S+)", (MODULES / "oauth2-proxy" / "go.mod").read_text())
    assert match, f"go.mod requires {_MODULE}"
    return made_once(cache_directory() / f"oauth2-proxy-{match[1]}-{platform_name()}", _build) / "oauth2-proxy"


def _build(into: Path) -> None:
    minutes = "1 to 2 minutes the first time"
    build_go("oauth2-proxy", into, module="oauth2-proxy", package=_MODULE, flags="-s -w", minutes=minutes)
