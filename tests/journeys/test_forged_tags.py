"""A forged resource with the ownership tag, with the name of a creation whose result is unknown."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from controller.core.cloud import Call
from controller.core.phase import Action, Convergence, Phase
from controller.core.reason import NOT_OURS, Reason
from controller.core.ref import Ref
from controller.engine.observed import DIGEST, digest_tag
from controller.engine.provenance import MOST_SENT
from controller.inventory.codec import entry_json, read_entry
from controller.inventory.model import Entry, Generation, PendingChange
from controller.sandbox import InjectedFault
from controller.schema.contract import contract
from tests.journeys.stage import Stage, document_text, step_of
from tests.kinds.cases import CASES
from tests.kinds.sample import walk

# The case of a ModelPackage is a version, which has a marker and no tags.
TAGGED = [kind for kind in CASES if contract(kind).taggable and kind != "ModelPackage"]


class Killed(BaseException):
    """Stands for ``kill -9``: no code runs after it, and no handler catches it."""


def _documents(kind: str, policy: str = "") -> tuple[str, str]:
    """Two documents of a kind that differ in a member that an update can change, if there is one."""
    case = CASES[kind]
    before, after = next(iter(case.changes.values()), case.frozen)
    return case.document(kind, before, policy), case.document(kind, after, policy)


def _kill_at_creation(stage: Stage, kind: str, *documents: str, made: bool) -> Call:
    """Kill a pass at a creation of a kind, before or after AWS has executed it; returns the call."""
    calls: list[Call] = []

    def before(call: Call) -> None:
        if call.operation == contract(kind).creates.name:
            calls.append(call)
            if made:
                stage.cloud_now(call)
            raise Killed

    stage.before_call = before
    with pytest.raises(Killed):
        stage.reconcile(*documents, concurrency=1)
    stage.before_call = lambda _: None
    return calls[0]


def _forge(stage: Stage, kind: str, call: Call) -> frozenset[str]:
    """Create a resource as that call does, with the ownership tag and another digest; returns its ARNs."""
    tags: Any = call.params["Tags"]
    other = "0" * 16
    if isinstance(tags, dict):
        forged: Any = {**tags, DIGEST: other}
    else:
        forged = [each if each["Key"] != DIGEST else {**each, "Value": other} for each in tags]
    params = {name: value for name, value in call.params.items() if name not in contract(kind).spec.tokens}
    there = frozenset(stage.sandbox.resources())
    stage.cloud_now(replace(call, params={**params, "Tags": forged}))
    return frozenset(stage.sandbox.resources()) - there


def _changes_of(stage: Stage, *names: str) -> Iterator[str]:
    """The changes that name one of these ARNs."""
    for record in stage.sandbox.calls:
        if record.mutating and record.error is None and set(names) & set(map(str, record.params.values())):
            yield record.operation


@pytest.mark.parametrize("kind", walk(TAGGED))
def test_a_forged_tag_takes_nothing_of_a_creation_that_was_never_sent(stage: Stage, kind: str) -> None:
    """Of every kind: killed before the creation, the name is taken with the tag; it is not changed, and reported."""
    case, (before, after) = CASES[kind], _documents(kind)
    stage.apply(*case.needs)
    made = _forge(stage, kind, _kill_at_creation(stage, kind, *case.needs, before, made=False))
    stage.forget_calls()
    planned = step_of(stage.plan(*case.needs, before), f"{kind}/{case.name}")
    assert (planned.action, planned.why) == (Action.BLOCKED, Reason.NOT_IN_INVENTORY)
    assert "policy.adopt: Always takes it back" in planned.detail
    for documents in ((before,), (after,), (before,), ()):
        stage.apply(*case.needs, *documents, timeout=600)
    stage.apply(*case.needs, prune=True, confirm_deletes=2, timeout=600)
    stage.destroy(*case.needs, after, timeout=600)
    assert [*_changes_of(stage, planned.arn, str(planned.name), *made)] == []
    assert made <= frozenset(stage.sandbox.resources())


@pytest.mark.parametrize("kind", walk(kind for kind in TAGGED if not contract(kind).kind.lifecycle.runs))
def test_a_resource_with_a_forged_tag_is_adopted_by_policy(stage: Stage, kind: str) -> None:
    """Of every kind that lasts: the policy that the message names adopts it into the inventory."""
    case = CASES[kind]
    stage.apply(*case.needs)
    _forge(stage, kind, _kill_at_creation(stage, kind, *case.needs, _documents(kind)[0], made=False))
    report = stage.apply(*case.needs, _documents(kind, "adopt: Always")[0])
    assert report.convergence is Convergence.SETTLED, [each.message for each in report.outcomes]
    again = step_of(stage.plan(*case.needs, _documents(kind)[0]), f"{kind}/{case.name}")
    assert (again.action, again.why) == (Action.NOOP, Reason.READY)


@pytest.mark.parametrize("kind", walk(TAGGED))
def test_a_lost_creation_is_owned_after_an_edit_before_the_retry(stage: Stage, kind: str) -> None:
    """Of every kind: created, the response lost, not visible, edited and retried; once visible, it is owned."""
    case, (before, after) = CASES[kind], _documents(kind)
    stage.apply(*case.needs)
    stage.sandbox.inject(InjectedFault.STALE, operation=contract(kind).creates.name, seconds=100)
    _kill_at_creation(stage, kind, *case.needs, before, made=True)
    stage.reconcile(*case.needs, after)
    stage.sandbox.clear_faults()
    stage.wait(300)
    report = stage.apply(*case.needs, after)
    reasons = {each.step.why for each in report.outcomes}
    assert not NOT_OURS & reasons, [each.message for each in report.outcomes]
    assert report.convergence is Convergence.SETTLED or Reason.IMMUTABLE in reasons
    gone = stage.destroy(*case.needs, after)
    assert not NOT_OURS & {each.step.why for each in gone.outcomes}


UNTAGGED = [
    kind
    for kind, case in CASES.items()
    if not (its := contract(kind)).taggable
    and not (its.kind.identity.found_by or its.kind.lifecycle.shared or its.kind.lifecycle.runs)
    and (case.changes or case.frozen[1])
]


@pytest.mark.parametrize("kind", UNTAGGED)
@pytest.mark.parametrize("same", [True, False])
def test_without_tags_the_sent_request_is_compared(stage: Stage, kind: str, same: bool) -> None:
    """Killed before the creation, and another user created the document's resource, or another one with its key."""
    case, (before, after) = CASES[kind], _documents(kind)
    stage.apply(*case.needs)
    (theirs,) = step_of(stage.plan(*case.needs, before if same else after), f"{kind}/{case.name}").calls
    _kill_at_creation(stage, kind, *case.needs, before, made=False)
    stage.cloud_now(theirs)
    stage.forget_calls()
    planned = step_of(stage.apply(*case.needs, before, timeout=600).plan, f"{kind}/{case.name}")
    assert stage.mutations() == []
    if same:
        assert (planned.action, planned.why) == (Action.NOOP, Reason.READY)
    else:
        assert (planned.action, planned.why) == (Action.BLOCKED, Reason.NOT_OWNED)
        stage.apply(*case.needs, prune=True, confirm_deletes=1, timeout=600)
        assert stage.mutations() == []


@pytest.mark.parametrize("kind", UNTAGGED)
def test_without_tags_a_retry_keeps_ownership(stage: Stage, kind: str) -> None:
    """Created, the response lost, not visible yet, and the name refused at the retry: once visible, it is owned."""
    case, (document, _) = CASES[kind], _documents(kind)
    stage.apply(*case.needs)
    before = frozenset(stage.sandbox.resources())
    stage.sandbox.inject(InjectedFault.STALE, operation=contract(kind).creates.name, seconds=100)
    _kill_at_creation(stage, kind, *case.needs, document, made=True)
    stage.reconcile(*case.needs, document)
    stage.sandbox.clear_faults()
    stage.wait(300)
    assert stage.apply(*case.needs, document).convergence is Convergence.SETTLED
    stage.apply(*case.needs, prune=True, confirm_deletes=1)
    assert frozenset(stage.sandbox.resources()) == before


def test_a_failed_resource_with_a_forged_tag_is_not_owned(stage: Stage) -> None:
    """Killed before the creation, the name taken, and its dependency deleted: the inventory records no creation."""
    case = CASES["Endpoint"]
    stage.apply(*case.needs)
    config = stage.inventory().of(Ref("EndpointConfig", "fraud")).name
    stage.set, document = "team", document_text("Endpoint", case.name, f"endpointConfigName: {config}")
    call = _kill_at_creation(stage, "Endpoint", document, made=False)
    stage.sandbox.inject(InjectedFault.FAIL, operation="CreateEndpoint")
    made = _forge(stage, "Endpoint", call)
    stage.wait(7200)
    stage.cloud_now(Call("DeleteEndpointConfig", {"EndpointConfigName": config}))
    planned = step_of(stage.reconcile(document).plan, f"Endpoint/{case.name}")
    assert (planned.phase, planned.why) == (Phase.FAILED, Reason.DEPENDENCY_MISSING)
    assert not stage.inventory().of(Ref("Endpoint", case.name)).was_made
    stage.apply(prune=True, confirm_delete=frozenset({f"Endpoint/{case.name}"}), timeout=600)
    assert made <= frozenset(stage.sandbox.resources())


def test_the_digests_that_were_sent_are_read_back_and_bounded(stage: Stage) -> None:
    """An inventory holds the last digests that were sent, and omits the member if there are none."""
    entry = Entry(
        Ref("Model", "fraud"),
        "fraud-2",
        attempt=PendingChange("d" * 64, sent=("a", "b")),
        old=(Generation("fraud-1", sent=("c",)),),
    )
    assert read_entry(entry.ref, entry_json(entry)) == entry
    plain = replace(entry, attempt=PendingChange("d"), old=(Generation("fraud-1"),))
    assert "sent" not in str(entry_json(plain))
    case = CASES["Experiment"]
    for number in range(MOST_SENT + 4):
        _kill_at_creation(
            stage, "Experiment", case.document("Experiment", f"description: try {number}"), made=False
        )
    attempt = stage.inventory().of(Ref("Experiment", case.name)).attempt
    assert attempt is not None
    assert (len(set(attempt.sent)), attempt.sent[-1]) == (MOST_SENT, digest_tag(attempt.digest))
