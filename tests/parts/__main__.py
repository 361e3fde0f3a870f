"""Get what the tests stand on, before they begin: a first time takes minutes, and nobody should wait without a word."""

from . import image_bases
from .keycloak import prepared
from .node_oidc_provider import installed
from .programs import programs
from .spring_authorization_server import built

if __name__ == "__main__":
    programs()
    installed()
    prepared()
    built()
    image_bases.made()
