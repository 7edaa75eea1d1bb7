"""Plain scalars as kubectl reads them, which ``controller/manifests/scalar.py`` must follow or refuse."""

import json
import random
from collections.abc import Sequence
from typing import Any

import pytest

from controller.manifests.files import Limits
from controller.manifests.scalar import RefusedScalar, plain_scalar
from controller.manifests.yaml_reader import read
from tests.kubernetes.rig.kubectl import Kubectl
from tests.manifests.test_scalar import AMBIGUOUS, NOT_JSON, SAME

_HEAD = "apiVersion: sagemaker.gitops.dev/v1alpha1\nkind: Pipeline\nmetadata: {name: a}\nspec:\n"
_ALPHABET = "0123456789+-_.eExXobBinfaNyYtTrRuUsS:~"
_TEXTS = 3000
_LONG = 100


def _document(texts: Sequence[str]) -> str:
    return _HEAD + "  values:\n" + "".join(f"  - {text}\n" for text in texts)


def _parse_with_kubectl(kubectl: Kubectl, texts: Sequence[str]) -> list[Any]:
    """The values that ``kubectl`` would send."""
    arguments = ("create", "--dry-run=client", "--validate=false", "-o", "json", "-f", "-")
    found: list[Any] = json.loads(kubectl.must(*arguments, given=_document(texts)))["spec"]["values"]
    return found


def test_plain_scalars_are_read_as_by_kubectl(cluster_kubectl: Kubectl) -> None:
    """Row 12: every row of the table of plain scalars is read as by ``kubectl``, with its type."""
    texts = [text for text, _ in SAME]
    for (text, value), document in zip(SAME, _parse_with_kubectl(cluster_kubectl, texts), strict=True):
        assert (document, type(document)) == (value, type(value)), text


def test_any_text_is_read_as_by_kubectl_or_refused(cluster_kubectl: Kubectl) -> None:
    """Row 12: of thousands of texts like numbers and words, each is refused or read as by ``kubectl``."""
    chance = random.Random(20260131)
    made = {"".join(chance.choices(_ALPHABET, k=chance.randint(1, 8))) for _ in range(_TEXTS)}
    ours = {text: plain_scalar(text) for text in sorted(made) if _is_scalar(text)}
    texts = [text for text, value in ours.items() if not isinstance(value, RefusedScalar)]
    document = dict(zip(texts, _parse_with_kubectl(cluster_kubectl, texts), strict=True))
    wrong = {text: (ours[text], document[text]) for text in texts if ours[text] != document[text]}
    assert not wrong
    assert len(texts) > len(ours) // 2


def _is_scalar(text: str) -> bool:
    """Whether the text is a scalar in a list, and not a mapping or a list inside it."""
    found = read("a.yaml", _document([text]).encode(), Limits()).documents
    return bool(found) and not isinstance(found[0].value["spec"]["values"][0], dict | list)


def test_ambiguous_texts_are_no_error_for_kubectl(cluster_kubectl: Kubectl) -> None:
    """A text refused as ambiguous is no error for ``kubectl``, which sends it with one meaning or another."""
    texts = [text for text in AMBIGUOUS if len(text) < _LONG]
    document = dict(zip(texts, _parse_with_kubectl(cluster_kubectl, texts), strict=True))
    assert (document["0123"], document["0o17"], document["yes"], document["1_0"]) == (83, 15, True, 10)


@pytest.mark.parametrize("text", NOT_JSON)
def test_a_number_without_a_json_form_is_refused_by_kubectl_as_well(
    text: str, cluster_kubectl: Kubectl
) -> None:
    """Infinities and NaN can't be sent."""
    done = cluster_kubectl.run("create", "--dry-run=client", "-f", "-", given=_document([text]))
    assert done.returncode == 1
    assert "unsupported value" in done.stderr
