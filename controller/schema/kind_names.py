"""Names as people type them: one or many, with hyphens or without, in any case; and as options are written."""

import re
from collections.abc import Iterable

from controller.kinds import KINDS


def kind_named(word: str) -> str | None:
    """The kind that a word means: ``LabelingJob``, ``labelingjobs``, ``labeling-jobs``; None for no kind."""
    names = {_folded(spelled): kind for kind in KINDS for spelled in (plural_name(kind), kind, f"{kind}s")}
    return names.get(_folded(word))


def kind_names() -> tuple[str, ...]:
    """All kinds as people type many of them: ``labeling-jobs``."""
    return tuple(sorted(kebab(plural_name(kind)) for kind in KINDS))


def plural_name(kind: str) -> str:
    """How the List operation spells many of a kind: ``CodeRepository`` -> ``CodeRepositories``."""
    return f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}s"


_EDITION = r"V\d+$"  # CreateAutoMLJobV2 makes an AutoMLJob


def suffix_member(kind: str, word: str, members: Iterable[str]) -> str:
    """The longest of the members that ``<Kind><word>`` ends with; ``<Kind><word>`` where there is none.

    ``Name`` of InferenceExperiment, ``JobDefinitionName`` of DataQualityJobDefinition.
    """
    whole = f"{re.sub(_EDITION, '', kind)}{word}"
    found = [each for each in members if whole.endswith(each) and each.endswith(word)]
    return max(found, key=len, default=f"{kind}{word}")


def one_of(word: str, names: Iterable[str]) -> str | None:
    """The name that a word means, in any case, with hyphens or without, one or many."""
    return {_folded(spelled): name for name in names for spelled in (f"{name}s", name)}.get(_folded(word))


def kebab(name: str) -> str:
    """``CreationTimeAfter`` -> ``creation-time-after``, ``SourceS3Uri`` -> ``source-s3-uri``."""
    return "-".join(split_name(name)).lower()


def split_name(name: str) -> list[str]:
    """The words of a name: ``ModelPackageArn`` -> ``Model``, ``Package``, ``Arn``."""
    return re.findall(r"[A-Z]\d+|[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", name)


def _folded(word: str) -> str:
    return re.sub(r"[-_ ]", "", word).casefold()
