"""Choices of the model that AWS adds to: which they are, and whether an unknown one is newer or a typing mistake.

A choice is open if botocore's model of it gained a word between 1.20.0 (February 2021) and the recorded one, or if it
is younger than 1.35.0 (August 2024), too young to have a history. All others kept their words for as long as they are
there; they stay closed, so that the API server and ``validate`` refuse what is none of them.
"""

import re
from itertools import zip_longest

OPEN = frozenset(
    {
        # gained words
        "AssociationEdgeType", "CaptureMode", "ProcessingInstanceType", "ProductionVariantInferenceAmiVersion",
        "ProductionVariantInstanceType", "RoutingStrategy", "S3DataType", "StorageType", "TableFormat", "TargetDevice",
        "TargetPlatformAccelerator", "TrafficRoutingConfigType", "TrainingInputMode", "TrainingInstanceType",
        "TransformInstanceType",
        # younger than 1.35.0
        "CapacityReservationPreference", "CustomizationTechnique", "EvaluationType",
        "ManagedInstanceScalingScaleInStrategy", "ManagedStorageType", "ModelPackageRegistrationType", "Peft",
        "ServerlessJobType", "WorkforceIpAddressType",
    }
)  # fmt: skip
# What a word of an open choice looks like: of those that the model has each one does.
WORD = "^[A-Za-z0-9][A-Za-z0-9._-]*$"
LONGEST = 120  # characters of such a word
_SEPARATORS = re.compile(r"[._-]")
_SHORT = 4  # letters; of fewer, as of a family of instances, another letter is another word
_LONG = 8  # letters; in as many, two changes may be a mistake


def may_be_newer(value: str, enum: tuple[str, ...]) -> bool:
    """Whether a word that is none of an open choice's may be one that AWS has added since."""
    return len(value) <= LONGEST and bool(re.match(WORD, value)) and not mistyped(value, enum)


def mistyped(value: str, enum: tuple[str, ...]) -> str:
    """The choice that was likely meant by a word that is none; empty where it is more likely a newer one."""
    if len(value) > LONGEST:
        return ""
    plain = _plain(value)
    alike = [word for word in enum if _plain(word) == plain]
    return next((word for word in (*alike, *enum) if word in alike or _resembles(value, word)), "")


def _plain(word: str) -> str:
    return _SEPARATORS.sub("", word).casefold()


def _resembles(value: str, word: str) -> bool:
    """Whether a word is a choice but for a letter or two in a part that has enough of them, with the same numbers."""
    pairs = list(zip_longest(_SEPARATORS.split(value), _SEPARATORS.split(word), fillvalue=""))
    different = [pair for pair in pairs if pair[0] != pair[1]]
    return bool(different) and all(_slipped(*pair) for pair in different)


def _slipped(found: str, meant: str) -> bool:
    letters = re.sub(r"\d", "", found), re.sub(r"\d", "", meant)
    if re.sub(r"\D", "", found) != re.sub(r"\D", "", meant) or min(map(len, letters)) < _SHORT:
        return False
    return _distance(found, meant) <= (1 if len(letters[1]) < _LONG else 2)


def _distance(one: str, other: str) -> int:
    """Edits from one text to the other; two letters that changed places are one edit (optimal string alignment)."""
    rows = [list(range(len(other) + 1))]
    for i, left in enumerate(one, 1):
        row = [i]
        for j, right in enumerate(other, 1):
            best = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (left != right))
            if i > 1 and j > 1 and left == other[j - 2] and one[i - 2] == right:
                best = min(best, rows[-2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]
