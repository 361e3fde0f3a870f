"""What the API server's denial of the probe says of the fence."""

import pytest
from aiohttp import web

from oauthclient_operator.cluster.api import Cluster
from oauthclient_operator.cluster.connection import Connection
from oauthclient_operator.cluster.fence import EDITION, missing_fence
from tests.wire.cluster.conftest import Stage, status

OURS = "ValidatingAdmissionPolicy 'oauthclient-operator' with binding 'oauthclient-operator' denied request: no"
OLDER = f"and this operator works behind edition {EDITION} or newer; apply "
ANOTHERS = "was not what denied the probe"


@pytest.mark.parametrize(
    ("denial", "why"),
    [
        pytest.param(f"{OURS} (fence edition {EDITION})", None, id="of this operator's edition: it stands"),
        pytest.param(
            f"{OURS} (fence edition {EDITION + 1})", None, id="newer than the operator: it forbids all that, too"
        ),
        pytest.param(f"{OURS} (fence edition {EDITION - 1})", OLDER, id="of the edition before: it is older"),
        pytest.param(OURS, OLDER, id="of the first edition, which did not say: it is older"),
        pytest.param(
            f"{OURS} (fence edition {EDITION})".replace("'oauth", "'acme-oauth"), None, id="under a prefix: it stands"
        ),
        pytest.param(
            f"{OURS}: outside the records namespace the operator writes only Opaque Secrets that an OAuthClient owns",
            "is for records in another namespace than records",
            id="by the rule for tenants' namespaces: the records are to be elsewhere, of whichever edition it is",
        ),
        pytest.param(
            f"{OURS} (fence edition {EDITION})".replace("client-operator", "client"),
            ANOTHERS,
            id="another policy that says the same: it is not ours",
        ),
    ],
)
async def test_a_denial(
    denial: str, why: str | None, stage: Stage, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oauthclient_operator.cluster.fence._PAUSE", 0.0)

    async def play(request: web.Request) -> web.StreamResponse:
        if request.path == "/version":
            return web.json_response({"major": "1", "minor": "30"})
        return web.json_response(status(403, "Forbidden") | {"message": denial}, status=403)

    stage.play = play
    found = await missing_fence(Cluster(connection), "records")
    assert (found is None) == (why is None)
    assert (why or "") in (found or "")
