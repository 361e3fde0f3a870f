"""`make image`: build the image and, if asked to, push it."""

import argparse
import subprocess
import sys
import tomllib
from pathlib import Path

from .engines import NAMES, NoEngine, engine

ROOT = Path(__file__).parents[2]
_NAME = "oauthclient-operator"
"""As deploy/ names it."""


def main(arguments: list[str]) -> int:
    """Build, name, push; return the exit status: 2 where no engine works, else that of the engine."""
    chosen = _parser().parse_args(arguments)
    try:
        found = engine(chosen.engine)
    except NoEngine as error:
        print(error, file=sys.stderr)
        return 2
    if chosen.which:
        print(found.name)
        return 0
    version, revision = _version(), _revision()
    tags = [f"{name}:{version}" for name in (chosen.name, chosen.push) if name]
    print(f"Building {' and '.join(tags)} of revision {revision} with {found.name} …", flush=True)
    said = {"VERSION": version, "REVISION": revision}
    commands = [found.build(*tags, arguments=said, flags=chosen.flags)]
    if chosen.push:
        commands.append(found.push(tags[-1]))
    for command in commands:
        if status := subprocess.run(command, cwd=ROOT, check=False).returncode:
            print(f"`{' '.join(command)}` ended with {status}; what it said is above.", file=sys.stderr)
            return status
    print(f"{'Pushed' if chosen.push else 'Built'} {tags[-1]}.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m deploy.image", description=__doc__)
    parser.add_argument("--engine", choices=NAMES, help="this one, and not the first that works")
    parser.add_argument("--name", default=_NAME, help="the image's name on this machine, without a tag")
    parser.add_argument("--push", metavar="NAME", help="push it under this name, which begins with a registry's")
    parser.add_argument("--which", action="store_true", help="only say which engine works here")
    parser.add_argument("flags", nargs="*", help="for the engine's build, after --")
    return parser


def _version() -> str:
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])


def _revision() -> str:
    # An archive of the source has no git; what is changed and not committed is no revision that anybody can look up.
    try:
        head, changes = _git("rev-parse", "HEAD"), _git("status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{head}-dirty" if changes else head


def _git(*arguments: str) -> str:
    done = subprocess.run(("git", *arguments), cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
