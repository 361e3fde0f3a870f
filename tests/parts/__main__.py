"""Get what the tests stand on, before they begin: a first time takes minutes, and nobody should wait without a word."""

from .keycloak import prepared
from .node_oidc_provider import installed
from .programs import programs

if __name__ == "__main__":
    programs()
    installed()
    prepared()
