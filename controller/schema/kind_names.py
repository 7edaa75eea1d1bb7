"""Names of kinds as people type them (singular or plural, with or without hyphens, in any case), and as options."""

import re
from collections.abc import Iterable

from controller.kinds import KINDS


def kind_named(word: str) -> str | None:
    """The kind of a word: ``LabelingJob``, ``labelingjobs``, ``labeling-jobs``; None if unknown."""
    names = {
        _folded_name(spelled): kind for kind in KINDS for spelled in (plural_name(kind), kind, f"{kind}s")
    }
    return names.get(_folded_name(word))


def kind_names() -> tuple[str, ...]:
    """The plurals of all kinds as people type them: ``labeling-jobs``."""
    return tuple(sorted(kebab(plural_name(kind)) for kind in KINDS))


def plural_name(kind: str) -> str:
    """The plural of a kind in its List operation: ``CodeRepository`` -> ``CodeRepositories``."""
    return f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}s"


_EDITION = r"V\d+$"  # CreateAutoMLJobV2 creates an AutoMLJob


def suffix_member(kind: str, word: str, members: Iterable[str]) -> str:
    """The longest member that is a suffix of ``<Kind><word>``; ``<Kind><word>`` if there is none.

    ``Name`` of InferenceExperiment, ``JobDefinitionName`` of DataQualityJobDefinition.
    """
    whole = f"{re.sub(_EDITION, '', kind)}{word}"
    found = [each for each in members if whole.endswith(each) and each.endswith(word)]
    return max(found, key=len, default=f"{kind}{word}")


def one_of(word: str, names: Iterable[str]) -> str | None:
    """The name of a word in any case, with or without hyphens, singular or plural."""
    return {_folded_name(spelled): name for name in names for spelled in (f"{name}s", name)}.get(
        _folded_name(word)
    )


def kebab(name: str) -> str:
    """``CreationTimeAfter`` -> ``creation-time-after``, ``SourceS3Uri`` -> ``source-s3-uri``."""
    return "-".join(split_name(name)).lower()


def split_name(name: str) -> list[str]:
    """The words of a name: ``ModelPackageArn`` -> ``Model``, ``Package``, ``Arn``."""
    return re.findall(r"[A-Z]\d+|[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", name)


def _folded_name(word: str) -> str:
    return re.sub(r"[-_ ]", "", word).casefold()
