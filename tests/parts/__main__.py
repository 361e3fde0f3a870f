"""Get what the tests stand on, before they begin: a first time takes minutes, and nobody should wait without a word."""

from . import image_bases
from .definitions import definitions
from .helm import built as helm_built
from .keycloak import prepared
from .node_oidc_provider import installed
from .oauth2_proxy import oauth2_proxy
from .programs import programs
from .promtool import promtool
from .spring_app import spring_app
from .spring_authorization_server import built

if __name__ == "__main__":
    programs()
    helm_built()
    promtool()
    definitions()
    oauth2_proxy()
    installed()
    prepared()
    built()
    spring_app()
    image_bases.made()
