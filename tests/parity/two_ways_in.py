"""The same documents in both interfaces: an API server that returns them, and a repository."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from controller.core.digest import canonical
from controller.core.finding import errors
from controller.core.ref import Ref
from controller.gitops.artifact import SourceArtifact, compile_snapshot
from controller.manifests.bundle import Bundle, bundle
from controller.manifests.document import Document
from controller.manifests.load import read_object
from controller.manifests.yaml_writer import yaml_text
from controller.source.git.snapshot import Mirrors
from tests.kubernetes.rig.kubectl import Kubectl, as_list
from tests.source.git.following import git_source, snapshot_of
from tests.source.git.forge import Forge
from tests.source.git.repository import Files, Repository

Json = dict[str, Any]


def read_through_kubectl(objects: Iterable[Json], kubectl: Kubectl) -> Bundle:
    """The bundle after ``kubectl apply``, from the objects that the API server returns."""
    kubectl.must("apply", "--server-side", "-f", "-", given=as_list(objects))
    documents: list[Document] = []
    for value in kubectl.items("sagemaker"):
        ref = Ref(value["kind"], value["metadata"]["name"], value["metadata"]["namespace"])
        document, found = read_object(value, str(ref))
        assert document is not None
        assert not errors(found), [str(each) for each in found]
        documents.append(document)
    made = bundle(documents)
    assert not errors(made.findings), [str(each) for each in made.findings]
    return made


def read_through_git(objects: Iterable[Json], forge: Forge, repository: Repository, cache: Path) -> Bundle:
    """The bundle after ``git push``, from the revision that a sync reads."""
    files: Files = {f"deploy/{number}.yaml": yaml_text(each) for number, each in enumerate(objects)}
    repository.commit(files)
    source = git_source(forge, path="deploy")
    tree = compile_snapshot(snapshot_of(Mirrors(cache).fetch_snapshot(source)), source, {})
    assert isinstance(tree, SourceArtifact), tree
    return tree.bundle


def normal_form(of: Bundle) -> dict[str, bytes]:
    """The manifests with AWS member names, byte for byte: identity, spec, policy and dependencies."""
    return {
        str(ref): canonical(
            [str(ref), each.spec, repr(each.policy), sorted(map(str, each.needs)), repr(each.tags)]
        ).encode()
        for ref, each in of.resources.items()
    }
