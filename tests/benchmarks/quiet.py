"""Count the calls of a quiet plan of N objects in ten kinds: ``python -m tests.benchmarks.quiet [N]``.

The first run after the objects were made observes them all; the next one has its observations. A change by hand
between two runs is counted beside them.
"""

import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from math import ceil
from pathlib import Path

from controller.engine.plan import PlanResult
from controller.inventory.observation_cache import ObservationCache, ObservationFile
from tests.benchmarks.figures import record, table
from tests.journeys.documents import IMAGE, ROLE, pipeline
from tests.journeys.stage import Stage, document_text

_MODEL = f"executionRoleArn: {ROLE}\nprimaryContainer: {{image: '{IMAGE}'}}"
_VARIANT = "variantName: main, initialInstanceCount: 1, instanceType: ml.m5.large"
_KINDS: tuple[Callable[[str], str], ...] = (
    lambda name: document_text("Model", name, _MODEL),
    lambda name: document_text(
        "EndpointConfig", name, f"productionVariants: [{{modelName: {name}, {_VARIANT}}}]"
    ),
    lambda name: document_text("Endpoint", name, f"endpointConfigName: {name}"),
    lambda name: pipeline().replace("name: train", f"name: {name}"),
    lambda name: document_text("ModelPackageGroup", name, "modelPackageGroupDescription: bench"),
    lambda name: document_text("Experiment", name, "description: bench"),
    lambda name: document_text("Trial", name, f"experimentName: {name}"),
    lambda name: document_text("Context", name, "source: {sourceUri: 's3://bucket/x'}\ncontextType: bench"),
    lambda name: document_text("Action", name, "source: {sourceUri: 's3://bucket/x'}\nactionType: bench"),
    lambda name: document_text(
        "CodeRepository", name, "gitConfig: {repositoryUrl: 'https://example.com/r.git'}"
    ),
)
_RECORDED, _WARM = 1000, 30  # calls for 1,000 objects


def documents_of_ten_kinds(count: int) -> list[str]:
    """A number of documents in ten kinds."""
    return [made(f"b{i}") for i in range(count // len(_KINDS)) for made in _KINDS]


def main(count: int = 1000) -> int:
    """Run, print, judge; the exit status."""
    pages = len(_KINDS) * ceil(count / len(_KINDS) / 100) + ceil(count / 100)
    with tempfile.TemporaryDirectory() as folder:
        stage, documents = Stage(Path(folder)), documents_of_ten_kinds(count)
        stage.apply(*documents)
        cold, warm = _plan(stage, documents), _plan(stage, documents)
        stage.client().update_experiment(ExperimentName="b0", Description="by hand")
        changed = _plan(stage, documents, quiet=False)
    rows = (
        ("quiet plan, cold", cold, count + pages, count + pages),
        ("quiet plan, warm", warm, pages, max(_WARM * count / 1000, pages)),
        ("plan, one changed by hand", changed, pages + 1, max(_WARM * count / 1000, pages) + 1),
    )
    if count == _RECORDED:
        record(
            {
                "calls of a quiet pass, 1,000 objects in 10 kinds, warm": str(warm),
                "calls of a quiet pass, cold, for each object, beside pages": f"{(cold - pages) / count:.2f}",
            }
        )
    table("quiet", (f"N = {count}", "calls", "bound", "goal"), rows)
    good = all(calls <= goal for _, calls, _, goal in rows)
    print("ok" if good else "FAILED: a quiet plan costs pages")
    return 0 if good else 1


def endpoint_ids(count: int) -> frozenset[str]:
    """The ids of the endpoints among so many documents."""
    return frozenset(f"Endpoint/b{i}" for i in range(count // len(_KINDS)))


def _plan(stage: Stage, documents: list[str], *, quiet: bool = True) -> int:
    """The calls of a plan in a new process."""
    stage.forget_calls()
    kept = ObservationCache(ObservationFile(stage.folder / "inventory.observed"))
    plan = stage.plan(*documents, observations=kept)
    if (plan.result is PlanResult.NO_CHANGES) is not quiet:
        raise SystemExit(f"the plan shows {plan.result.value}")
    return sum(_count_calls(stage).values())


def _count_calls(stage: Stage) -> Counter[str]:
    return Counter(record.operation for record in stage.sandbox.calls)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
