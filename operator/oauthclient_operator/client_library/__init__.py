"""The library: what an OAuth client that is a program of its own uses to register, be managed and get a token.

    from oauthclient_operator.client_library import dynamic_client_registration

It does the I/O of a program and no rule of a protocol lives here; nothing of the operator uses it, nor does it know
anything of Kubernetes.
"""

from ..confidential import Confidential
from ..exchange import Answer, Challenge, ClientCertificate, Incomplete, NotSent, Request, Response
from ..oauth.authentication_methods import (
    ClientAuthentication,
    ClientSecretBasic,
    ClientSecretJWT,
    ClientSecretPost,
    NoAuthentication,
    PrivateKeyJWT,
    SelfSignedTLSClientAuth,
    TLSClientAuth,
)
from ..oauth.jose import PrivateKey
from ..oauth.rfc6749 import TokenResponse
from ..oauth.rfc7523 import Audience
from ..oauth.rfc8414 import DiscoveryForm
from .configuration import Configuration
from .dynamic_client_registration import dynamic_client_registration
from .management import delete_client, read_client, update_client
from .options import Options
from .restored import restore
from .server import MetadataDocument
from .token_endpoint import client_credentials_grant
from .transport import Send, Transport

__all__ = [
    "Answer",
    "Audience",
    "Challenge",
    "ClientAuthentication",
    "ClientCertificate",
    "ClientSecretBasic",
    "ClientSecretJWT",
    "ClientSecretPost",
    "Confidential",
    "Configuration",
    "DiscoveryForm",
    "Incomplete",
    "MetadataDocument",
    "NoAuthentication",
    "NotSent",
    "Options",
    "PrivateKey",
    "PrivateKeyJWT",
    "Request",
    "Response",
    "SelfSignedTLSClientAuth",
    "Send",
    "TLSClientAuth",
    "TokenResponse",
    "Transport",
    "client_credentials_grant",
    "delete_client",
    "dynamic_client_registration",
    "read_client",
    "restore",
    "update_client",
]
