"""The namespace of an output reference: the document's own, unless another is given and allowed."""

from controller.core.finding import Code
from controller.core.ref import Ref
from controller.manifests.bundle import Bundle, bundle
from controller.manifests.load import load_bytes
from tests.journeys.tree import TREE


def _bundle(reference: str, namespace: str = "ml", *, across: bool = False) -> Bundle:
    package = TREE["ModelPackage"].replace("${TrainingJob/churn", f"${{TrainingJob/{reference}")
    texts = [
        _with_namespace(package, "ml"),
        _with_namespace(TREE["TrainingJob"], namespace),
        _with_namespace(TREE["ModelPackageGroup"], "ml"),
    ]
    loaded = load_bytes([(f"{number}.yaml", text.encode()) for number, text in enumerate(texts)])
    return bundle(loaded.documents, across_namespaces=across)


def _with_namespace(text: str, namespace: str) -> str:
    return text.replace("metadata: {name:", f"metadata: {{namespace: {namespace}, name:")


def _codes_of_reference(found: Bundle) -> list[Code]:
    return [each.code for each in found.findings if each.path and "containers" in each.path]


def test_a_reference_means_the_documents_own_namespace() -> None:
    """A document with a namespace refers to its neighbours by name alone, as one without a namespace does."""
    found = _bundle("churn")
    assert not _codes_of_reference(found)
    assert Ref("TrainingJob", "churn", "ml") in found.resources[Ref("ModelPackage", "candidate", "ml")].needs


def test_outputs_of_another_namespace_are_refused_unless_allowed() -> None:
    """Row 67: what is in another namespace is not read by a reference, as it is not by a link."""
    assert _codes_of_reference(_bundle("other/churn", "other")) == [Code.CROSS_NAMESPACE]
    assert not _codes_of_reference(_bundle("other/churn", "other", across=True))
