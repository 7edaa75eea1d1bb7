"""The rules of the rows at the API server: violations are refused, valid objects are admitted."""

from functools import partial

from controller.crds.row_rules import is_seen
from controller.kinds import KINDS
from controller.manifests.envelope import API_VERSION
from controller.schema.contract import contract
from controller.schema.rule_text import statement
from tests.kinds.broken_rules import break_rule
from tests.kubernetes.corpus import least_spec
from tests.kubernetes.rig.kubectl import Kubectl
from tests.kubernetes.sample import least_value
from tests.programs.requests import Answer, Requests


def test_a_violation_of_a_certain_rule_is_refused(requests: Requests, kubectl: Kubectl) -> None:
    """Each certain rule is in the API server's refusal, of keyed lists by the list; a doubtful one is accepted."""
    for kind in KINDS:
        of = contract(kind)
        assert _create(requests, kubectl, kind, least_spec(of)).accepted, kind
        for rule in of.kind.write.rules:
            spec = break_rule(of, rule, least_spec(of), partial(least_value, of))
            answer = _create(requests, kubectl, kind, spec)
            reported = statement(rule, of) in answer.message
            by_schema = "Duplicate value" in answer.message or "oneOf" in answer.message
            if rule.doubtful or not is_seen(rule, of):
                assert not reported, (kind, rule, answer.message)
            else:
                assert not answer.accepted, (kind, rule)
                assert reported or by_schema or "must validate one and only one" in answer.message, (
                    rule,
                    answer.message,
                )


def _create(requests: Requests, kubectl: Kubectl, kind: str, spec: object) -> Answer:
    document = {"apiVersion": API_VERSION, "kind": kind, "metadata": {"name": "sample"}, "spec": spec}
    plural = contract(kind).plural.lower()
    path = f"/apis/{API_VERSION}/namespaces/{kubectl.namespace}/{plural}"
    return requests.send("POST", f"{path}?dryRun=All&fieldValidation=Strict", document)
