"""Count the calls of creating, changing and planning N objects: ``python -m tests.benchmarks.calls [N]``.

Prints a table; fails only on counts.
"""

import sys
import tempfile
from collections import Counter
from pathlib import Path

from controller.engine.report import Report
from tests.benchmarks.figures import record
from tests.journeys.documents import IMAGE, ROLE, pipeline
from tests.journeys.stage import Stage, document_text


def stack_documents(count: int) -> list[str]:
    """Stacks of model, configuration and endpoint, filled up with pipelines: ``count`` documents in all."""
    documents: list[str] = []
    for i in range(count // 4):
        name = f"m{i}"
        documents += [
            document_text("Model", name, f"executionRoleArn: {ROLE}\nprimaryContainer: {{image: '{IMAGE}'}}"),
            document_text(
                "EndpointConfig",
                name,
                "productionVariants: [{variantName: main, modelName: "
                f"{name}, initialInstanceCount: 1, instanceType: ml.m5.large}}]",
            ),
            document_text("Endpoint", name, f"endpointConfigName: {name}"),
        ]
    missing = count - len(documents)
    return documents + [pipeline().replace("name: train", f"name: p{i}") for i in range(missing)]


def main(count: int = 100) -> int:
    """Run, print, judge; the exit status."""
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder))
        documents = stack_documents(count)
        changed_documents = [text.replace("ml.m5.large", "ml.m5.xlarge") for text in documents]
        changes = 3 * (count // 4)  # a new configuration, the update of the endpoint, the end of the old one
        rows = []
        for what in ("create", "apply again", "plan", "change"):
            documents = changed_documents if what == "change" else documents
            stage.forget_calls()
            report: Report | None = None
            if what == "plan":
                stage.plan(*documents)
            else:
                report = stage.apply(*documents)
            reads = Counter(record.operation for record in stage.sandbox.calls if not record.mutating)
            rows.append((what, len(stage.mutations()), sum(reads.values()), report))
    print(f"{'N = ' + str(count):<14}{'mutating':>10}{'per object':>12}{'reading':>10}{'per object':>12}")
    for what, calls, read, _ in rows:
        print(f"{what:<14}{calls:>10}{calls / count:>12.2f}{read:>10}{read / count:>12.2f}")
    made, again, planned, changed = (row[1] for row in rows)
    record(
        {
            "mutating calls for each creation or update": f"{(made + changed) / (count + changes):.1f}",
            "mutating calls of applying again": str(again),
        }
    )
    good = (made, again, planned, changed) == (count, 0, 0, changes)
    print("ok" if good else "FAILED: a creation or change costs one mutating call, applying again none")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
