"""The operator's main job, shown: three clients created, one changed, one deleted, each step checked at the server.

Run it by `make demo`; `make dev` keeps everything up to try things by hand. With KUBECONFIG set it uses that cluster,
if that is said to be right, else it starts a Kubernetes API server of its own. The issuer is node-oidc-provider on this
machine.
"""

import argparse
import os
import shlex
import shutil
import signal
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from examples.cluster import Declined
from examples.stage import Stage, set_up
from examples.token import fetch_token
from tests.parts.kubectl import KubectlError
from tests.parts.processes import ProcessError
from tests.parts.programs import ProgramsError
from tests.parts.progress import say
from tests.parts.signals import end_in_order


class DemoError(Exception):
    """What was shown is not what should be."""


def main() -> int:
    """Run the demo and return the exit code."""
    arguments = argparse.ArgumentParser(description="Show the operator's main job.")
    arguments.add_argument("--stay", action="store_true", help="keep everything up until Ctrl-C")
    arguments.add_argument("--yes", action="store_true", help="use the cluster of KUBECONFIG without being asked")
    given = arguments.parse_args()
    end_in_order()
    directory = Path(tempfile.mkdtemp(prefix="oauthclient-operator-"))
    # Kept after a failure alone: there are logs in it, and keys that nobody needs any more.
    keep = False
    try:
        with ExitStack() as parts:
            stage = set_up(parts, directory, agreed=given.yes)
            create(stage)
            if given.stay:
                hold(stage)
            else:
                prove(stage)
                change(stage)
                delete(stage)
    except KeyboardInterrupt:
        say("\nInterrupted; everything that was started has been stopped.")
        return 128 + signal.SIGINT
    except Declined as why:
        say(f"\nNot done: {why}.")
        return 1
    except (DemoError, KubectlError, ProcessError, ProgramsError) as error:
        say(f"\nFailed: {error}\n\nLogs are in {directory}")
        keep = True
        return 1
    finally:
        if not keep:
            shutil.rmtree(directory)
    say("\nDone: created, used, changed and deleted, at a real server through a real API server.")
    return 0


def create(stage: Stage) -> None:
    """Apply the three examples and wait until the operator says that they are registered."""
    say("\n── Create: three OAuthClients and the token that lets them in")
    stage.show("apply", "-k", str(stage.samples))
    stage.wait_ready("oauthclients", "--all")
    stage.show("get", "oauthclients", "-n", stage.namespace)
    known = stage.issuer.clients()
    say(f"The issuer itself lists {len(known)}: {', '.join(sorted(str(c['client_name']) for c in known.values()))}")


def prove(stage: Stage) -> None:
    """Use the service's credentials as the service would."""
    say("\n── Use: what the service finds in its Secret gets it a token")
    stage.show("describe", "secret", "service", "-n", stage.namespace)
    credentials = stage.secret("service")
    answer = fetch_token(credentials, stage.issuer.trust)
    if "access_token" not in answer:
        raise DemoError(f"the token endpoint said {answer.get('error')}")
    say(f"{credentials['token_endpoint']} answered: {answer['token_type']} token for {answer['expires_in']} s")


def change(stage: Stage) -> None:
    """Edit the web app's name and ask the issuer what it is called now."""
    say("\n── Change: one edit of the manifest is one update at the issuer")
    client_id = stage.client_id("web-app")
    name = "Web shop, renamed"
    patch = f'{{"spec": {{"clientMetadata": {{"client_name": "{name}"}}}}}}'
    stage.show("patch", "oauthclient", "web-app", "-n", stage.namespace, "--type=merge", f"--patch={patch}")
    stage.wait_ready("oauthclient/web-app")
    called = stage.issuer.clients()[client_id]["client_name"]
    if called != name:
        raise DemoError(f"the issuer still calls {client_id} {called!r}")
    say(f"The issuer calls {client_id} now: {called}")


def delete(stage: Stage) -> None:
    """Delete the native app and ask the issuer whether it knows it."""
    say("\n── Delete: with the resource the client goes, too")
    client_id = stage.client_id("native-app")
    stage.show("delete", "oauthclient", "native-app", "-n", stage.namespace, "--timeout=60s")
    if client_id in stage.issuer.clients():
        raise DemoError(f"the issuer still knows {client_id}")
    say(f"The issuer does not know {client_id} any more; it lists {len(stage.issuer.clients())}.")


def hold(stage: Stage) -> None:
    """Say how to use what is up, and keep it up until somebody stops it."""
    kubectl = stage.kubectl
    say("\n── Everything is up; Ctrl-C stops it all. In another terminal:\n")
    paths = (kubectl.kubeconfig, stage.issuer.trust, kubectl.program.parent)
    file, trust, program = (shlex.quote(str(path)) for path in paths)
    say(f"export KUBECONFIG={file} ISSUER_CA={trust} PATH={program}:$PATH")
    say(f"kubectl get oauthclients -n {stage.namespace}")
    say(f"curl {stage.metrics()}\n")
    say(f"issuer      {stage.issuer.issuer}")
    say(f"            ClusterOAuthIssuer {stage.namespace}; initial access token: Secret idp-token")
    say("tutorial    docs/tutorial.md goes on from here")
    say(f"log         {stage.operator.log}")
    stage.operator.child.wait()
    raise DemoError(f"the operator ended:\n{stage.operator.last_lines()}")


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(main())
