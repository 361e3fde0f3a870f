"""A published key that is not in the API, for mypy alone: what it does not refuse here is an error of its own."""

from oauthclient_operator.names import PUBLISHED_KEYS, PublishedKey, TemplateName

FACTS: dict[PublishedKey, str] = dict.fromkeys(PUBLISHED_KEYS, "")
FACTS["client_id"] = "c1"
FACTS["clientid"] = "c1"  # type: ignore[index]
FACTS["scope"] = "openid"  # type: ignore[index]

VALUES: dict[TemplateName, str] = {"scope": "openid", "client_id": "c1"}
VALUES["registration_access_token"] = "rat"  # type: ignore[index]
