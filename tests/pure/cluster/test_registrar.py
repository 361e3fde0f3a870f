"""What is asked of the TokenRequest API, and which tokens of the registrar's are never asked for or never passed on."""

from types import SimpleNamespace
from typing import Any

import pytest

from oauthclient_operator.cluster.registrar import Registrar
from oauthclient_operator.confidential import Confidential
from oauthclient_operator.errors import AccessTokenRefused, ClusterError, NotFound, RequestRefused, Unanswered
from tests.pure.oauth.test_rfc7519 import jwt

IDP = "https://idp.example.com/realms/shop"
CLUSTER = "https://oidc.cloud.example/id/1"
OWN = jwt({"aud": [CLUSTER]})


class APIServer:
    """What of a connection is used: it says who we are, and gives out what it is told to."""

    def __init__(self, answer: dict[str, Any] | ClusterError, own: Confidential | None = OWN) -> None:
        self.answer, self.own = answer, own
        self.asked: list[Any] = []

    async def login(self) -> Any:
        return SimpleNamespace(token=self.own)

    async def request(self, method: str, target: Any, *, body: Any) -> dict[str, Any]:
        self.asked.append((method, target.path, body))
        if isinstance(self.answer, ClusterError):
            raise self.answer
        return self.answer


def given(audience: Any = IDP, seconds: Any = 600) -> dict[str, Any]:
    token = jwt({"aud": audience}).reveal()
    return {"spec": {"expirationSeconds": seconds}, "status": {"token": token}}


def registrar(server: Any) -> Registrar:
    return Registrar(server, "oauth-operator-system")


@pytest.mark.parametrize(
    ("lifetime", "asked", "answered", "lives"),
    [
        pytest.param(600, 600, 600, 600, id="ten minutes"),
        pytest.param(3600, 3600, 3607, 3600, id="an hour, and the server adds seconds"),
        pytest.param(86400, 3600, 3600, 3600, id="no more than an hour, whatever is wanted"),
        pytest.param(3600, 3600, 900, 900, id="less than was asked for"),
        pytest.param(600, 600, "soon", 600, id="a lifetime that cannot be read"),
    ],
)
async def test_one_audience_is_asked_for_and_an_hour_at_most(
    lifetime: int, asked: int, answered: Any, lives: int
) -> None:
    server = APIServer(given(seconds=answered))
    found = await registrar(server).token(IDP, lifetime=lifetime)
    assert found.expires_in == lives
    assert found.token == jwt({"aud": IDP})
    assert found.token.reveal() not in repr(found)
    path = "/api/v1/namespaces/oauth-operator-system/serviceaccounts/oauth-registrar/token"
    spec = {"audiences": [IDP], "expirationSeconds": asked}
    assert server.asked == [
        ("POST", path, {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec})
    ]


@pytest.mark.parametrize(
    ("audience", "own", "why"),
    [
        pytest.param(CLUSTER, OWN, "the one that the API server itself takes", id="our own"),
        pytest.param(IDP, jwt({"aud": [CLUSTER, IDP]}), "the API server itself takes", id="one of several of our own"),
        pytest.param("https://kubernetes.default.svc", OWN, "the cluster's own", id="the usual one"),
        pytest.param("", OWN, "is no URL", id="none: the API server would put its own there"),
        pytest.param("sts.amazonaws.com", OWN, "is no URL", id="a cloud's"),
        pytest.param(IDP, None, "run the operator as its service account", id="where we have no token"),
        pytest.param(
            IDP, Confidential("opaque"), "run the operator as its service account", id="where ours says nothing"
        ),
    ],
)
async def test_nothing_is_asked_for(audience: str, own: Confidential | None, why: str) -> None:
    server = APIServer(given(audience), own)
    with pytest.raises(AccessTokenRefused, match=why):
        await registrar(server).token(audience)
    assert server.asked == []


@pytest.mark.parametrize(
    "audience",
    [CLUSTER, [IDP, CLUSTER], [], None],
    ids=["the cluster's", "the cluster's beside it", "none", "it does not say"],
)
async def test_a_token_for_others_than_asked_is_passed_on_to_nobody(audience: Any) -> None:
    with pytest.raises(AccessTokenRefused, match="for another audience than asked"):
        await registrar(APIServer(given(audience))).token(IDP)


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        pytest.param(
            NotFound("no", status=404),
            AccessTokenRefused,
            "no service account oauth-registrar in namespace",
            id="no account",
        ),
        pytest.param(
            RequestRefused("POST serviceaccounts/token: 403 Forbidden: why", status=403),
            AccessTokenRefused,
            "rights and fence .* 403 Forbidden: why",
            id="no right, or the fence",
        ),
        pytest.param(Unanswered("no answer"), Unanswered, "no answer", id="no answer"),
        pytest.param({}, Unanswered, "without a token", id="an answer without status"),
        pytest.param({"status": {"token": ""}}, Unanswered, "without a token", id="an empty token"),
    ],
)
async def test_no_token_is_said_to_be(answer: dict[str, Any] | ClusterError, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said) as raised:
        await registrar(APIServer(answer)).token(IDP)
    assert raised.value.__cause__ is None
