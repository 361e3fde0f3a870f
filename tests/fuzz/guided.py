"""One target under atheris, with libFuzzer's own arguments; run by `tests.fuzz`, or by hand to see an input again."""

import importlib
import sys
import tempfile
from random import Random

import atheris

from tests.fuzz.mutation import mutated
from tests.fuzz.target import Target

READ_BY_PYTHON = ("oauthclient_operator", "h11", "httpcore", "email", "urllib", "idna", "joserfc", "ipaddress")
"""Packages in which it is seen what an input reaches."""


def main() -> None:
    """Fuzz the target that the first argument names."""
    name = sys.argv.pop(1)
    with atheris.instrument_imports(include=list(READ_BY_PYTHON)):
        target: Target = importlib.import_module(f"tests.fuzz.targets.{name}").TARGET

    def change(data: bytes, most: int, seed: int) -> bytes:
        chance = Random(seed)
        if chance.random() < 0.5:
            return bytes(atheris.Mutate(data, most))
        return mutated(data, chance, target.words, most)

    with tempfile.NamedTemporaryFile("w", suffix=".dict") as dictionary:
        dictionary.writelines(f"{_quoted(word)}\n" for word in target.words)
        dictionary.flush()
        arguments = [sys.argv[0], f"-dict={dictionary.name}", f"-max_len={target.limit}", *sys.argv[1:]]
        atheris.Setup(arguments, target.run, custom_mutator=change)
        atheris.Fuzz()


def _quoted(word: bytes) -> str:
    return '"' + "".join(chr(b) if 0x20 <= b < 0x7F and b not in b'"\\' else f"\\x{b:02x}" for b in word) + '"'


if __name__ == "__main__":
    main()
