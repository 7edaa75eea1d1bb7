from tests.kubernetes.documents import pipeline, workforce
from tests.operator.objects import item_of


def test_the_secrets_of_an_object_are_those_that_its_spec_names() -> None:
    """A Secret is found only at the fields that the model marks as sensitive."""
    document = workforce()
    assert item_of(document["kind"], "people", document["spec"]).parsed.secrets == {"sign-in"}
    assert item_of("Pipeline", "train", pipeline()["spec"]).parsed.secrets == set()
    broken = {**document["spec"], "oidcConfig": {"clientSecret": {"valueFrom": {"secretKeyRef": 7}}}}
    assert item_of(document["kind"], "people", broken).parsed.secrets == set()
