"""The OAuth protocols as values: requests are built and responses judged here, without I/O and without Kubernetes.

For a program that registers itself there is `dynamic_client_registration`, with all that belongs to it:

    from oauthclient_operator.oauth import dynamic_client_registration
"""

from ..confidential import Confidential
from ..exchange import Answer, Challenge, ClientCertificate, Incomplete, NotSent, Request, Response
from .authentication_methods import (
    ClientAuthentication,
    ClientSecretBasic,
    ClientSecretJWT,
    ClientSecretPost,
    NoAuthentication,
    PrivateKeyJWT,
    SelfSignedTLSClientAuth,
    TLSClientAuth,
)
from .client.configuration import Configuration
from .client.dynamic_client_registration import dynamic_client_registration
from .client.options import Options
from .client.server import MetadataDocument
from .client.token_endpoint import client_credentials_grant
from .client.transport import Send, Transport
from .jose import PrivateKey
from .rfc6749 import TokenResponse
from .rfc7523 import Audience
from .rfc8414 import DiscoveryForm

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
    "dynamic_client_registration",
]
