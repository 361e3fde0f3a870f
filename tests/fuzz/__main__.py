"""Fuzz without a bound: each target in turn for a while, guided by what its inputs reach, until one breaks a property.

python -m tests.fuzz [--seconds N] [--once] [target …]
"""

import argparse
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Final

from tests.fuzz.target import CORPUS

ROOT: Final = Path(__file__).parents[2]
FOUND: Final = ROOT / ".fuzz"
"""Where inputs go that reach something new (`corpus`) or break something (`broken`); not kept."""


def main() -> int:
    """Fuzz, and say what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=300, help="for a target, before the next has its turn")
    parser.add_argument("--once", action="store_true", help="end after one round")
    parser.add_argument("targets", nargs="*", metavar="target", help="all, if none is named")
    options = parser.parse_args()
    known = sorted(path.name for path in CORPUS.iterdir())
    if unknown := set(options.targets) - set(known):
        parser.error(f"no target is named {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    for turn, name in _turns(options.targets or known, once=options.once):
        sys.stdout.write(f"{name}, turn {turn}, {options.seconds} s\n")
        sys.stdout.flush()
        if _fuzz(name, options.seconds) != 0:
            sys.stdout.write(_advice(name))
            return 1
    return 0


def _turns(names: list[str], *, once: bool) -> Iterator[tuple[int, str]]:
    for turn in [1] if once else count(1):
        for name in names:
            yield turn, name


def _fuzz(name: str, seconds: int) -> int:
    """Run a process for one target: libFuzzer ends the one that it runs in."""
    reached, broken = FOUND / "corpus" / name, FOUND / "broken" / name
    for folder in (reached, broken):
        folder.mkdir(parents=True, exist_ok=True)
    command = [
        *(sys.executable, "-m", "tests.fuzz.guided", name),
        # What is new goes into the first folder; the second one is what is kept.
        *(str(reached), str(CORPUS / name)),
        f"-artifact_prefix={broken}/",
        f"-max_total_time={seconds}",
        "-timeout=10",
        "-rss_limit_mb=1024",
        "-print_final_stats=1",
        "-verbosity=1",
    ]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def _advice(name: str) -> str:
    return (
        f"\nWhat broke a property of {name} is the newest file in {FOUND / 'broken' / name}. To see it again:\n"
        f"  python -m tests.fuzz.guided {name} FILE\n"
        "Once the parser is mended, give it a name that says what it is and keep it:\n"
        f"  mv FILE {CORPUS / name}/what-it-is\n"
    )


if __name__ == "__main__":
    sys.exit(main())
