"""A plan and a report as JSON with Terraform's names, so that policies for Terraform work.

https://developer.hashicorp.com/terraform/internals/json-format (plan representation, 1.2). Unknown values are omitted
from ``after``, as there; unlike there, sensitive values are replaced, because they are stored nowhere.
"""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from controller.core.finding import Finding, errors
from controller.core.path import dotted_path, pointer
from controller.core.phase import Action
from controller.core.reason import Reason
from controller.engine.observed import is_foreign_tag
from controller.engine.plan import Plan, PlanResult, Step
from controller.engine.report import Outcome, Report
from controller.insight.call_budget import count_mutating_calls, reads
from controller.manifests.resolve import Unknown
from controller.output.action_words import action_reason
from controller.output.change_tree import parse_documents
from controller.output.plan_text import own_tags
from controller.output.values import Masked, leaf_marks, plain_data
from controller.schema.contract import contract
from controller.schema.names import camel_path, to_camel

FORMAT_VERSION = "1.0"
_ACTIONS: Mapping[Action, tuple[str, ...]] = {
    Action.CREATE: ("create",),
    Action.UPDATE: ("update",),
    Action.ADOPT: ("update",),
    Action.CREATE_BEFORE_DELETE: ("create",),  # the old one stays, or is deleted by a step of its own
    Action.REPLACE: ("delete", "create"),
    Action.DELETE: ("delete",),
    Action.STOP: ("delete",),
}
_ENDS = frozenset({Action.DELETE, Action.STOP})
_NO_SOURCE: Mapping[str, Any] = MappingProxyType({})


def dump(value: Any) -> str:
    """Indented JSON, with non-ASCII characters unescaped."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def plan_json(plan: Plan, version: str, source: Mapping[str, Any] = _NO_SOURCE) -> dict[str, Any]:
    """The plan. It must have gone through ``Redactor.plan`` before.

    Args:
        plan: what was planned.
        version: the version of the tool.
        source: the paths of the documents, for `apply --plan`; not part of the fingerprint.

    """
    unconfirmed = frozenset(each for required in plan.confirmations for each in required.deletions)
    return {
        "format_version": FORMAT_VERSION,
        "tool_version": version,
        "account_id": plan.identity.account,
        "region": plan.identity.region,
        "set": plan.set,
        "fingerprint": plan.fingerprint,
        "source": dict(source),
        "variables": dict(plan.bound.get("variables", {})),
        "options": dict(plan.bound.get("options", {})),
        "resource_changes": [_change(step, unconfirmed) for step in plan.steps],
        "blocked": [_blocked_step(step) for step in plan.blocked],
        "brakes": [
            {
                "message": required.message,
                "held": sorted(required.deletions),
                "confirmation": required.confirmation.value,
            }
            for required in plan.confirmations
        ],
        **({"notices": list(plan.notices)} if plan.notices else {}),
        **({"preflight": [_finding(each) for each in plan.preflight]} if plan.preflight else {}),
        "scope": [{"address": address, "reason": reason} for address, reason in plan.along.items()],
        "graph": {"edges": [{"user": e.user, "need": e.need, "by": e.by.value} for e in plan.edges]},
        "api_budget": {"mutating": count_mutating_calls(plan), "reads": reads(plan)},
        "result": plan.result.value,
        "errored": plan.result is PlanResult.ERRORED,
    }


def _blocked_step(step: Step) -> dict[str, str]:
    reason = action_reason(step.action, step.why)
    return {"address": str(step.ref), "id": step.id, "reason": reason, "message": step.detail}


def report_json(report: Report, version: str) -> dict[str, Any]:
    """The executed plan, the result of each step, and the overall state."""
    return {
        **plan_json(report.plan, version),
        "consented": report.consented,
        "outcomes": [_outcome(outcome) for outcome in report.outcomes],
        "standing": report.convergence.value,
    }


def findings_json(findings: tuple[Finding, ...], version: str) -> dict[str, Any]:
    """The findings, and whether they stop a run."""
    return {
        "format_version": FORMAT_VERSION,
        "tool_version": version,
        "errored": bool(errors(findings)),
        "findings": [_finding(finding) for finding in findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    origin = finding.origin
    location = {"file": origin.file, "line": origin.line, "column": origin.column} if origin else {}
    return {
        "code": finding.code.value,
        "name": finding.code.name,
        "severity": finding.severity.value,
        **location,
        "path": dotted_path(finding.path),
        "message": finding.message,
        "hint": finding.hint,
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "address": str(outcome.step.ref),
        "id": outcome.step.id,
        "result": outcome.result.value,
        "message": outcome.message,
        "calls": outcome.calls,
    }


def _change(step: Step, unconfirmed: frozenset[str]) -> dict[str, Any]:
    kind_contract = contract(step.ref.kind)
    before, after = _before_and_after(step)
    deposed = {"deposed": _known_name(step.name)} if step.why is Reason.SUPERSEDED else {}
    return {
        "address": str(step.ref),
        "id": step.id,
        **deposed,
        "mode": "managed",
        "type": step.ref.kind,
        "name": step.ref.name,
        "namespace": step.ref.namespace,
        "aws_name": _known_name(step.name),
        "arn": step.arn,
        "change": {
            "actions": list(_ACTIONS.get(step.action, ("no-op",))),
            "before": plain_data(before),
            "after": plain_data(after),
            "after_unknown": leaf_marks(after, Unknown),
            "before_sensitive": leaf_marks(before, Masked),
            "after_sensitive": leaf_marks(after, Masked),
            "replace_paths": [list(camel_path(c.path, kind_contract.spec)) for c in step.changes if c.forces],
        },
        "action_reason": action_reason(step.action, step.why),
        "message": step.detail,
        "changed": sorted(pointer(camel_path(change.path, kind_contract.spec)) for change in step.changes),
        "depends_on": sorted(step.needs),
        "calls": [f"{call.service}:{call.operation}" for call in step.calls],
        "effects": [{"impact": effect.impact.value, "message": effect.message} for effect in step.effects],
        "notes": list(step.notes),
        "withheld": step.withheld or ("exceeds a deletion limit" if step.id in unconfirmed else ""),
        "contended": list(step.contended),
        "status": step.status,
        "observed": _observed_details(step),
        "observed_fingerprint": step.mark,
    }


def _before_and_after(step: Step) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """The state before and after a step, with the tags of its document and those that it changes."""
    before = _camel(step.before, step, live=step.action in _ENDS)
    after = None if step.action in _ENDS else _camel(step.after, step, live=False)
    own = own_tags(step).get("Tags", {})
    if after is not None:
        after |= _tags(own)
    if before is not None:
        changed = {
            str(change.path[1]): change.before
            for change in step.changes
            if change.path[0] == "Tags" and len(change.path) > 1 and not is_foreign_tag(str(change.path[1]))
        }
        live = step.seen.tags if step.seen and step.seen.tags is not None else {}
        before |= _tags({key: live.get(key) for key in own} | changed)
    return before, after


def _tags(tags: Mapping[str, str | None]) -> dict[str, dict[str, str]]:
    kept = {key: each for key, each in sorted(tags.items()) if each is not None}
    return {"tags": kept} if kept else {}


def _observed_details(step: Step) -> dict[str, Any] | None:
    """Details of the live resource that the document does not set."""
    if step.seen is None:
        return None
    return {
        "status": step.seen.status,
        "modified": step.seen.modified,
        "tags": None if step.seen.tags is None else dict(sorted(step.seen.tags.items())),
        "members": plain_data(_camel(step.seen.others, step, live=False)),
    }


def _camel(value: Mapping[str, Any] | None, step: Step, *, live: bool) -> Any:
    kind_contract = contract(step.ref.kind)
    return (
        None
        if value is None
        else to_camel(
            parse_documents(value, kind_contract), kind_contract.body if live else kind_contract.spec
        )
    )


def _known_name(name: Any) -> str | None:
    return name if isinstance(name, str) else None
