"""Checks of one document: substitute variables, and check spec and policy against the kind's contract."""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any

from controller.core.did_you_mean import did_you_mean
from controller.core.finding import Code, Finding, errors
from controller.core.path import Path, from_pointer, get
from controller.core.ref import Ref
from controller.manifests.document import POLICY, Document, OriginMap, Policy
from controller.manifests.envelope import Envelope
from controller.manifests.interpolation import is_deferred
from controller.manifests.substitute import substitute
from controller.runtime.redaction import SHORTEST, without_texts
from controller.schema.check import check, check_name
from controller.schema.contract import Contract, contract
from controller.schema.leaf import SpecPosition, Violation
from controller.schema.names import aws_path, by_camel, lower_camel
from controller.schema.sensitive import pattern, scalars

_SHOWN = "names, links, tags and states distinguish resources and can't be hidden"
_SHOWN_HINT = "AWS shows them in lists, ARNs and logs; keep what is secret out of them"
# Findings that do not affect the type of the value.
_TYPED = frozenset({Code.REQUIRED, Code.ENUM, Code.RANGE, Code.PATTERN, Code.RULE, Code.UNPROTECTABLE})


def examine(
    envelope: Envelope,
    found: Iterable[Finding],
    origins: OriginMap,
    variables: Mapping[str, Any],
    broken: frozenset[Path] = frozenset(),
) -> tuple[Document, tuple[Finding, ...]]:
    """The document of an envelope, with all findings.

    Args:
        envelope: the readable part of the envelope.
        found: the findings about the envelope; below their paths nothing more is reported.
        origins: the position of each value.
        variables: the values to substitute.
        broken: paths whose values could not be read, which was reported then.

    """
    before = tuple(found)
    reported = broken | {each.path for each in before}
    document, more = _check_envelope(envelope, origins, variables)
    findings = (
        *(f for f in before if not _is_within(f.path, broken)),
        *(f for f in more if not _is_within(f.path, reported)),
    )
    wrong = errors((*before, *more))
    if not wrong and not broken:
        return document, findings
    faults = broken | {each.path for each in wrong}
    spec = document.spec
    for path in broken | {each.path for each in wrong if each.code not in _TYPED}:
        if path[:1] == ("spec",):
            spec = _without_value(spec, path[1:])
    return replace(document, spec=spec, faults=faults), findings


def _is_within(path: Path, paths: AbstractSet[Path]) -> bool:
    return any(path[:end] in paths for end in range(len(path) + 1))


def _without_value(value: Any, path: Path) -> Any:
    """A copy without the value at the path; in a list None replaces it, so that the others keep their positions."""
    if not path:
        return {}
    head, rest = path[0], path[1:]
    if isinstance(value, dict) and head in value:
        kept = {key: inner for key, inner in value.items() if key != head}
        return {**kept, head: _without_value(value[head], rest)} if rest else kept
    if isinstance(value, list) and isinstance(head, int) and head < len(value):
        return [*value[:head], _without_value(value[head], rest) if rest else None, *value[head + 1 :]]
    return value


def _check_envelope(
    envelope: Envelope, origins: OriginMap, variables: Mapping[str, Any]
) -> tuple[Document, tuple[Finding, ...]]:
    of = contract(envelope.kind)
    named = envelope.metadata
    filled = substitute(envelope.spec, of, variables)
    reported = {problem.path for problem in filled.problems}
    ignored, bad = _pointers(envelope, of, "ignore")
    marked, wrong = _pointers(envelope, of, "sensitive")
    hidden = (*marked, *filled.sensitive)
    checked = (
        _without_values(each, filled.spec, hidden)
        for each in check(filled.spec, of, defers=is_deferred, sensitive=hidden)
        if each.path not in reported
    )
    findings = (
        *_findings(("spec",), (*filled.problems, *checked, *_shown_names(filled.sensitive, of)), origins),
        *_findings(("policy", "sensitive"), (*wrong, *_shown_marks(envelope, marked, of)), origins),
        *_findings(("metadata", "name"), check_name(named.name, filled.spec, of), origins),
        *_findings(("policy", "ignore"), bad, origins),
        *_findings(("policy", "arn"), _check_policy_arn(envelope, of), origins),
        *_findings(("policy", "protect"), _check_protect(envelope, of), origins),
    )
    ref = Ref(envelope.kind, named.name, named.namespace)
    document = Document(ref, filled.spec, _policy(envelope, ignored, hidden), origins.nearest(()), origins)
    return document, findings


def _findings(prefix: Path, problems: Iterable[Violation], origins: OriginMap) -> Iterator[Finding]:
    for problem in problems:
        path = prefix + problem.path
        origin = origins.nearest(path)
        yield Finding(problem.code, problem.message, origin, path, problem.hint, problem.severity)


_USUAL = Policy()  # shared by nearly all documents


def _policy(envelope: Envelope, ignored: tuple[Path, ...], sensitive: tuple[Path, ...]) -> Policy:
    if not envelope.policy and not sensitive:
        return _USUAL
    document: dict[str, Any] = {
        name: choices(value) if (choices := POLICY[name].choices) else value
        for name, value in envelope.policy.items()
    }
    return Policy(**{**document, "ignore": ignored, "sensitive": tuple(dict.fromkeys(sensitive))})


def _check_policy_arn(envelope: Envelope, of: Contract) -> Iterator[Violation]:
    """The findings if ``policy.arn`` can't name the resource to adopt."""
    arn = envelope.policy.get("arn")
    if arn is None:
        return
    name = lower_camel(of.name_member)
    hashed = of.kind.lifecycle.has_hashed_names
    if of.kind.identity.found_by is None and (not hashed or of.kind.identity.key is not None):
        message = f"a {of.name} is found by its name, and not by an ARN"
        yield Violation(Code.RULE, (), message, "leave it out")
    elif hashed and name in envelope.spec:
        yield Violation(Code.RULE, (), f"spec.{name} names the resource already", "leave out one of the two")
    elif not arn.startswith("arn:"):
        yield Violation(Code.PATTERN, (), "this is not an ARN")


def _check_protect(envelope: Envelope, of: Contract) -> Iterator[Violation]:
    """The findings if ``policy.protect`` has no effect: it is a tag, and not every resource can carry one."""
    found_by = of.kind.identity.found_by
    marked = found_by is not None and bool(found_by.marker) and lower_camel(found_by.when) in envelope.spec
    if envelope.policy.get("protect") is True and (marked or not of.taggable):
        which = f"a {of.name} with {lower_camel(found_by.when)}" if marked and found_by else f"a {of.name}"
        message = f"{which} carries no tags, so nothing would protect it once this document is gone"
        yield Violation(
            Code.UNPROTECTABLE, (), message, "policy.deletion: Retain or Confirm guards it instead"
        )


def _pointers(envelope: Envelope, of: Contract, name: str) -> tuple[tuple[Path, ...], list[Violation]]:
    paths, problems = [], []
    for at, text in enumerate(envelope.policy.get(name, ())):
        path = _parse_pointer(text, of, at)
        if isinstance(path, Violation):
            problems.append(path)
        else:
            paths.append(path)
    return tuple(paths), problems


def _without_values(problem: Violation, spec: Mapping[str, Any], sensitive: tuple[Path, ...]) -> Violation:
    """The violation without the values at sensitive paths, which a rule may quote."""
    if not sensitive:
        return problem
    texts = {
        str(each) for path in sensitive for each in scalars(get(spec, path)) if len(str(each)) >= SHORTEST
    }
    message, hint = (without_texts(each, texts) for each in (problem.message, problem.hint))
    return replace(problem, message=message, hint=hint)


def _is_shown(path: Path, of: Contract) -> bool:
    """Whether a member identifies resources, so that it can't be hidden."""
    at = aws_path(path, of.spec)
    return (
        not at
        or at[0] in of.distinguishing
        or pattern(at, of) in {link.field for link in of.kind.identity.links}
    )


def _shown_marks(envelope: Envelope, marked: tuple[Path, ...], of: Contract) -> Iterator[Violation]:
    written = [_parse_pointer(text, of, at) for at, text in enumerate(envelope.policy.get("sensitive", ()))]
    for at, path in enumerate(written):
        if path in marked and not isinstance(path, Violation) and _is_shown(path, of):
            yield Violation(Code.RULE, (at,), _SHOWN, _SHOWN_HINT)


def _shown_names(paths: Iterable[Path], of: Contract) -> Iterator[Violation]:
    for path in paths:
        if _is_shown(path, of):
            yield Violation(Code.RULE, path, f"a sensitive variable is used here: {_SHOWN}", _SHOWN_HINT)


def _parse_pointer(text: str, of: Contract, at: int) -> Path | Violation:
    try:
        written = from_pointer(text)
    except ValueError:
        hint = "a JSON pointer into spec starts with '/': /productionVariants/0/initialInstanceCount"
        return Violation(Code.BAD_REFERENCE, (at,), "this is not a JSON pointer", hint)
    beyond = {"Tags", *of.kind.compare.documents}
    position, path = SpecPosition((), "", of.spec), list[str | int]()
    for part in written:
        # Digits may be a position in a list or a key in a map.
        key = part if position.shape is not None and position.shape.type == "list" else str(part)
        if position.member not in beyond and not _leads_on(position, key):
            choices = (
                by_camel(position.shape.name)
                if position.shape is not None and position.shape.type == "structure"
                else ()
            )
            return Violation(
                Code.BAD_REFERENCE, (at,), f"spec has no '{key}' there", did_you_mean(str(key), choices)
            )
        position = position if position.member in beyond else position.into(key)
        path.append(key)
    return tuple(path)


def _leads_on(position: SpecPosition, key: str | int) -> bool:
    if position.shape is None:
        return False
    match position.shape.type:
        case "structure":
            return key in by_camel(position.shape.name)
        case "list":
            return isinstance(key, int)
        case "map":
            return True
    return False
