from controller.operator.secrets import secrets_of
from tests.kubernetes.documents import pipeline, workforce
from tests.operator.objects import made


def test_the_secrets_of_an_object_are_those_that_its_spec_names() -> None:
    """A Secret is found where the model says that a secret stands, and nowhere else."""
    document = workforce()
    assert secrets_of(made(document["kind"], "people", document["spec"])) == {"sign-in"}
    assert secrets_of(made("Pipeline", "train", pipeline()["spec"])) == set()
    broken = {**document["spec"], "oidcConfig": {"clientSecret": {"valueFrom": {"secretKeyRef": 7}}}}
    assert secrets_of(made(document["kind"], "people", broken)) == set()
