"""What was found, in lines for people."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from ... import names
from ...oauth.json_object import JSON
from ...oauth.words import cleaned
from ...resource.secret_metadata import OPTION as PREFIX_OPTION
from ...resource.terms import IssuerTerms
from .judged import Judged
from .judged_issuer import JudgedIssuer
from .let_in import in_words
from .outcome import Outcome
from .problems import Problem

_INDENT: Final = "    "
_LABEL: Final = 12
AT_APPLY: Final = "refused at apply"
NOT_KNOWN: Final = (
    "Not known without the cluster and the server: whether the server answers and registers what is asked; whether its "
    "host name leads to an address that the operator may reach; whether a Secret that is read is there and is for this "
    "issuer, and one that is published would take another's name; quotas and other policies of the cluster."
)


def lines(file: str, judged: Judged) -> Iterator[str]:
    """Say what is so of one OAuthClient."""
    named = judged.name if judged.namespace is None else f"{judged.namespace}/{judged.name}"
    outcome = Outcome.of(judged.desired) if not judged.problems else None
    verdict = "refused" if outcome is None else "ok"
    yield f"{file}:{judged.line}: {names.KIND} {named}: {verdict}"
    for problem in judged.problems:
        yield f"{_INDENT}{_problem(file, problem)} [{problem.reason or AT_APPLY}]"
    for note in judged.notes:
        yield f"{_INDENT}{_problem(file, note)} [note]"
    if outcome is not None:
        yield from _outcome(outcome)


def issuer_lines(file: str, judged: JudgedIssuer) -> Iterator[str]:
    """Say what is so of one ClusterOAuthIssuer."""
    verdict = "refused" if judged.problems else "ok"
    yield f"{file}:{judged.line}: {names.ISSUER_KIND} {judged.name}: {verdict}"
    for problem in judged.problems:
        yield f"{_INDENT}{_problem(file, problem)} [{problem.reason or AT_APPLY}]"
    if judged.problems:
        return
    yield from _metadata(judged.terms)
    yield from _rows("let in", in_words(judged.terms, "the operator's "))
    if judged.bundle is not None:
        yield _row("believes", f"the operator's ConfigMap {judged.bundle.config_map}, key {judged.bundle.key}")


GIVE_OPTIONS: Final = (
    "What your operator's options let in (--allow-http-issuer, --allow-private-issuer, --allow-endpoint-origin, "
    "--secret-metadata-prefix) is let in here by the same options."
)


def summary(
    issuers: tuple[int, int], clients: tuple[int, int], unreadable: int, passed_over: Mapping[str, int]
) -> Iterator[str]:
    """Say in one line how many there were of each kind, all and refused ones."""
    kinds = ((names.ISSUER_KIND, issuers), (names.KIND, clients))
    counted = [
        f"{_count(found, kind)}: {found - refused} ok, {refused} refused" for kind, (found, refused) in kinds if found
    ]
    said = "; ".join(counted) or f"no {names.KIND} found"
    if passed_over:
        others = ", ".join(f"{count} {kind}" for kind, count in sorted(passed_over.items()))
        said += f"; passed over: {others}"
    yield said if not unreadable else f"{said}; {_count(unreadable, 'file')} could not be read"


def by_options(problem: Problem) -> bool:
    """Whether an option of the operator's would let it in."""
    return problem.reason is names.Reason.ISSUER_NOT_ALLOWED or PREFIX_OPTION in problem.message


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _problem(file: str, problem: Problem) -> str:
    return f"{file}:{problem.line}: {problem.place}: {problem.message}"


def _metadata(terms: IssuerTerms) -> Iterator[str]:
    yield _row("issuer", terms.issuer)
    for i, url in enumerate(terms.source.urls):
        yield _row("metadata", f"GET {url}") if i == 0 else _row("", f"or, where it is not there, {url}")


def _let_in(outcome: Outcome) -> Iterator[str]:
    terms = outcome.terms
    if terms.resource is not None:
        yield _row("let in", f"as {names.ISSUER_KIND} {terms.resource.name} says")
    else:
        yield from _rows("let in", in_words(terms))
    if (stated := terms.software_statement) is not None:
        yield _row("", f"with the software statement in Secret {stated.secret}, key {stated.key}")


def _outcome(outcome: Outcome) -> Iterator[str]:
    terms = outcome.terms
    if terms.issuer:
        yield from _metadata(terms)
    elif terms.resource is not None:
        yield _row("issuer", f"that of {names.ISSUER_KIND} {terms.resource.name}")
    where = terms.registration_endpoint or "the registration_endpoint of these metadata"
    if outcome.adopt is not None:
        yield _row("client", f"taken over as Secret {outcome.adopt} hands it over, and not registered; it is to be")
    else:
        yield from _let_in(outcome)
        yield _row("registers", f"POST {where}" if terms.issuer else "what is written, and what the issuer adds to it")
    yield from (_row("", line) for line in _members(outcome.metadata.members))
    if outcome.not_sent:
        shown = ", ".join(cleaned(name, limit=80) for name in outcome.not_sent)
        yield _row("", f"without {shown}, as spec.dialect of the issuer has it")
    if outcome.signing is not None:
        yield _row("", f"and jwks with the public key that the operator makes ({outcome.signing})")
    yield _row("publishes", f"Secret {outcome.publication.secret_name} with {', '.join(_keys(outcome.keys))},")
    yield _row("", f"and what the server names of {' and '.join(_if_known(outcome.if_known))}")
    for key, template in outcome.publication.template.items():
        yield _row("", f"and {key}, by its template, of {', '.join(template.names)}")
    copied = outcome.publication.metadata
    for what, written in (("labels", copied.labels), ("annotations", copied.annotations)) if copied is not None else ():
        if written:
            yield _row("", f"and the {what} {', '.join(written)}")


def _members(members: Mapping[str, JSON]) -> Iterator[str]:
    """Yield a JSON object, one member a line."""
    written = [f"{json.dumps(n, ensure_ascii=False)}: {json.dumps(v, ensure_ascii=False)}" for n, v in members.items()]
    yield "{"
    yield from (f"  {member}{',' if i < len(written) else ''}" for i, member in enumerate(written, 1))
    yield "}"


def _keys(names_of: Mapping[str, str]) -> Iterator[str]:
    yield from (name if name == key else f"{name} ({key})" for key, name in names_of.items())


def _if_known(names_of: Mapping[str, str]) -> Iterator[str]:
    """Yield what the server decides: of endpoints, of which there are many, those that have another name."""
    shown = {k: name for k, name in names_of.items() if k != name or k not in names.PUBLISHED_ENDPOINTS}
    yield from [", ".join(_keys(shown))] if shown else []
    yield "its other endpoints" if shown.keys() & set(names.PUBLISHED_ENDPOINTS) else "its endpoints"


def _rows(label: str, said: Iterable[str]) -> Iterator[str]:
    yield from (_row("" if i else label, line) for i, line in enumerate(said))


def _row(label: str, said: str) -> str:
    return f"{_INDENT}{label.ljust(_LABEL)}{said}"
