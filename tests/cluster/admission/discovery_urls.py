"""URLs that `spec.discovery` may hold, and others with what is wrong with them; the operator must agree with both."""

from tests.cluster.admission.issuers import REFUSED as REFUSED_ISSUERS

ADMITTED = (
    "https://idp.example.com",
    "https://idp.example.com/oauth/metadata.json",
    "https://idp.example.com/v2.0/.well-known/openid-configuration?p=sign_in",
    "https://idp.example.com?tenant=shop",
    "https://idp.example.com:8443/oauth2/register",
    "https://[2001:db8::1]:8443/register",
    "https://idp.example.com/@tenant/a%20b;c,d~e?a=/&b=@?",
    "http://idp.internal:8080/register",
)
REFUSED = {what: url for what, url in REFUSED_ISSUERS.items() if "query" not in what} | {
    "a password": "https://user:correct-horse@idp.example.com/register",
    "a fragment after a query": "https://idp.example.com/register?a=b#c",
    "a backslash in the query": "https://idp.example.com/register?a=\\b",
}
