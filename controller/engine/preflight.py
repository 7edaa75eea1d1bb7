"""The preflight of a plan: a check of the resources of other services that its calls name, before any call is made.

A creation or rollout may fail after minutes or hours. Each cause that can be detected before is a finding with its
position; the step that would fail is blocked, with its dependents. A resource that can't be read is not checked, which
is a finding too.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from controller.core.cloud import Cloud, CloudError, Fault
from controller.core.finding import Code, Finding, Severity, errors, in_order
from controller.core.phase import Action
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.engine.external import READS, ExternalFault, not_checked, over_quota, quotas
from controller.engine.parallel_map import executor, parallel_map
from controller.engine.plan import Step
from controller.kinds import KINDS
from controller.kinds.external import External
from controller.manifests.bundle import Bundle
from controller.schema.external import ExternalName, external_names
from controller.schema.names import camel_path
from controller.schema.shape import operation, shape, shape_at

_SENDS = frozenset(each for each in Action if each.creates) | {Action.UPDATE}
_SERVICES: Mapping[External, str] = {
    External.ALARM: "cloudwatch:DescribeAlarms",
    External.ROLE: "iam:GetRole",
    External.IMAGE: "ecr:BatchGetImage",
    External.OBJECT: "s3:GetObject or s3:ListBucket",
    External.INSTANCE: "servicequotas:ListServiceQuotas",
}


@dataclass(frozen=True)
class Preflight:
    """The result of a preflight: the steps, with failing ones blocked, and the findings in the order of positions."""

    steps: list[Step]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class _Named:
    """A resource of another service that a step's calls name."""

    step: Step
    name: ExternalName

    @property
    def key(self) -> tuple[External, str, bool]:
        """The identity of the read, which is made once."""
        return self.name.of, self.name.value, self.name.prefix


def preflight(steps: list[Step], bundle: Bundle, cloud: Cloud, threads: int, *, recurring: bool) -> Preflight:
    """Check what the steps' calls name.

    Args:
        steps: of the plan.
        bundle: the documents, for the positions of findings.
        cloud: where calls go.
        threads: the number of concurrent reads.
        recurring: whether the run repeats, so that a throttled read ends the pass.

    Raises:
        CloudError: a read was throttled, and the run repeats.

    """
    named = [each for step in steps for each in _named_resources(step)]
    subjects = {each.key: each.name for each in named if each.name.of in READS}
    with executor(threads) as pool:
        read = parallel_map(pool, subjects, lambda key: READS[key[0]](cloud, subjects[key]))
    problems = {key: _fault_of(key[0], found, recurring=recurring) for key, found in read.items()}
    pairs = [(each, problems.get(each.key)) for each in named]
    pairs += _over_quota(named, _Users(steps, bundle), cloud, recurring=recurring)
    found: dict[str, list[Finding]] = {}
    for each, problem in pairs:
        if problem is not None:
            found.setdefault(each.step.id, []).append(_finding(each, problem, bundle))
    blocked = [_block_step(step, errors(found.get(step.id, ()))) for step in steps]
    return Preflight(
        blocked, _without_repetitions(in_order(one for several in found.values() for one in several))
    )


def _named_resources(step: Step) -> Iterator[_Named]:
    """The resources of other services in the calls that a step would make now."""
    if step.action not in _SENDS or not step.changes_account:
        return
    for call in step.calls:
        known = operation(call.operation)
        if known is not None and known.input:
            yield from (_Named(step, name) for name in external_names(call.params, shape(known.input)))


@dataclass(frozen=True)
class _Users:
    """The steps of a plan that start the instances of another document, as an endpoint those of its configuration."""

    steps: Iterable[Step]
    bundle: Bundle

    def of(self, ref: Ref) -> int:
        """How many steps start a document's instances; at least 1, because a configuration is made to be started."""
        return max(1, sum(self._starts(step, ref) for step in self.steps))

    def _starts(self, step: Step, ref: Ref) -> bool:
        resource = self.bundle.resources.get(step.ref)
        if resource is None or step.action not in _SENDS or not step.changes_account:
            return False
        through = {fleet.through for fleet in resource.contract.kind.lifecycle.fleets}
        return any(each.target == ref and each.link.field in through for each in resource.links)


def _over_quota(
    named: Iterable[_Named], users: _Users, cloud: Cloud, *, recurring: bool
) -> list[tuple[_Named, ExternalFault | None]]:
    """The first position of each step's instances of a type and use, with the fault of their number.

    Lasting instances are summed over the plan in its order, without those of steps that exceed the quota. Each job is
    counted alone: jobs may run one after the other.

    Raises:
        CloudError: the read of the quotas was throttled, and the run repeats.

    """
    groups: dict[tuple[str, str, str], list[_Named]] = {}
    for each in named:
        if each.name.of is External.INSTANCE:
            groups.setdefault((each.step.id, each.name.value, each.name.usage), []).append(each)
    if not groups:
        return []
    try:
        known = quotas(cloud)
    except CloudError as error:
        unread = _fault_of(External.INSTANCE, error, recurring=recurring)
        return [(several[0], unread) for several in groups.values()]
    taken: Counter[tuple[str, str]] = Counter()
    found: list[tuple[_Named, ExternalFault | None]] = []
    for (_, instance, usage), several in groups.items():
        ref = several[0].step.ref
        count = sum(each.name.count for each in several) * users.of(ref)
        lasts = KINDS[ref.kind].lifecycle.runs is None
        fault = over_quota(instance, usage, count, known, taken[instance, usage] if lasts else 0)
        taken[instance, usage] += count if lasts and fault is None else 0
        found.append((several[0], fault))
    return found


def _fault_of(
    of: External, found: ExternalFault | CloudError | None, *, recurring: bool
) -> ExternalFault | None:
    """The fault of a resource; if AWS denies the read it is "not checked".

    Raises:
        CloudError: the read was throttled, and the run repeats.

    """
    if not isinstance(found, CloudError):
        return found
    if found.fault is Fault.THROTTLED and recurring:
        raise found
    if found.fault is Fault.DENIED:
        return not_checked(f"each {of.value} is not checked: access to {_SERVICES[of]} is denied")
    return not_checked(f"each {of.value} is not checked: {found.operation} failed with {found.code}")


def _finding(named: _Named, problem: ExternalFault, bundle: Bundle) -> Finding:
    """The finding at the member's position; only a warning for an alarm of a creation, which no alarm stops."""
    resource = bundle.resources.get(named.step.ref)
    severity = problem.severity
    if named.name.of is External.ALARM and named.step.action.creates:
        severity = Severity.WARNING if problem.code is Code.ALARM_NOT_OK else severity
    if resource is None:
        return Finding(problem.code, problem.message, hint=problem.hint, severity=severity)
    spec = resource.contract.spec
    path = ("spec", *camel_path(named.name.path, spec)) if shape_at(spec, named.name.path) else ("spec",)
    return Finding(
        problem.code, problem.message, resource.document.origin_of(path), path, problem.hint, severity
    )


def _without_repetitions(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings without repetitions; for an unchecked resource only the first position is reported."""
    found: dict[tuple[object, ...], Finding] = {}
    for each in findings:
        whole = each.code is not Code.NOT_CHECKED
        found.setdefault((each.message, each.origin if whole else "", each.path if whole else ""), each)
    return tuple(found.values())


def _block_step(step: Step, found: Iterable[Finding]) -> Step:
    messages = [each.message for each in found]
    if not messages:
        return step
    return replace(
        step,
        action=Action.BLOCKED,
        why=Reason.PREFLIGHT_FAILED,
        detail="; ".join(dict.fromkeys(messages)),
        calls=(),
    )
