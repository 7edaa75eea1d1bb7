"""Refusals of the API server itself, measured with documents that have one mistake each."""

from collections import Counter
from math import ceil

import pytest

from controller.core.path import Path
from controller.kinds import KINDS
from controller.manifests.envelope import API_VERSION, GROUP
from controller.schema.contract import contract
from controller.schema.names import lower_camel
from tests.kinds.sample import covering_kinds
from tests.kubernetes.corpus import Case, Mistake, error_cases, least_spec
from tests.kubernetes.document_changes import forbidden_changes, generation_changes, update_changes
from tests.kubernetes.rig.kubectl import Kubectl
from tests.programs.requests import Answer, Requests
from tests.soak import soak

_SHARE = 0.95
_WALKS = [sorted(covering_kinds()), *soak(sorted(KINDS))]
_MOST = [(sorted(covering_kinds()), 60), *soak((sorted(KINDS), 10_000), names=2)]  # errors of one kind
_DRY = "dryRun=All&fieldValidation=Strict"


class Admission:
    """Documents sent to the server in one namespace; only the object from which a change starts is kept."""

    def __init__(self, requests: Requests, namespace: str) -> None:
        self._requests, self._namespace, self._made = requests, namespace, 0

    def create(self, kind: str, spec: object, name: str = "sample", query: str = _DRY) -> Answer:
        """Create an object."""
        document = {"apiVersion": API_VERSION, "kind": kind, "metadata": {"name": name}, "spec": spec}
        return self._requests.send("POST", f"{self._path(kind)}?{query}", document)

    def change(self, case: Case, *, held: bool = True, **members: object) -> Answer:
        """Restore the object, and change it; ``held``: while AWS has its resource."""
        self._made += 1
        name = f"sample{self._made}"
        made = self.create(case.kind, case.before, name, "fieldValidation=Strict")
        assert made.accepted, f"{case.kind} {case.path}: {made.message}"
        where, now = f"{self._path(case.kind)}/{name}", made.body
        if held:
            fields = {**made.body, "status": {"arn": "arn:aws:sagemaker:eu-west-1:111111111111:one/one"}}
            now = self._requests.send("PUT", f"{where}/status", fields).body
        return self._requests.send("PUT", f"{where}?{_DRY}", {**now, **members, "spec": case.spec})

    def _path(self, kind: str) -> str:
        plural = contract(kind).plural.lower()
        return f"/apis/{API_VERSION}/namespaces/{self._namespace}/{plural}"


@pytest.fixture
def admission(requests: Requests, kubectl: Kubectl) -> Admission:
    """A namespace for the documents."""
    return Admission(requests, kubectl.namespace)


@pytest.mark.parametrize(("kinds", "most"), _MOST)
def test_most_mistakes_are_refused_at_admission_and_named(
    admission: Admission, kinds: list[str], most: int
) -> None:
    """Of all violations of the model at least 95 of 100 are refused, with the field in the message."""
    tally = Tally()
    for kind in kinds:
        made = list(error_cases(kind))
        for case in made[:: ceil(len(made) / most)]:
            tally.add(case, admission.create(case.kind, case.spec, case.name))
        for case in forbidden_changes(kind):
            tally.add(case, admission.change(case))
    print(tally.table())
    assert tally.named >= _SHARE * tally.all, tally.table()
    let_in = {case.path[-1:] for case in tally.let_in if not _may_be_a_reference(case.path)}
    assert let_in <= _documents(), f"{let_in - _documents()}\n{tally.table()}"


def _may_be_a_reference(path: Path) -> bool:
    """Whether it is an environment or hyperparameters, whose values may be references, or the member around them.

    Their type is open, so only the operator sees that a value is wrong, or that it can't be changed.
    """
    members = [each.replace("[]", "").split(".") for kind in KINDS for each in contract(kind).referable]
    around = {(lower_camel(each[0]),) for each in members}
    return path in around or not {lower_camel(each[-1]) for each in members}.isdisjoint(path)


def _documents() -> set[Path]:
    """The last members of the JSON documents: their type is open, so only the operator finds that a value is wrong."""
    paths = (member for kind in KINDS.values() for member in kind.compare.documents)
    return {(lower_camel(path.rsplit(".", 1)[-1]),) for path in paths}


@pytest.mark.parametrize("kind", KINDS)
def test_a_valid_document_is_accepted(kind: str, admission: Admission) -> None:
    """The minimal valid document of a kind is accepted."""
    answer = admission.create(kind, least_spec(contract(kind)))
    assert answer.accepted, answer.message


@pytest.mark.parametrize("kinds", _WALKS, ids=len)
def test_possible_changes_are_accepted(admission: Admission, kinds: list[str]) -> None:
    """No rule prevents a change by an update or by a new generation."""
    refused = [
        f"{kind} {case.path}: {answer.message}"
        for kind in kinds
        for case in (*generation_changes(kind), *update_changes(kind))
        if not (answer := admission.change(case)).accepted
    ]
    assert not refused, "\n".join(refused)


@pytest.mark.parametrize("kinds", _WALKS, ids=len)
def test_every_member_may_change_before_the_creation(admission: Admission, kinds: list[str]) -> None:
    """Of every kind, each member that can't be changed later may be changed as long as there is no ARN."""
    changes = [case for kind in kinds for case in forbidden_changes(kind)]
    assert changes
    wrong = [
        f"{case.kind} {case.path}: {answer.message}"
        for case in changes
        if not (answer := admission.change(case, held=False)).accepted
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("kinds", _WALKS, ids=len)
def test_replacement_is_accepted_if_the_policy_allows_it(admission: Admission, kinds: list[str]) -> None:
    """With policy.replace: Allow a frozen member may change; the name may not."""
    wrong = [
        f"{kind} {case.path}: {answer.message or 'taken'}"
        for kind in kinds
        for case in forbidden_changes(kind)
        for answer in [admission.change(case, policy={"replace": "Allow"})]
        if answer.accepted is _is_identity(case)
    ]
    assert not wrong, "\n".join(wrong)


def _is_identity(case: Case) -> bool:
    of = contract(case.kind)
    return any(lower_camel(member) == case.path[0] for member in of.identity)


class Tally:
    """The numbers of errors of each type: made, refused, and refused with the field named."""

    def __init__(self) -> None:
        self._all: Counter[Mistake] = Counter()
        self._refused: Counter[Mistake] = Counter()
        self._named: Counter[Mistake] = Counter()
        self.let_in: list[Case] = []

    def add(self, case: Case, answer: Answer) -> None:
        """Count one."""
        self._all[case.mistake] += 1
        if answer.accepted:
            self.let_in.append(case)
            return
        self._refused[case.mistake] += 1
        self._named[case.mistake] += any(word in answer.message for word in case.expected_terms)

    @property
    def all(self) -> int:
        """All mistakes."""
        return sum(self._all.values())

    @property
    def named(self) -> int:
        """Those that were refused with the field named."""
        return sum(self._named.values())

    def table(self) -> str:
        """A line for each sort."""
        line = "{:<34} {:>6} {:>8} {:>6}".format
        rows = [line("mistake", "made", "refused", "named")]
        rows += [line(m.value, self._all[m], self._refused[m], self._named[m]) for m in Mistake]
        rows += [line("all", self.all, sum(self._refused.values()), self.named)]
        left = [
            f"  let in: {c.kind} spec.{'.'.join(map(str, c.path))} ({c.mistake.value})" for c in self.let_in
        ]
        return "\n".join([*rows, *left])


def test_kubectl_shows_field_and_value_of_an_error(kubectl: Kubectl) -> None:
    """``kubectl apply`` ends with an error that names field and value, and an unknown field is refused too."""
    kind, case = next(
        (kind, case) for kind in KINDS for case in error_cases(kind) if case.mistake is Mistake.LONG
    )
    document = f'{{"apiVersion": "{GROUP}/v1alpha1", "kind": "{kind}", "metadata": {{"name": "sample"}}, '
    done = kubectl.run("apply", "-f", "-", given=document + f'"spec": {{"{case.path[0]}": 5}}}}')
    assert done.returncode == 1
    assert f"spec.{case.path[0]}" in done.stderr
    done = kubectl.run("apply", "--validate=strict", "-f", "-", given=document + '"spec": {"nonsense": 1}}')
    assert done.returncode == 1
    assert 'unknown field "spec.nonsense"' in done.stderr
