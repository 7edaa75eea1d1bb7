"""Presets of the policy, which stand for members of the spec."""

from controller.core.cloud import Json
from controller.core.finding import Code, Finding
from controller.core.path import Path
from controller.kinds import Kind
from controller.manifests.document import Document
from controller.schema.names import lower_camel


def with_preset(document: Document, spec: Json, kind: Kind) -> tuple[Json, tuple[Finding, ...]]:
    """The spec with the members that ``policy.rollout`` stands for, and findings about it.

    It can't be combined with these members, nor used for a kind without rollouts.
    """
    word, presets = document.policy.rollout, kind.write.presets
    if word is None:
        return spec, ()
    if word.value not in presets:
        return spec, (_finding(document, f"{kind.name} has no rollout"),)
    for member, value in presets[word.value].items():
        written = spec.get(member) or {}
        both = sorted({key for each in presets.values() for key in each[member]} & set(written))
        if both:
            short_for = f"{lower_camel(member)}.{lower_camel(both[0])}"
            message = f"policy.rollout stands for {short_for}, which is written too"
            return spec, (_finding(document, message, "keep one of the two"),)
        spec = {**spec, member: {**value, **written}}
    return spec, ()


def _finding(document: Document, message: str, hint: str = "") -> Finding:
    path: Path = ("policy", "rollout")
    return Finding(Code.RULE, message, document.origin_of(path), path, hint)
