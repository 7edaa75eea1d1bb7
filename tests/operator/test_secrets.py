from tests.kubernetes.documents import pipeline, workforce
from tests.operator.objects import made


def test_the_secrets_of_an_object_are_those_that_its_spec_names() -> None:
    """A Secret is found only at the fields that the model marks as sensitive."""
    document = workforce()
    assert made(document["kind"], "people", document["spec"]).parsed.secrets == {"sign-in"}
    assert made("Pipeline", "train", pipeline()["spec"]).parsed.secrets == set()
    broken = {**document["spec"], "oidcConfig": {"clientSecret": {"valueFrom": {"secretKeyRef": 7}}}}
    assert made(document["kind"], "people", broken).parsed.secrets == set()
