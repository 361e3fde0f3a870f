"""What Argo CD makes of a resource: its own Lua, run on statuses as the operator writes them."""

from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from lupa import lua51

from oauthclient_operator import names
from oauthclient_operator.names import Reason
from oauthclient_operator.plan.issuer_status import status as issuer_status
from oauthclient_operator.record.management import Way
from oauthclient_operator.resource.cluster_oauth_issuer import ClusterOAuthIssuer
from oauthclient_operator.resource.issuer_status import Discovered, Observed
from oauthclient_operator.status import project
from oauthclient_operator.verdict import deregistering, issuers, publishing, reaching, records, registering
from oauthclient_operator.verdict.verdict import Verdict
from tests.pure.resource.issuers import issuer_body
from tests.pure.values import ISSUER, NOW, body, published, registered_record, resource

pytestmark = pytest.mark.contract

ROOT: Final = Path(__file__).parents[2]
NOT_CONFIRMED: Final = Verdict(reason=Reason.DELETION_UNCONFIRMED, message="its TLS is broken", stalled=True)
PAUSED: Final = {"annotations": {names.PAUSED_ANNOTATION: "true"}}


def health(seen: dict[str, Any]) -> tuple[str, str]:
    """Return status and message, as Argo CD finds them; its Lua is of version 5.1."""
    config = yaml.safe_load((ROOT / "examples" / "argocd" / "health.yaml").read_text())
    script = config["data"][f"resource.customizations.health.{names.GROUP}_{seen['kind']}"]
    runtime: Any = lua51.LuaRuntime()
    found = runtime.eval(f"function(obj)\n{script}\nend")(runtime.table_from(seen, recursive=True))
    return found["status"], found["message"]


def default_status(kind: str) -> dict[str, Any]:
    """Return what the API server gives a resource that nobody has looked at."""
    definition = yaml.safe_load((ROOT / "crds" / f"{kind}.yaml").read_text())
    schema = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    default: dict[str, Any] = schema["properties"]["status"]["default"]
    return default


def client(verdict: Verdict, **options: Any) -> dict[str, Any]:
    """Return an OAuthClient of which that is said."""
    seen, record = resource(**options), registered_record()
    status = project(seen, verdict, record, None, way=Way.TOKEN, now=NOW)
    return {**body(**options), "status": status.to_json()}


def issuer(verdict: Verdict, discovered: Discovered | None = None, **options: Any) -> dict[str, Any]:
    """Return an issuer of which that is said."""
    seen = issuer_body(**options)
    return {
        **seen,
        "status": issuer_status(
            ClusterOAuthIssuer.parse(seen), verdict, discovered or verdict, None, Observed(), NOW
        ).to_json(),
    }


@pytest.mark.parametrize(
    ("seen", "status", "said"),
    [
        pytest.param({**body(), "status": {}}, "Progressing", "waiting", id="nothing yet"),
        pytest.param({**body(), "status": default_status(names.PLURAL)}, "Progressing", "waiting", id="as it is made"),
        pytest.param(
            client(registering.registered(published(registered_record()))), "Healthy", "Registered: ", id="registered"
        ),
        pytest.param(
            {
                **client(registering.registered(published(registered_record()))),
                "metadata": {**body()["metadata"], "generation": 2},
            },
            "Progressing",
            "waiting",
            id="edited since",
        ),
        pytest.param(
            client(reaching.unavailable("it gave no answer")), "Progressing", "it gave no answer", id="mends itself"
        ),
        pytest.param(
            client(publishing.not_owned("web")), "Degraded", f"{Reason.SECRET_NOT_OWNED}: ", id="waits for a person"
        ),
        pytest.param(
            client(issuers.not_ready("corporate", ["there is none"], published=False)),
            "Progressing",
            "there is none",
            id="no issuer",
        ),
        pytest.param(
            client(issuers.not_allowed("corporate", [], published=False)),
            "Degraded",
            f"{Reason.NOT_ALLOWED_BY_ISSUER}: ",
            id="not allowed",
        ),
        pytest.param(client(records.paused("an edit waits"), **PAUSED), "Suspended", "Paused: ", id="paused"),
        pytest.param(
            client(deregistering.deregistering(), deleting=True), "Progressing", "Deregistering: ", id="being deleted"
        ),
        pytest.param(
            client(NOT_CONFIRMED, deleting=True),
            "Degraded",
            f"{Reason.DELETION_UNCONFIRMED}: ",
            id="cannot be deleted",
        ),
    ],
)
def test_of_an_oauth_client(seen: dict[str, Any], status: str, said: str) -> None:
    found, message = health(seen)
    assert (found, said in message) == (status, True), message


@pytest.mark.parametrize(
    ("seen", "status", "said"),
    [
        pytest.param({**issuer_body(), "status": {}}, "Progressing", "waiting", id="nothing yet"),
        pytest.param(
            {**issuer_body(), "status": default_status(names.ISSUER_PLURAL)},
            "Progressing",
            "waiting",
            id="as it is made",
        ),
        pytest.param(issuer(issuers.ready(ISSUER), Discovered()), "Healthy", "Ready: ", id="ready"),
        pytest.param(
            {**issuer(issuers.ready(ISSUER), Discovered()), "metadata": {"generation": 2}},
            "Progressing",
            "waiting",
            id="edited since",
        ),
        pytest.param(issuer(reaching.unavailable("no answer")), "Progressing", "no answer", id="mends itself"),
        pytest.param(issuer(issuers.invalid(["a rule"])), "Degraded", "InvalidSpec: ", id="waits for a person"),
        pytest.param(
            issuer(issuers.not_supported(ISSUER)), "Degraded", "no registration_endpoint", id="no registration"
        ),
        pytest.param(
            issuer(Verdict(reason=Reason.ACCESS_DENIED, message="refused"), Discovered()),
            "Degraded",
            "AccessDenied: refused",
            id="not let in",
        ),
        pytest.param(issuer(issuers.in_use(["shop/web"], 1), deleting=True), "Progressing", "shop/web", id="in use"),
    ],
)
def test_of_an_issuer(seen: dict[str, Any], status: str, said: str) -> None:
    found, message = health(seen)
    assert (found, said in message) == (status, True), message


def test_the_page_shows_what_the_file_does() -> None:
    page = (ROOT / "docs" / "gitops.md").read_text()
    told = {line.split("`")[1] for line in page.splitlines() if line.startswith("| `") and "examples" not in line}
    assert {"Healthy", "Progressing", "Suspended", "Degraded"} <= told
