"""Many documents, for benchmarks."""

from collections.abc import Callable
from itertools import islice
from typing import Any

from tests.kubernetes.documents import IMAGE, ROLE, document, group, pipeline

Json = dict[str, Any]


def models(count: int) -> list[Json]:
    """Models m0, m1, ..."""
    return [_model(f"m{number}") for number in range(count)]


def configs_of(count: int) -> list[Json]:
    """A configuration on each model."""
    return [_config(f"m{number}") for number in range(count)]


def endpoints_of(count: int, of: str = "") -> list[Json]:
    """An endpoint on each configuration, or all on one."""
    return [
        document("Endpoint", f"m{number}", {"endpointConfigName": of or f"m{number}"})
        for number in range(count)
    ]


def ten_kinds(count: int, prefix: str = "m") -> list[Json]:
    """As many objects of each of ten kinds, the users after what they use; their names begin alike."""
    each = count // len(_KINDS)
    return [make(f"{prefix}{number}") for make in _KINDS for number in islice(range(count), each)]


def _model(name: str) -> Json:
    return document("Model", name, {"executionRoleArn": ROLE, "primaryContainer": {"image": IMAGE}})


def _config(name: str) -> Json:
    variant = {
        "variantName": "main",
        "modelName": name,
        "initialInstanceCount": 1,
        "instanceType": "ml.m5.large",
    }
    return document("EndpointConfig", name, {"productionVariants": [variant]})


def _endpoint(name: str) -> Json:
    return document("Endpoint", name, {"endpointConfigName": name})


def _group(name: str) -> Json:
    return group(name=name)


def _pipeline(name: str) -> Json:
    return pipeline(name=name)


def _experiment(name: str) -> Json:
    return document("Experiment", name, {})


def _trial(name: str) -> Json:
    return document("Trial", name, {"experimentName": name})


def _repository(name: str) -> Json:
    return document(
        "CodeRepository", name, {"gitConfig": {"repositoryUrl": f"https://git.example.com/{name}.git"}}
    )


def _context(name: str) -> Json:
    return document("Context", name, {"contextType": "run", "source": {"sourceUri": f"s3://bucket/{name}"}})


def _action(name: str) -> Json:
    return document("Action", name, {"actionType": "run", "source": {"sourceUri": f"s3://bucket/{name}"}})


_KINDS: tuple[Callable[[str], Json], ...] = (
    _model, _config, _endpoint, _group, _pipeline, _experiment, _trial, _repository, _context, _action,
)  # fmt: skip
