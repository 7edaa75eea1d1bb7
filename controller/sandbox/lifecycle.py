"""Create, Describe, Update and Delete of any kind, and the stages that a resource passes by the clock."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from controller.sandbox.kind import Life, SandboxKind
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import ClientToken, LifecycleStep, Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, invalid
from controller.sandbox.tags import given_tags

Put = Callable[[float, Json], Json]  # from the instant, and the body at that time


@dataclass(frozen=True)
class Stage:
    """A stage: what is put when it begins, and how long it lasts. The last one lasts for ever."""

    put: Put
    seconds: float = 0.0
    drop: tuple[str, ...] = ()
    gone: bool = False


def says(members: Json) -> Put:
    """Put these members, whenever it is."""
    return lambda _at, _body: members


def walked(ask: OperationRequest, row: Row, stages: Iterable[Stage], modified: str | None) -> Row:
    """Return the row in the first of its stages, with the later ones due."""
    at, body, steps = ask.now, dict(row.body), list[LifecycleStep]()
    for stage in stages:
        put = stage.put(at, body)
        body = {name: value for name, value in body.items() if name not in stage.drop} | put
        if at <= ask.now:  # stages that take no time are not seen
            row = replace(row, body=body)
        else:
            moved = {modified: at} if modified else {}
            steps.append(LifecycleStep(at=at, put=put | moved, drop=stage.drop, gone=stage.gone))
        at = ask.at(stage.seconds, at)
    return replace(row, due=tuple(steps))


def create(kind: SandboxKind, ask: OperationRequest) -> Json:
    """Bring a resource into the world, in its first state."""
    token = kind.token(ask) if kind.token else None
    if token is not None and (replayed := _replayed(kind, ask, token)) is not None:
        return replayed.body
    for guard in kind.guards:
        guard(ask)
    tags = given_tags(ask.params.get("Tags"))
    arn, name = kind.identify(ask) if kind.identify else (kind.arn_in(ask), ask.params[kind.named])
    if (there := ask.world.find(arn, ask.now)) is not None and not kind.is_deleted(there):
        return _again(kind, ask, there, name)
    row = Row(
        arn=arn,
        kind=kind.name,
        name=name,
        serial=ask.world.count("serial"),
        created=ask.now,
        body=_newborn(kind, ask, arn),
        tags=tags or None,
        keep=kind.keep(ask),
    )
    row = kind.grow(ask, row) if kind.grow else _growing(kind, ask, row)
    ask.commit(None, row)
    for follow in kind.follows:
        follow(ask, row)
    if token is not None:
        ask.world.remember(f"{kind.name}:{token}", ClientToken(arn, _digest(ask.params)))
    return row.body


def describe(kind: SandboxKind, ask: OperationRequest) -> Json:
    """Say what is known of a resource."""
    arn = kind.arn_in(ask)
    row = ask.world.described(arn, ask.now)
    if row is None or row.kind != kind.name:
        raise kind.missing.refusal(arn=arn, name=arn.rpartition("/")[2])
    if kind.shown is not None:
        return kind.shown(ask, row)
    return {kind.within: row.body} if kind.within else row.body


def update(kind: SandboxKind, change: Callable[[OperationRequest, Row], Row], ask: OperationRequest) -> Json:
    """Change a resource that is at rest."""
    row = _at_rest(kind, ask, kind.life.busy if kind.life else frozenset())
    for guard in kind.update_guards:
        guard(ask, row)
    changed = _touched(kind, ask, row, change(ask, row))
    ask.commit(row, changed)
    return {**changed.body, kind.within: changed.body} if kind.within else changed.body


def delete(kind: SandboxKind, ask: OperationRequest) -> Json:
    """Take a resource out of the world, by way of its dying state if it has one."""
    life = kind.life
    row = _at_rest(kind, ask, life.busy | life.running if life else frozenset())
    for guard in kind.delete_guards:
        guard(ask, row)
    end = LifecycleStep(at=ask.at(life.death(ask) if life and life.death else 0.0), gone=True)
    for other in kind.along(ask, row):
        ask.commit(other, replace(other, due=(*other.due, end)) if end.at > ask.now else None)
    if life is None or (end.at <= ask.now and life.deleted is None):
        ask.commit(row, None)
    else:
        stored_row = replace(
            row,
            body=row.body | {life.status: life.deleting},
            due=(*_deletion_steps(kind, life, ask, end), _ending(kind, life, ask, end)),
        )
        ask.commit(row, _touched(kind, ask, row, stored_row))
    return row.body | kind.delete_response


def _deletion_steps(
    kind: SandboxKind, life: Life, ask: OperationRequest, end: LifecycleStep
) -> Iterator[LifecycleStep]:
    """The states between the first of a deletion and its end."""
    at = ask.now
    for word, seconds in life.deletion_states:
        at = ask.at(seconds(ask), at)
        if at < end.at:
            yield LifecycleStep(
                at=at, put={life.status: word, **({kind.modified: at} if kind.modified else {})}
            )


def _ending(kind: SandboxKind, life: Life, ask: OperationRequest, end: LifecycleStep) -> LifecycleStep:
    """Return what a deletion comes to: nothing, a last state, or a failure."""
    moved = {kind.modified: end.at} if kind.modified else {}
    if ask.fate.fails is not None and life.delete_failed is not None:
        put = {life.status: life.delete_failed, **_failure_members(life, ask.fate.fails), **moved}
        return replace(end, gone=False, put=put)
    if life.deleted is not None:
        return replace(end, gone=False, put={life.status: life.deleted, **moved})
    return end


def stop(kind: SandboxKind, halt: Callable[[OperationRequest, Row], Row], ask: OperationRequest) -> Json:
    """End what runs, in its own time."""
    row = _living(kind, ask, kind.unknown or kind.missing)
    stopping = _touched(kind, ask, row, halt(ask, row))
    ask.commit(row, stopping)
    for follow in kind.follows:
        follow(ask, stopping)
    return stopping.body


def _again(kind: SandboxKind, ask: OperationRequest, there: Row, name: str) -> Json:
    if kind.again is None:
        raise kind.exists.refusal(arn=there.arn, name=name)
    ask.commit(there, after := kind.again(ask, there))
    return after.body


def _failure_members(life: Life, reason: str) -> Json:
    return {life.failure: reason} if life.failure_members is None else life.failure_members(reason)


def _living(kind: SandboxKind, ask: OperationRequest, missing: Phrase) -> Row:
    arn = kind.arn_in(ask)
    row = ask.world.find(arn, ask.now)
    if row is None or row.kind != kind.name:
        raise missing.refusal(arn=arn, name=arn.rpartition("/")[2])
    return row


def _at_rest(kind: SandboxKind, ask: OperationRequest, busy: frozenset[str]) -> Row:
    row = _living(kind, ask, kind.missing)
    if kind.life and row.body.get(kind.life.status) in busy:
        raise kind.busy.refusal(arn=row.arn, name=row.name)
    return row


def _touched(kind: SandboxKind, ask: OperationRequest, row: Row, changed: Row) -> Row:
    """Return the changed row with the time of its change, which moves even if the clock does not."""
    if kind.modified is None:
        return changed
    moved = round(max(ask.now, row.body[kind.modified] + 0.001), 3)
    return replace(changed, body=changed.body | {kind.modified: moved})


def _newborn(kind: SandboxKind, ask: OperationRequest, arn: str) -> Json:
    sent = {k: v for k, v in ask.params.items() if k not in kind.unkept and k != "Tags"}
    times = {kind.created: ask.now} | ({kind.modified: ask.now} if kind.modified else {})
    arns = dict.fromkeys({f"{kind.name}Arn", kind.arn_member or f"{kind.name}Arn"}, arn)
    body = sent | times | arns | kind.birth(ask)
    return {name: value for name, value in body.items() if value is not None}


def _growing(kind: SandboxKind, ask: OperationRequest, row: Row) -> Row:
    """Return the row in the first state of its life, with the later ones due."""
    life = kind.life
    if life is None:
        return row
    put, drop = kind.settle(ask, row.body) if kind.settle else ({}, ())
    last: Json = {life.status: life.stable} | put
    if ask.fate.fails is not None:
        last, drop = {life.status: life.failed, **_failure_members(life, ask.fate.fails)}, ()
    stages = [Stage(put=says({life.status: word}), seconds=seconds(ask)) for word, seconds in life.growth]
    return walked(ask, row, [*stages, Stage(put=says(last), drop=drop)], kind.modified)


def _replayed(kind: SandboxKind, ask: OperationRequest, token: str) -> Row | None:
    used = ask.world.tokens.get(f"{kind.name}:{token}")
    row = ask.world.find(used.arn, ask.now) if used else None
    if used is None or row is None:
        return None
    if used.digest != _digest(ask.params):
        # No public source has SageMaker's words for this; they are ours, after EC2's
        # IdempotentParameterMismatch.
        raise invalid("The client token was already used by a request with other parameters.")
    return row


def _digest(params: Json) -> str:
    return hashlib.sha256(json.dumps(params, sort_keys=True).encode()).hexdigest()
