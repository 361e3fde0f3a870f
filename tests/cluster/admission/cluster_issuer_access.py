"""What the API server says of where an issuer is, whom to trust there and how the operator is let in."""

from tests.cluster.admission.cluster_issuer_manifest import CERTIFICATE
from tests.cluster.admission.manifests import ISSUER, Manifest

NO_NETWORK = "write a network as a CIDR, e.g. 10.20.0.0/16, or 10.20.1.5/32 for one address"
NO_ORIGIN = (
    "Forbidden: write an origin, https:// and a host, with a port where it is another than 443, without user "
    "information, path, query or fragment, e.g. https://api.idp.example.com"
)
NO_ONE_WAY_IN = (
    "spec.access: Required value: write one of initialAccessToken, clientCredentials and serviceAccountToken, or leave "
    "access out where registration is open"
)
REFUSED: dict[str, tuple[Manifest, str]] = {
    "plain http without reach.http": (
        {"issuer": "http://idp.example.com"},
        (
            "spec.issuer: Forbidden: write an https URL, or reach.http: true, and everything that is sent to this issuer, "
            "credentials too, can be read on the way"
        ),
    ),
    "plain http with reach.http: false": (
        {"issuer": "http://idp.example.com", "reach": {"http": False}},
        (
            "spec.issuer: Forbidden: write an https URL, or reach.http: true, and everything that is sent to this issuer, "
            "credentials too, can be read on the way"
        ),
    ),
    "a form beside the address of the metadata": (
        {"discovery": {"url": f"{ISSUER}/metadata", "form": "OAuth"}},
        "spec.discovery.form: Forbidden: leave form out beside url, for the metadata are read there and nowhere else",
    ),
    "two sources of authorities": (
        {"trust": {"caBundle": CERTIFICATE, "caBundleRef": {"name": "ca"}}},
        "spec.trust.caBundleRef: Forbidden: write caBundle or caBundleRef, not both",
    ),
    "trust that says nothing": (
        {"trust": {}},
        (
            "spec.trust: Required value: write caBundle, caBundleRef or systemAuthorities, or leave trust out for the "
            "authorities of the operator's configuration"
        ),
    ),
    "authorities that are no certificates": (
        {"trust": {"caBundle": "AQ=="}},
        (
            "spec.trust.caBundle: Forbidden: write certificates in PEM, each between -----BEGIN CERTIFICATE----- and "
            "-----END CERTIFICATE-----, and nothing else; a private key that was written here is disclosed"
        ),
    ),
    "a private key beside the certificates": (
        {"trust": {"caBundle": f"{CERTIFICATE}-----BEGIN PRIVATE KEY-----\nAQ==\n-----END PRIVATE KEY-----\n"}},
        (
            "spec.trust.caBundle: Forbidden: write certificates in PEM, each between -----BEGIN CERTIFICATE----- and "
            "-----END CERTIFICATE-----, and nothing else; a private key that was written here is disclosed"
        ),
    ),
    "a ConfigMap that has no such name": (
        {"trust": {"caBundleRef": {"name": "CA"}}},
        (
            "spec.trust.caBundleRef.name: Invalid value: write the name of the ConfigMap that holds the "
            "certificates, lower-case letters, digits, '-' and '.', e.g. corporate-ca"
        ),
    ),
    "a ConfigMap's key that is none": (
        {"trust": {"caBundleRef": {"name": "ca", "key": "a/b"}}},
        (
            "spec.trust.caBundleRef.key: Invalid value: write a key of that ConfigMap: letters, digits, '-', '_' "
            "and '.', not '.' and not beginning with '..', or leave it out for ca.crt"
        ),
    ),
    "an origin of plain http": (
        {"reach": {"endpointOrigins": ["http://api.example.com"]}},
        "spec.reach.endpointOrigins: Forbidden: write https origins, or http: true beside them",
    ),
    "access that says nothing": (
        {"access": {}},
        NO_ONE_WAY_IN,
    ),
    "access that says two ways": (
        {"access": {"initialAccessToken": {"secretRef": {"name": "a"}}, "serviceAccountToken": {"method": "Bearer"}}},
        NO_ONE_WAY_IN,
    ),
    "client credentials of no method": (
        {"access": {"clientCredentials": {"secretRef": {"name": "idp-client"}, "tokenEndpointAuthMethod": "none"}}},
        (
            'spec.access.clientCredentials.tokenEndpointAuthMethod: Unsupported value: "none": supported values: '
            '"client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt"'
        ),
    ),
    "a Secret of client credentials that has no name": (
        {"access": {"clientCredentials": {"secretRef": {"name": "Client"}}}},
        (
            "spec.access.clientCredentials.secretRef.name: Invalid value: write the name of the Secret that "
            "holds the client credentials, lower-case letters, digits, '-' and '.', e.g. idp-client"
        ),
    ),
    "a scope of words that are not one space apart": (
        {"access": {"clientCredentials": {"secretRef": {"name": "idp-client"}, "scope": "a  b"}}},
        (
            'spec.access.clientCredentials.scope: Invalid value: write words of visible ASCII without " and \\, '
            "with one space between two of them"
        ),
    ),
    "a resource with a fragment": (
        {"access": {"clientCredentials": {"secretRef": {"name": "c"}, "resource": ["https://a.example/#b"]}}},
        (
            "spec.access.clientCredentials.resource[0]: Invalid value: write an absolute URI "
            "without fragment, e.g. https://idp.example.com/register (RFC 8707 section 2)"
        ),
    ),
    "the cluster's own audience": (
        {"access": {"serviceAccountToken": {"method": "Bearer", "audience": "https://kubernetes.default.svc"}}},
        (
            "spec.access.serviceAccountToken.audience: Forbidden: write the URL that the authorization server expects, "
            "and never the cluster's own: a token for that would be good at the API server"
        ),
    ),
    "a scope of a token that is not asked for": (
        {"access": {"serviceAccountToken": {"method": "Bearer", "scope": "dcr"}}},
        (
            "spec.access.serviceAccountToken.method: Forbidden: leave clientID and scope out, for with method Bearer no "
            "other token is asked for"
        ),
    ),
    "a Secret that has no such name": (
        {"access": {"initialAccessToken": {"secretRef": {"name": "Token"}}}},
        (
            "spec.access.initialAccessToken.secretRef.name: Invalid value: write the name of the Secret that "
            "holds the initial access token, lower-case letters, digits, '-' and '.', e.g. idp-token"
        ),
    ),
}
"""By what is wrong: a spec, and the one thing that the API server says of it."""
NETWORKS_REFUSED = (
    *("", "10.0.0.1", "10.0.0.0/33", "10.0.0/8", "10.0.0.256/32", "10.0.0.0/08", "10.0.0.0.0/8", "10/0.0.0.0/8"),
    *("010.0.0.0/8", "fd00::", "fd00::/129", "fd00:/8", ":fd00::/8", "fd00:::/8", "fd00::1::/8", "fd00::/1a"),
    *("1:2:3:4:5:6:7:8:9/64", "1:2:3:4:5:6:7/64", "1:2:3:4:5:6:7:8::/64", "12345::/16", "idp.example.com/32"),
    *("::ffff:10.0.0.0/104", "10.0.0.0/8\n", "/8", "fe80::%eth0/64"),
)
NETWORKS_ADMITTED = (
    *("10.0.0.0/8", "10.20.1.5/32", "192.168.7.0/24", "0.0.0.0/0", "10.20.1.5/16", "fd00::/8", "::1/128", "::/0"),
    *("FD00:20::1/128", "1:2:3:4:5:6:7:8/128", "1:2:3:4:5:6:7::/112", "::2:3:4:5:6:7:8/128", "1::8/128"),
)
ORIGINS_REFUSED = (
    *("https://api.example.com/", "https://api.example.com/v1", "https://user@api.example.com"),
    *("https://api.example.com?a", "https://api.example.com#a", "api.example.com", "ftp://api.example.com"),
)
