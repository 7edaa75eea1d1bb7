import json

from controller.core.ref import Ref
from controller.operator.cached_object import Item, item
from controller.operator.constants import path_of
from controller.operator.kube.access import access
from controller.operator.kube.api import Api
from controller.operator.object_cache import ObjectCache
from controller.operator.object_patcher import ObjectPatcher
from tests.kubernetes.documents import pipeline
from tests.kubernetes.rig.kubectl import Kubectl, as_list


def test_a_pass_continues_with_the_version_that_it_read(kubectl: Kubectl) -> None:
    """A spec and a token that the watch shows while the pass writes are not those that the pass reports."""
    api, store = Api(access(kubectl.access.kubeconfig)), ObjectCache()
    ref = Ref("Pipeline", "train", kubectl.namespace)

    def edited_meanwhile(of: Ref, value: dict[str, object]) -> Item:
        fields = {"op": "replace", "path": "/spec/pipelineDescription", "value": "newer"}
        kubectl.must(
            "patch", "pipeline.sagemaker.gitops.dev", "train", "--type=json", f"-p=[{json.dumps(fields)}]"
        )
        store.put(of, api.get(path_of(of)))
        return store.put(of, value)[1]

    kubectl.must("apply", "-f", "-", given=as_list([pipeline("older")]))
    subject = ObjectPatcher(item(ref, api.get(path_of(ref)), None), api, edited_meanwhile)
    subject.add_finalizer()
    newest = store.get(ref)
    assert newest
    assert (newest.generation, subject.item.generation) == (2, 1)
    assert subject.item.has_finalizer
