"""Create, Describe, Update and Delete of any kind, and the stages that a resource passes with time."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from controller.sandbox.kind import SandboxKind, StateSequence
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import ClientToken, LifecycleStep, Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, invalid
from controller.sandbox.tags import given_tags

Put = Callable[[float, Json], Json]  # from the time, and the body at that time


@dataclass(frozen=True)
class Stage:
    """A stage: the members that it sets, and its duration. The last one has no end."""

    put: Put
    seconds: float = 0.0
    drop: tuple[str, ...] = ()
    gone: bool = False


def constant(members: Json) -> Put:
    """Return these members at any time."""
    return lambda _at, _body: members


def enter_stages(request: OperationRequest, row: Row, stages: Iterable[Stage], modified: str | None) -> Row:
    """Return the row in the first of its stages, with the later ones due."""
    at, body, steps = request.now, dict(row.body), list[LifecycleStep]()
    for stage in stages:
        put = stage.put(at, body)
        body = {name: value for name, value in body.items() if name not in stage.drop} | put
        if at <= request.now:  # stages without duration are not visible
            row = replace(row, body=body)
        else:
            moved = {modified: at} if modified else {}
            steps.append(LifecycleStep(at=at, put=put | moved, drop=stage.drop, gone=stage.gone))
        at = request.time_after(stage.seconds, at)
    return replace(row, due=tuple(steps))


def create(kind: SandboxKind, request: OperationRequest) -> Json:
    """Create a resource in its first state."""
    token = kind.token(request) if kind.token else None
    if token is not None and (replayed := _created_with_token(kind, request, token)) is not None:
        return replayed.body
    for guard in kind.guards:
        guard(request)
    tags = given_tags(request.params.get("Tags"))
    arn, name = (
        kind.identify(request) if kind.identify else (kind.arn_in(request), request.params[kind.named])
    )
    if (there := request.state.find(arn, request.now)) is not None and not kind.is_deleted(there):
        return _create_again(kind, request, there, name)
    row = Row(
        arn=arn,
        kind=kind.name,
        name=name,
        serial=request.state.count("serial"),
        created=request.now,
        body=_created_body(kind, request, arn),
        tags=tags or None,
        keep=kind.keep(request),
    )
    row = kind.grow(request, row) if kind.grow else _begin_creation(kind, request, row)
    request.commit(None, row)
    for follow in kind.follows:
        follow(request, row)
    if token is not None:
        request.state.remember(f"{kind.name}:{token}", ClientToken(arn, _digest(request.params)))
    return row.body


def describe(kind: SandboxKind, request: OperationRequest) -> Json:
    """Return the response of Describe."""
    arn = kind.arn_in(request)
    row = request.state.described_row(arn, request.now)
    if row is None or row.kind != kind.name:
        raise kind.missing.refusal(arn=arn, name=arn.rpartition("/")[2])
    if kind.shown is not None:
        return kind.shown(request, row)
    return {kind.within: row.body} if kind.within else row.body


def update(
    kind: SandboxKind, change: Callable[[OperationRequest, Row], Row], request: OperationRequest
) -> Json:
    """Update a resource that is not in transition."""
    row = _find_settled(kind, request, kind.life.busy if kind.life else frozenset())
    for guard in kind.update_guards:
        guard(request, row)
    changed = _with_modified_time(kind, request, row, change(request, row))
    request.commit(row, changed)
    return {**changed.body, kind.within: changed.body} if kind.within else changed.body


def delete(kind: SandboxKind, request: OperationRequest) -> Json:
    """Delete a resource, through its deleting state if it has one."""
    life = kind.life
    row = _find_settled(kind, request, life.busy | life.running if life else frozenset())
    for guard in kind.delete_guards:
        guard(request, row)
    end = LifecycleStep(
        at=request.time_after(life.deletion_seconds(request) if life and life.deletion_seconds else 0.0),
        gone=True,
    )
    for other in kind.along(request, row):
        request.commit(other, replace(other, due=(*other.due, end)) if end.at > request.now else None)
    if life is None or (end.at <= request.now and life.deleted is None):
        request.commit(row, None)
    else:
        stored_row = replace(
            row,
            body=row.body | {life.status: life.deleting},
            due=(*_deletion_steps(kind, life, request, end), _end_of_deletion(kind, life, request, end)),
        )
        request.commit(row, _with_modified_time(kind, request, row, stored_row))
    return row.body | kind.delete_response


def _deletion_steps(
    kind: SandboxKind, life: StateSequence, request: OperationRequest, end: LifecycleStep
) -> Iterator[LifecycleStep]:
    """The states between the first of a deletion and its end."""
    at = request.now
    for word, seconds in life.deletion_states:
        at = request.time_after(seconds(request), at)
        if at < end.at:
            yield LifecycleStep(
                at=at, put={life.status: word, **({kind.modified: at} if kind.modified else {})}
            )


def _end_of_deletion(
    kind: SandboxKind, life: StateSequence, request: OperationRequest, end: LifecycleStep
) -> LifecycleStep:
    """Return the end of a deletion: no row, a final state, or a failure."""
    moved = {kind.modified: end.at} if kind.modified else {}
    if request.effect.fails is not None and life.delete_failed is not None:
        put = {life.status: life.delete_failed, **_failure_members(life, request.effect.fails), **moved}
        return replace(end, gone=False, put=put)
    if life.deleted is not None:
        return replace(end, gone=False, put={life.status: life.deleted, **moved})
    return end


def stop(kind: SandboxKind, halt: Callable[[OperationRequest, Row], Row], request: OperationRequest) -> Json:
    """Stop a running resource, which takes time."""
    row = _find_existing(kind, request, kind.unknown or kind.missing)
    stopping = _with_modified_time(kind, request, row, halt(request, row))
    request.commit(row, stopping)
    for follow in kind.follows:
        follow(request, stopping)
    return stopping.body


def _create_again(kind: SandboxKind, request: OperationRequest, there: Row, name: str) -> Json:
    if kind.again is None:
        raise kind.exists.refusal(arn=there.arn, name=name)
    request.commit(there, after := kind.again(request, there))
    return after.body


def _failure_members(life: StateSequence, reason: str) -> Json:
    return {life.failure: reason} if life.failure_members is None else life.failure_members(reason)


def _find_existing(kind: SandboxKind, request: OperationRequest, missing: Phrase) -> Row:
    arn = kind.arn_in(request)
    row = request.state.find(arn, request.now)
    if row is None or row.kind != kind.name:
        raise missing.refusal(arn=arn, name=arn.rpartition("/")[2])
    return row


def _find_settled(kind: SandboxKind, request: OperationRequest, busy: frozenset[str]) -> Row:
    row = _find_existing(kind, request, kind.missing)
    if kind.life and row.body.get(kind.life.status) in busy:
        raise kind.busy.refusal(arn=row.arn, name=row.name)
    return row


def _with_modified_time(kind: SandboxKind, request: OperationRequest, row: Row, changed: Row) -> Row:
    """Return the changed row with the time of its change, which moves even if the clock does not."""
    if kind.modified is None:
        return changed
    moved = round(max(request.now, row.body[kind.modified] + 0.001), 3)
    return replace(changed, body=changed.body | {kind.modified: moved})


def _created_body(kind: SandboxKind, request: OperationRequest, arn: str) -> Json:
    sent = {k: v for k, v in request.params.items() if k not in kind.instructions and k != "Tags"}
    times = {kind.created: request.now} | ({kind.modified: request.now} if kind.modified else {})
    arns = dict.fromkeys({f"{kind.name}Arn", kind.arn_member or f"{kind.name}Arn"}, arn)
    body = sent | times | arns | kind.initial(request)
    return {name: value for name, value in body.items() if value is not None}


def _begin_creation(kind: SandboxKind, request: OperationRequest, row: Row) -> Row:
    """Return the row in the first state of its life, with the later states due."""
    life = kind.life
    if life is None:
        return row
    put, drop = kind.settle(request, row.body) if kind.settle else ({}, ())
    last: Json = {life.status: life.stable} | put
    if request.effect.fails is not None:
        last, drop = {life.status: life.failed, **_failure_members(life, request.effect.fails)}, ()
    stages = [
        Stage(put=constant({life.status: word}), seconds=seconds(request)) for word, seconds in life.growth
    ]
    return enter_stages(request, row, [*stages, Stage(put=constant(last), drop=drop)], kind.modified)


def _created_with_token(kind: SandboxKind, request: OperationRequest, token: str) -> Row | None:
    used = request.state.tokens.get(f"{kind.name}:{token}")
    row = request.state.find(used.arn, request.now) if used else None
    if used is None or row is None:
        return None
    if used.digest != _digest(request.params):
        # No public source has SageMaker's message; this one follows EC2's IdempotentParameterMismatch.
        raise invalid("The client token was already used by a request with other parameters.")
    return row


def _digest(params: Json) -> str:
    return hashlib.sha256(json.dumps(params, sort_keys=True).encode()).hexdigest()
