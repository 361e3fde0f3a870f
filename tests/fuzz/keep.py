"""Keep, of what fuzzing found, the smallest inputs that reach what none that is kept does.

python -m tests.fuzz.keep [--most BYTES] target …
"""

import argparse
import hashlib
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import oauthclient_operator
from tests.fuzz.__main__ import FOUND
from tests.fuzz.target import CORPUS, Target
from tests.fuzz.targets import ALL

PACKAGE = str(Path(oauthclient_operator.__file__).parent)
Step = tuple[str, int, int]
"""From one line of a file to another."""


def main() -> None:
    """Keep what is new, under the name of its digest."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.keep", description=__doc__.partition("\n")[0])
    parser.add_argument("--most", type=int, default=1024, help="bytes of an input")
    parser.add_argument("targets", nargs="+", choices=sorted(ALL), metavar="target")
    options = parser.parse_args()
    for target in map(ALL.__getitem__, options.targets):
        known: set[Step] = set()
        for data in target.kept().values():
            known |= steps(target, data)
        found = [path.read_bytes() for path in (FOUND / "corpus" / target.name).glob("*")]
        for data in sorted(found, key=lambda data: (len(data), data)):
            if len(data) <= options.most and (new := steps(target, data) - known):
                known |= new
                name = hashlib.sha256(data).hexdigest()[:16]
                (CORPUS / target.name / name).write_bytes(data)
                sys.stdout.write(f"{target.name}/{name}: {len(new)} new steps in {len(data)} bytes\n")


def steps(target: Target, data: bytes) -> set[Step]:
    """Return the steps in our code that an input makes."""
    made: set[Step] = set()

    def enter(frame: FrameType, _: str, __: Any) -> Any:
        if not frame.f_code.co_filename.startswith(PACKAGE):
            return None
        at = frame.f_lineno

        def step(frame: FrameType, event: str, _: Any) -> Any:
            nonlocal at
            if event == "line":
                made.add((frame.f_code.co_filename, at, frame.f_lineno))
                at = frame.f_lineno
            return step

        return step

    before = sys.gettrace()
    sys.settrace(enter)
    try:
        target.run(data)
    finally:
        sys.settrace(before)
    return made


if __name__ == "__main__":
    main()
