"""Live lives by their seeds, and say which processes that begin anew say otherwise than those before.

    python -m tests.pure.installations FROM TO             all of them
    python -m tests.pure.installations FROM TO MISTAKE     with a mistake of `mistakes`, until one finds it
    KIND=away python -m tests.pure.installations FROM TO   all of one of the `kinds`

The exit status is 1 where one did. What happened in the others is counted at the end: by the reasons of its Events, and
by what the condition CredentialsValid said.
"""

import logging
import os
import sys
from collections import Counter
from contextlib import nullcontext

from tests.pure.installations.kinds import IN_TURN, KINDS
from tests.pure.installations.lives import LOOKED_AT, WATCHED, says_otherwise
from tests.pure.installations.mistakes import MISTAKES


def main(first: int, end: int, mistake: str | None = None) -> int:
    """Live those from the first seed to before the last one, each with Secrets that are watched and looked at."""
    logging.disable(logging.CRITICAL)
    seen: Counter[str] = Counter()
    found, only = 0, os.environ.get("KIND") if mistake is None else MISTAKES[mistake].kind
    with nullcontext() if mistake is None else MISTAKES[mistake].made():
        for seed in range(first, end):
            kind = IN_TURN[seed % len(IN_TURN)] if only is None else only
            for looks, how in ((WATCHED, "watched"), (LOOKED_AT, "looked at")):
                if (otherwise := says_otherwise(seed, KINDS[kind], looks, seen)) is None:
                    continue
                done, said = otherwise
                found += 1
                lines = [f"{seed} ({kind}), Secrets are {how}, after {', '.join(done)}:"]
                lines += [f"    {where}\n        {was}\n        {now}" for where, (was, now) in said.items()]
                sys.stdout.write("".join(f"{line}\n" for line in lines))
                sys.stdout.flush()
                if mistake is not None:
                    return 1
    sys.stdout.write(f"{2 * (end - first)} lives, {found} of which say otherwise after a restart\n")
    sys.stdout.write("".join(f"{times} {what}\n" for what, times in sorted(seen.items())))
    return 1 if found else 0


if __name__ == "__main__":
    if os.environ.get("PYTHONHASHSEED") != "0":
        # A life is to be the same each time, and the order of a set is by its members' hashes.
        os.execve(
            sys.executable, [sys.executable, "-m", __package__, *sys.argv[1:]], {**os.environ, "PYTHONHASHSEED": "0"}
        )
    first, end, *more = sys.argv[1:]
    sys.exit(main(int(first), int(end), *more))
