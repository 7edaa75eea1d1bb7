"""Documents of the operator's journeys."""

from typing import Any

from controller.manifests.envelope import API_VERSION

Json = dict[str, Any]
SECRET = {"valueFrom": {"secretKeyRef": {"name": "sign-in", "key": "client"}}}
ROLE = "arn:aws:iam::123456789012:role/sagemaker"
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud:1"


def document(kind: str, name: str, spec: Json, policy: Json | None = None, **annotations: str) -> Json:
    """A document; annotations are those of our group."""
    fields = {f"sagemaker.gitops.dev/{key.replace('_', '-')}": value for key, value in annotations.items()}
    metadata = {"name": name, **({"annotations": fields} if fields else {})}
    found = {"apiVersion": API_VERSION, "kind": kind, "metadata": metadata, "spec": spec}
    return {**found, **({"policy": policy} if policy else {})}


def model(data: str = "s3://bucket/one.tar.gz", policy: Json | None = None, name: str = "fraud") -> Json:
    """A model named by its document."""
    return document(
        "Model",
        name,
        {"executionRoleArn": ROLE, "primaryContainer": {"image": IMAGE, "modelDataUrl": data}},
        policy,
    )


def config(instance: str = "ml.m5.large", of: str = "fraud", count: int = 1) -> Json:
    """A configuration with one variant for that model."""
    variant = {
        "variantName": "main",
        "modelName": of,
        "initialInstanceCount": count,
        "instanceType": instance,
    }
    return document("EndpointConfig", "fraud", {"productionVariants": [variant]})


def endpoint(policy: Json | None = None, name: str = "fraud") -> Json:
    """An endpoint with that configuration."""
    return document("Endpoint", name, {"endpointConfigName": "fraud"}, policy)


def group(
    about: str = "models that score", policy: Json | None = None, name: str = "fraud", **notes: str
) -> Json:
    """A model package group, which one call creates at once."""
    return document("ModelPackageGroup", name, {"modelPackageGroupDescription": about}, policy, **notes)


def pipeline(about: str = "first", policy: Json | None = None, name: str = "train") -> Json:
    """A pipeline, which accepts updates."""
    definition = {"Version": "2020-12-01", "Steps": []}
    return document(
        "Pipeline",
        name,
        {"roleArn": ROLE, "pipelineDescription": about, "pipelineDefinition": definition},
        policy,
    )


def workforce() -> Json:
    """A workforce with an external identity provider and a client secret."""
    urls = {
        name: f"https://login.example.com/{name}"
        for name in (
            "issuer",
            "authorizationEndpoint",
            "tokenEndpoint",
            "userInfoEndpoint",
            "logoutEndpoint",
            "jwksUri",
        )
    }
    return document(
        "Workforce", "people", {"oidcConfig": {"clientId": "app", "clientSecret": SECRET, **urls}}
    )


SERVING = (model(), config(), endpoint())
