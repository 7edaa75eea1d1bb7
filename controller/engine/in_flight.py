"""What AWS is changing between two passes, by one List page for each kind.

A pass describes the resources in transition. Between passes one List page shows the status of up to a hundred resources
of a kind. The next pass follows when the page shows that a transition ended, or does not show the resource; it
describes only those resources, so that a resource becomes ready only by Describe.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from controller.core.cloud import CONCURRENT_CALLS, Cloud, CloudError, Fault
from controller.core.phase import Action, Convergence, Phase
from controller.engine.known_values import TAGGING
from controller.engine.lookup import phase_of_status
from controller.engine.observed import Live, ObservedAccount, PriorReads, as_map
from controller.engine.parallel_map import executor, parallel_map
from controller.engine.plan import Step
from controller.engine.report import InFlight, Outcome, Report, Result, convergence_of
from controller.inventory.model import Inventory
from controller.kinds import KINDS
from controller.schema.contract import Contract, contract
from controller.schema.listing import listing, newest_first

_MAKES = frozenset({Action.CREATE, Action.CREATE_BEFORE_DELETE})
IN_TRANSITION = frozenset({Phase.CHANGING, Phase.DELETING})
_PASSES = frozenset({Fault.THROTTLED, Fault.BUSY, Fault.UNANSWERED})
_OTHER = ""  # the group of waiting steps that no List shows
# Seconds, and a share of the elapsed time: an end is seen within 5 % of it, or within a second.
_SHORTEST, _EARLY, _LATER, _SHARE, _LATER_SHARE = 0.25, 1.0, 20.0, 0.1, 0.05


def interval(elapsed: float) -> float:
    """Seconds until the next poll of a transition, from its duration so far.

    About a hundred polls in an hour, more frequent in the beginning.
    """
    if elapsed >= _LATER:
        return elapsed * _LATER_SHARE
    return min(max(elapsed * _SHARE, _SHORTEST), _EARLY)


def has_listed_status(of: Contract) -> bool:
    """Whether one List shows the status of all resources of a kind."""
    lists = listing(of)
    if lists is None or of.status_member not in lists.element.members:
        return False
    given = of.kind.identity.fixed
    return all(each.member in given for each in lists.filters if each.required)


def in_flight(report: Report) -> dict[str, InFlight]:
    """The resources in transition after a pass that a List shows, by the ids of their steps."""
    if report.observed is None:
        return {}
    seen = {outcome.step.id: _in_flight(outcome, report.observed) for outcome in report.outcomes}
    return {step: found for step, found in seen.items() if found is not None}


def _in_flight(outcome: Outcome, observed: ObservedAccount) -> InFlight | None:
    step, started = outcome.step, outcome.result is Result.STARTED
    if convergence_of(outcome) is not Convergence.WAITING or not _is_listed(step.ref.kind):
        return None
    if started and step.action in _MAKES:
        return _created_resource(step, observed)
    live = next((each for each in observed.all_of(step.ref) if each.name == step.name), None)
    if live is None or step.action is Action.REPLACE or (outcome.calls and not started):
        return None
    resolved = observed.resolved.get(step.ref)
    left = resolved is None or live is not observed.live.get(step.ref)
    if resolved is not None and resolved.unknown and not left:
        return None
    if not started:
        return InFlight(step.ref, live, left) if _is_shown(step, live) else None
    phase = Phase.DELETING if step.action is Action.DELETE else Phase.CHANGING
    tags = None if any(call.operation in TAGGING for call in step.calls) else live.tags
    return InFlight(step.ref, replace(live, phase=phase, status="", tags=tags), left)


def _is_listed(kind: str) -> bool:
    return kind in KINDS and has_listed_status(contract(kind))


def _created_resource(step: Step, observed: ObservedAccount) -> InFlight | None:
    """The new resource of a creation, as it was sent; None if only the response names it."""
    resolved = observed.resolved[step.ref]
    if not isinstance(resolved.name, str) or resolved.unknown:
        return None
    return InFlight(step.ref, Live(resolved.name, "", Phase.CHANGING, resolved.spec, _tags_given(step)))


def _is_shown(step: Step, live: Live) -> bool:
    """Whether the status shows the transition; a List does not show an update status beside the status."""
    return live.phase in IN_TRANSITION and phase_of_status(contract(step.ref.kind), live.status) is live.phase


def _tags_given(step: Step) -> Mapping[str, str] | None:
    """The tags that a resource is made with."""
    lists = [call.params["Tags"] for call in step.calls if isinstance(call.params.get("Tags"), list)]
    return as_map(lists[0]) if lists else None


def prior_reads(earlier: Report | None, inventory: Inventory) -> PriorReads | None:
    """The reads that a pass need not repeat after an earlier one of its run.

    They are the resources that were settled and not changed, those that a List has since shown in transition, and the
    tags of what the pass created or changed. A created resource is described by the next pass: Describe may show it
    differently from the request.
    """
    if earlier is None or earlier.observed is None:
        return None
    by_document, observed = earlier.by_document(), earlier.observed
    changed = {o.step.ref for o in earlier.outcomes if o.calls or o.step.action is Action.FORGET}
    keep = {ref for ref, how in by_document.items() if how is Convergence.SETTLED and ref not in changed}
    live = {ref: observed.live[ref] for ref in keep & set(observed.live)}
    live |= {each.ref: each.live for each in earlier.in_transition.values() if not each.left}
    given = {
        inventory.of(each.ref).arn: each.live.tags for each in in_flight(earlier).values() if not each.left
    }
    return PriorReads(
        live,
        {ref: observed.resolved[ref] for ref in live},
        given={arn: tags for arn, tags in given.items() if arn and tags is not None},
        left={(each.ref, each.live.name): each.live for each in earlier.in_transition.values() if each.left},
    )


@dataclass
class Waiter:
    """Decides between two passes of a run when the next one follows. It never sleeps.

    Attributes:
        now: a monotonic clock, in seconds.
        poll: seconds between polls if configured; else they follow from the elapsed time.
        concurrency: how many Lists are read at once.

    """

    now: Callable[[], float]
    poll: float | None = None
    concurrency: int = CONCURRENT_CALLS
    _began: dict[str, float] = field(default_factory=dict)
    _polled: dict[str, float] = field(default_factory=dict)
    _seen: dict[str, InFlight] = field(default_factory=dict)
    _unlisted: set[str] = field(default_factory=set)
    _outcomes: tuple[Outcome, ...] | None = None
    _others: frozenset[str] = frozenset()

    def pause(self, report: Report) -> float:
        """Seconds until the next poll after a pass."""
        self._record_waits(report)
        return max(min(map(self._next_poll, self._groups()), default=self.now()) - self.now(), 0.0)

    def check(self, report: Report, cloud: Cloud) -> Report | None:
        """Poll the groups that are due; the report for the next pass, or None if no pass is needed yet."""
        self._record_waits(report)
        now = self.now()
        due = [group for group in self._groups() if self._next_poll(group) <= now]
        self._polled.update(dict.fromkeys(due, now))
        listed = [group for group in due if group != _OTHER]
        ended = self._has_ended(listed, cloud) or _OTHER in due
        if ended:
            unseen = {each.ref.kind for each in self._seen.values() if not each.live.status}
            self._has_ended(unseen - set(listed), cloud)
        return self.with_polled_states(report) if ended else None

    def with_polled_states(self, report: Report) -> Report:
        """The report with the polled states of the resources in transition."""
        self._record_waits(report)
        return replace(
            report, in_transition={step: each for step, each in self._seen.items() if each.live.status}
        )

    def _record_waits(self, report: Report) -> None:
        """Record what waits after a pass, and since when."""
        if report.outcomes is self._outcomes:
            return
        self._outcomes, now = report.outcomes, self.now()
        found = in_flight(report)
        self._seen = {step: each for step, each in found.items() if each.ref.kind not in self._unlisted}
        self._others = _unlisted_waits(report, self._seen)
        waiting = {*self._seen, *self._others}
        begun = {outcome.step.id for outcome in report.outcomes if outcome.calls}
        self._began = {each: now if each in begun else self._began.get(each, now) for each in sorted(waiting)}

    def _groups(self) -> list[str]:
        """The kinds in transition, and the group of all other waiting steps."""
        return sorted({each.ref.kind for each in self._seen.values()} | ({_OTHER} if self._others else set()))

    def _next_poll(self, group: str) -> float:
        """When a group is polled next, by the youngest transition in it."""
        members = self._others if group == _OTHER else self._steps_of(group)
        began = max(self._began[each] for each in members)
        last = max(self._polled.get(group, began), began)
        return last + (interval(last - began) if self.poll is None else self.poll)

    def _has_ended(self, kinds: Collection[str], cloud: Cloud) -> bool:
        """Whether a transition of these kinds has ended, or may have; it is then removed from the observed ones."""
        if not kinds:
            return False
        with executor(min(len(kinds), self.concurrency)) as pool:
            read = parallel_map(pool, sorted(kinds), lambda kind: list_newest(cloud, contract(kind)))
        before = len(self._seen)
        for kind, page in read.items():
            if isinstance(page, CloudError):
                self._describe_unlisted(kind, page)
            else:
                self._sort(kind, page)
        return len(self._seen) < before

    def _steps_of(self, kind: str) -> list[str]:
        return [step for step, each in self._seen.items() if each.ref.kind == kind]

    def _sort(self, kind: str, page: Mapping[str, Mapping[str, Any]]) -> None:
        """Keep the resources of a kind that a page shows in transition as before."""
        for step in self._steps_of(kind):
            before = self._seen.pop(step)
            still = in_transition(contract(kind), before.live, page)
            self._seen |= {step: replace(before, live=still)} if still else {}

    def _describe_unlisted(self, kind: str, error: CloudError) -> None:
        """Describe the resources that no List shows; after a transient error the next poll does."""
        if error.fault not in _PASSES:
            self._unlisted.add(kind)
            self._seen = {step: each for step, each in self._seen.items() if each.ref.kind != kind}


def _unlisted_waits(report: Report, seen: Collection[str]) -> frozenset[str]:
    """The steps that wait for a resource that no List shows, and not only for other steps."""
    waits = {outcome.step.id for outcome in report.outcomes if convergence_of(outcome) is Convergence.WAITING}
    return frozenset(
        outcome.step.id
        for outcome in report.outcomes
        if outcome.step.id in waits - set(seen) and not _only_follows(outcome, waits)
    )


def _only_follows(outcome: Outcome, waits: Collection[str]) -> bool:
    """Whether a step waits only for other steps, so that there is nothing to poll."""
    quiet = outcome.result is Result.WAITING and outcome.fault is None and not outcome.calls
    return quiet and outcome.step.phase not in IN_TRANSITION and bool(outcome.step.needs & set(waits))


def list_newest(cloud: Cloud, of: Contract) -> Mapping[str, Mapping[str, Any]]:
    """The List page with the newest resources, or the last changed where the List has that order, by name and ARN.

    Raises:
        CloudError: AWS refused it.

    """
    lists = listing(of)
    if lists is None or of.lists is None:
        raise TypeError(f"{of.name} has no List")
    answer = cloud.call(of.lists.call({**newest_first(lists), **of.kind.identity.fixed}))
    found: dict[str, Mapping[str, Any]] = {}
    for element in answer.get(lists.page_member) or ():
        arn = str(element.get(of.listed_as[1], ""))
        found |= {key: element for key in (arn, _name_in(of, element)) if key}
    return found


def _name_in(of: Contract, element: Mapping[str, Any]) -> str:
    try:
        return of.named_in(element)
    except KeyError:
        return ""


def in_transition(of: Contract, live: Live, page: Mapping[str, Mapping[str, Any]]) -> Live | None:
    """The resource if a page shows it in transition as before; None if that ended, or it is not shown."""
    element = page.get(live.arn) or page.get(live.name)
    word = str(element.get(of.status_member, "")) if element else ""
    if (
        element is None
        or not word
        or phase_of_status(of, word) is not live.phase
        or live.status not in ("", word)
    ):
        return None
    return replace(live, status=word, arn=live.arn or str(element.get(of.listed_as[1], "")))
