"""`oauthclient-operator check`: what of manifests would be refused, why, and what would be sent.

Without a cluster: nothing is called and nothing written.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from ..egress.policy import EgressPolicy
from ..errors import UnreadableManifest
from ..names import ISSUER_KIND, KIND
from ..oauth.json_object import JSON
from ..oauth.words import visible
from ..options import Options, add_flags
from .manifests.documents import documents
from .manifests.files import texts
from .manifests.found import Manifest, manifests
from .manifests.judged import Judge, Judged
from .manifests.judged_issuer import JudgedIssuer, judge_issuer
from .manifests.outcome import Outcome, terms_as_json
from .manifests.problems import Problem
from .manifests.together import noted
from .manifests.words import GIVE_OPTIONS, NOT_KNOWN, by_options, issuer_lines, lines, summary
from .session import parser

FIELDS: Final = ("private_issuers", "http_issuers", "endpoint_origins", "secret_metadata_prefixes")
"""The options of `run` by which a manifest is judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A resource, and in which file it is."""

    file: str
    manifest: Manifest

    @property
    def document(self) -> int:
        """The number of the document in the file."""
        return self.manifest.document.number


@dataclass(frozen=True, slots=True, kw_only=True)
class _FoundClient:
    """An OAuthClient, and what is so of it."""

    found: _Found
    judged: Judged


@dataclass(frozen=True, slots=True, kw_only=True)
class _FoundIssuer:
    """A ClusterOAuthIssuer, and what is so of it."""

    found: _Found
    judged: JudgedIssuer


@dataclass(slots=True, kw_only=True)
class _Findings:
    """All that was found."""

    issuers: list[_FoundIssuer] = field(default_factory=list)
    clients: list[_FoundClient] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)
    unreadable: list[tuple[str, str]] = field(default_factory=list)

    @property
    def refused(self) -> tuple[int, int]:
        """How many issuers, and how many clients."""
        issuers = sum(bool(one.judged.problems) for one in self.issuers)
        return issuers, sum(bool(one.judged.problems) for one in self.clients)

    @property
    def status(self) -> int:
        return 2 if self.unreadable else int(any(self.refused))


def main(argv: Sequence[str], environ: Mapping[str, str]) -> int:
    """Check manifests, and return the exit status."""
    command = parser(
        "check",
        "Say of OAuthClients and ClusterOAuthIssuers in files, without a cluster, what would be refused and why, and "
        "what would be sent. A client that names an issuer among them is held to what that allows. "
        "Documents of other kinds are passed over.",
        "Give it the options that your operator has. Exit status 0: nothing would be refused; 1: something would; "
        "2: a wrong option, or a file that cannot be read.",
    )
    command.add_argument(
        "-f",
        "--filename",
        action="extend",
        nargs="+",
        required=True,
        metavar="FILE|DIR|-",
        help="manifests as YAML or JSON; of a directory all below it; -: standard input (repeatable)",
    )
    command.add_argument("--output", choices=("text", "json"), default="text", help="default: text")
    add_flags(command, FIELDS)
    given = command.parse_args(argv)
    options = Options.of(command, given, environ)
    try:
        judge = Judge(
            egress=EgressPolicy.parse(
                private_issuers=options.private_issuers,
                http_issuers=options.http_issuers,
                endpoint_origins=options.endpoint_origins,
            ),
            metadata_prefixes=options.secret_metadata_prefixes,
        )
    except ValueError as error:
        command.error(str(error))
    findings = _look(given.filename, judge)
    if given.output == "json":
        sys.stdout.write(json.dumps(_as_json(findings), indent=2) + "\n")
    else:
        sys.stdout.writelines(f"{visible(line)}\n" for line in _text(findings))
    sys.stderr.writelines(f"check: {visible(file)}: {visible(why)}\n" for file, why in findings.unreadable)
    return findings.status


def _look(named: Sequence[str], judge: Judge) -> _Findings:
    findings, resources = _Findings(), list[_Found]()
    for file, text in texts(named):
        if isinstance(text, UnreadableManifest):
            findings.unreadable.append((file, str(text)))
            continue
        try:
            for document in documents(text):
                for one in manifests(document):
                    if isinstance(one, Manifest):
                        resources.append(_Found(file=file, manifest=one))
                    else:
                        findings.passed_over[one.kind] += 1
        except UnreadableManifest as error:
            findings.unreadable.append((file, str(error)))
    # An issuer may stand behind its clients.
    issuers, clients = ([one for one in resources if one.manifest.kind == kind] for kind in (ISSUER_KIND, KIND))
    findings.issuers = [_FoundIssuer(found=one, judged=judge_issuer(one.manifest, judge.egress)) for one in issuers]
    known = {one.judged.name: one.judged for one in reversed(findings.issuers)}
    judged = noted((one.file, judge.judge(one.manifest, known)) for one in clients)
    findings.clients = [_FoundClient(found=one, judged=what) for one, what in zip(clients, judged, strict=True)]
    return findings


def _text(findings: _Findings) -> Iterator[str]:
    for issuer in findings.issuers:
        yield from issuer_lines(issuer.found.file, issuer.judged)
    for client in findings.clients:
        yield from lines(client.found.file, client.judged)
    refused_issuers, refused = findings.refused
    issuers, clients = (len(findings.issuers), refused_issuers), (len(findings.clients), refused)
    yield from summary(issuers, clients, len(findings.unreadable), findings.passed_over)
    said = [problem for issuer in findings.issuers for problem in issuer.judged.problems]
    said += [problem for client in findings.clients for problem in client.judged.problems]
    if any(map(by_options, said)):
        yield GIVE_OPTIONS
    if len(findings.issuers) + len(findings.clients) > sum(findings.refused):
        yield NOT_KNOWN


def _as_json(findings: _Findings) -> dict[str, JSON]:
    return {
        "clusterOAuthIssuers": [_issuer_as_json(one) for one in findings.issuers],
        "oauthClients": [_client_as_json(one) for one in findings.clients],
        "passedOver": dict(findings.passed_over),
        "unreadable": [{"file": file, "message": why} for file, why in findings.unreadable],
    }


def _issuer_as_json(issuer: _FoundIssuer) -> dict[str, JSON]:
    found, judged = issuer.found, issuer.judged
    return {
        "file": found.file,
        "document": found.document,
        "line": judged.line,
        "name": judged.name,
        "ok": not judged.problems,
        "problems": [_problem_as_json(problem) for problem in judged.problems],
        "outcome": None if judged.problems else terms_as_json(judged.terms),
    }


def _client_as_json(client: _FoundClient) -> dict[str, JSON]:
    found, judged = client.found, client.judged
    outcome = Outcome.of(judged.desired) if not judged.problems else None
    return {
        "file": found.file,
        "document": found.document,
        "line": judged.line,
        "namespace": judged.namespace,
        "name": judged.name,
        "ok": not judged.problems,
        "problems": [_problem_as_json(problem) for problem in judged.problems],
        "notes": [_problem_as_json(note) for note in judged.notes],
        "outcome": None if outcome is None else outcome.as_json(),
    }


def _problem_as_json(problem: Problem) -> dict[str, JSON]:
    return {"place": problem.place, "line": problem.line, "message": problem.message, "reason": problem.reason}
