"""Enums that AWS extends, and values that they lack: whether one is newer than the recorded model, or mistyped.

An enum is open if it gained a value between botocore 1.20.0 (February 2021) and the recorded model, or if it is younger
than 1.35.0 (August 2024), too young to have a history. All others have never changed; they are closed, so that the API
server and ``validate`` refuse other values.
"""

import re
from itertools import zip_longest

OPEN = frozenset(
    {
        # gained values
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
# The form of values of open enums: all values in the model match it.
WORD = "^[A-Za-z0-9][A-Za-z0-9._-]*$"
LONGEST = 120  # characters of such a value
_SEPARATORS = re.compile(r"[._-]")
_SHORT = 4  # letters; in shorter parts, such as an instance family, another letter is another value
_LONG = 8  # letters; in as many, two edits may be a typing error


def may_be_newer(value: str, enum: tuple[str, ...]) -> bool:
    """Whether an unknown value of an open enum may be one that AWS has added since."""
    return len(value) <= LONGEST and bool(re.match(WORD, value)) and not likely_meant(value, enum)


def likely_meant(value: str, enum: tuple[str, ...]) -> str:
    """The enum value that was likely meant by an unknown one; empty if it is more likely a newer one."""
    if len(value) > LONGEST:
        return ""
    plain = _letters_only(value)
    alike = [word for word in enum if _letters_only(word) == plain]
    return next((word for word in (*alike, *enum) if word in alike or _is_typing_error(value, word)), "")


def _letters_only(word: str) -> str:
    return _SEPARATORS.sub("", word).casefold()


def _is_typing_error(value: str, word: str) -> bool:
    """Whether a value differs from an enum value only by a letter or two in a long part, with the same numbers."""
    pairs = list(zip_longest(_SEPARATORS.split(value), _SEPARATORS.split(word), fillvalue=""))
    different = [pair for pair in pairs if pair[0] != pair[1]]
    return bool(different) and all(_differs_slightly(*pair) for pair in different)


def _differs_slightly(found: str, meant: str) -> bool:
    letters = re.sub(r"\d", "", found), re.sub(r"\d", "", meant)
    if re.sub(r"\D", "", found) != re.sub(r"\D", "", meant) or min(map(len, letters)) < _SHORT:
        return False
    return _distance(found, meant) <= (1 if len(letters[1]) < _LONG else 2)


def _distance(one: str, other: str) -> int:
    """The edit distance of two strings; a transposition of two letters is one edit (optimal string alignment)."""
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
