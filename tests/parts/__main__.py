"""Get what the tests stand on, before they begin: a first time takes minutes, and nobody should wait without a word."""

from .keycloak import prepared
from .node_oidc_provider import installed
from .programs import programs
from .promtool import promtool
from .spring_authorization_server import built

if __name__ == "__main__":
    programs()
    promtool()
    installed()
    prepared()
    built()
