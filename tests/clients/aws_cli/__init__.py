"""The AWS CLI: what the engine sends in the journeys of every kind is sent again by the CLI, to a fresh sandbox."""

import json
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import botocore.session
import yaml
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StructureShape

from controller.core.cloud import Call, CloudError
from controller.kinds import KINDS
from controller.sandbox import Knobs, Sandbox, serve
from controller.sandbox.operations import HANDLERS
from tests.clients.client_result import Check, ClientResult, Report, State
from tests.clients.environment import client_environment, python
from tests.journeys.stage import HEAD, Stage
from tests.kinds import full
from tests.kinds.bounds import ENDLESS
from tests.kinds.cases import CASES
from tests.kinds.linked_documents import dependencies_of
from tests.programs.built import MissingError

VERSION = "1.46.3"
DRIVER = Path(__file__).with_name("driver.py")
KNOBS = Knobs(stored_definition='{"Version": "2020-12-01", "Steps": []}')
Json = dict[str, Any]


@dataclass
class Recorder:
    """The SageMaker calls of one journey, each with its time on the clock and the code of its refusal."""

    stage: Stage
    calls: list[Json] = field(default_factory=list)
    _places: list[int] = field(default_factory=list)

    def __call__(self, call: Call) -> None:
        """Record a call that is about to be made."""
        if call.service == "sagemaker":
            now = self.stage.sandbox.clock.now()
            self.calls.append({"at": now, "operation": call.operation, "params": call.params})
            self._places.append(len(self.stage.sandbox.calls))

    def finished(self) -> list[Json]:
        """Return the calls that reached the sandbox, with the result of each."""
        records = self.stage.sandbox.calls
        sent = []
        for call, position in zip(self.calls, self._places, strict=True):
            found = next((each for each in records[position:] if each.operation == call["operation"]), None)
            if found is not None:
                sent.append({**call, "refused": found.error})
        return sent


def run(report: Report) -> ClientResult:
    """Run it for every kind.

    Raises:
        MissingError: the CLI cannot be had, or does not start.

    """
    found = python("awscli", (f"awscli=={VERSION}",), report)
    model = _model(found)
    calls: list[Json] = []
    excluded: list[Check] = []
    for kind in KINDS:
        report(f"the AWS CLI: {kind}")
        journeys = tuple(_journeys(kind))
        for number, documents in enumerate(journeys):
            lists = LISTS if number == len(journeys) - 1 else ()
            recorded = _record_calls(
                *documents, lists=tuple(name for name in lists if name in model.operation_names)
            )
            newer = next(
                (each["operation"] for each in recorded if each["operation"] not in model.operation_names), ""
            )
            if newer:
                excluded.append(Check(f"{kind}[{number}]", State.EXCLUDED, f"newer than the CLI: {newer}"))
            else:
                calls += _name_calls(f"{kind}[{number}]", [_fit_call(model, each) for each in recorded])
    report(f"the AWS CLI: {len(calls)} commands, {len(excluded)} journeys of operations that it lacks")
    return ClientResult("aws-cli", VERSION, (*_replay_calls(found, calls), *excluded))


def _model(interpreter: Path) -> ServiceModel:
    """The service model of the CLI: its releases may lag behind the botocore of the lock."""
    (path,) = interpreter.parents[1].glob(
        "lib/python*/site-packages/awscli/botocore/data/sagemaker/*/service-2.json"
    )
    return ServiceModel(json.loads(path.read_text(encoding="utf-8")))


def _fit_call(model: ServiceModel, call: Json) -> Json:
    """The call without members that the model lacks, and with no number below its minimum."""
    known = call["operation"] in model.operation_names
    shape = model.operation_model(call["operation"]).input_shape if known else None
    params = call["params"] if shape is None else _fit_value(call["params"], shape)
    return {**call, "params": params, "fitted": params != call["params"]}


def _fit_value(value: Any, shape: Shape) -> Any:
    if isinstance(shape, StructureShape):
        members = shape.members
        return {name: _fit_value(each, members[name]) for name, each in value.items() if name in members}
    if isinstance(shape, ListShape):
        return [_fit_value(each, shape.member) for each in value]
    if isinstance(shape, MapShape):
        return {name: _fit_value(each, shape.value) for name, each in value.items()}
    return max(value, shape.metadata.get("min", value)) if isinstance(value, int) else value


def _journeys(kind: str) -> Iterator[tuple[tuple[str, ...], ...]]:
    """The sets of documents that are applied one after the other: a change of each member, then full specs."""
    case = CASES[kind]
    for member, texts in case.changes.items():
        if member not in case.during:
            yield tuple((*case.needs, case.document(kind, text)) for text in texts)
    for number, spec in enumerate(full.specs(kind)):
        if (kind, number) not in ENDLESS:
            document = HEAD + yaml.safe_dump({"kind": kind, "metadata": {"name": "full"}, "spec": spec})
            yield ((*dependencies_of(kind, number), document),)


def _record_calls(*sets: tuple[str, ...], lists: tuple[str, ...]) -> list[Json]:
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder), Sandbox(knobs=KNOBS), secrets={"SECRET": "hush"}, poll=120)
        stage.before_call = recorder = Recorder(stage)
        for documents in sets:
            stage.apply(*documents)
        for name in lists:
            with suppress(CloudError):  # some need a parameter that the model does not require
                stage.cloud().call(Call(name))
        stage.destroy(*sets[-1])
        return list(_without_repeats(recorder.finished()))


def _without_repeats(calls: list[Json]) -> Iterator[Json]:
    """Yield the calls of a journey but for reads with the same parameters and end as one before."""
    seen = set()
    for call in calls:
        end = (call["operation"], frozenset(call["params"]), call["refused"])
        if Call(call["operation"]).changes or end not in seen:
            seen.add(end)
            yield call


def _lists_without_parameters() -> tuple[str, ...]:
    """The lists that need no parameter."""
    model = botocore.session.get_session().get_service_model("sagemaker")
    names = sorted(name for name in HANDLERS["sagemaker"] if name.startswith("List"))
    shapes = {name: model.operation_model(name).input_shape for name in names}
    return tuple(name for name, shape in shapes.items() if shape is None or not shape.required_members)


LISTS = _lists_without_parameters()


def _name_calls(journey: str, calls: list[Json]) -> Iterator[Json]:
    """Yield the calls of a journey as the driver takes them, each with a name."""
    now, count = calls[0]["at"], Counter[str]()
    for number, call in enumerate(calls):
        count[call["operation"]] += 1
        name = f"{journey} {call['operation']} {count[call['operation']]}"
        yield {**call, "name": name, "reset": number == 0, "advance": call["at"] - now}
        now = max(now, call["at"])


def _replay_calls(interpreter: Path, calls: list[Json]) -> Iterator[Check]:
    server = serve(Sandbox(knobs=KNOBS)).start()
    try:
        done = subprocess.run(
            [str(interpreter), str(DRIVER), server.url],
            input="\n".join(json.dumps(call, default=_format_time) for call in calls),
            env=client_environment(server.url),
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        server.stop()
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    if len(answers) != len(calls):
        raise MissingError(f"the AWS CLI ended early:\n{done.stderr[-2000:]}")
    newer: set[str] = set()
    for call, answer in zip(calls, answers, strict=True):
        check, journey = _check(call["name"], call["refused"], answer), call["name"].partition(" ")[0]
        if call["fitted"] and check.state is State.FAILED:
            newer.add(journey)  # the rest of the call violates a rule
        undecidable = Check(check.name, State.EXCLUDED, f"newer than the CLI: members that {journey} needs")
        yield undecidable if journey in newer else check


def _check(name: str, refused: str | None, answer: Json) -> Check:
    """Whether the CLI was answered as the engine was."""
    same = f"({refused})" in answer["error"] if refused else answer["code"] == 0
    return (
        Check(name, State.PASSED) if same else Check(name, State.FAILED, answer["error"] or f"not {refused}")
    )


def _format_time(value: object) -> str:
    """Return a time as the CLI reads it."""
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)
