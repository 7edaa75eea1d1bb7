"""The cost of the operator: CPU seconds, requests to the API server, passes, calls to AWS."""

import os
import re
import urllib.request
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests.kubernetes.operator_process import OperatorStage

_SAMPLE = re.compile(r"^(?P<name>\w+)(\{(?P<labels>[^}]*)\})? (?P<value>[\d.e+-]+)$", re.MULTILINE)
_LABEL = re.compile(r'(\w+)="([^"]*)"')
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    """The processor time, passes, requests and calls of an operator since its start."""

    cpu: float
    turns: int
    requests: Counter[str]
    calls: Counter[str]

    def cost_since(self, before: "Cost") -> "Cost":
        """The cost between two measurements."""
        return Cost(
            self.cpu - before.cpu,
            self.turns - before.turns,
            self.requests - before.requests,
            self.calls - before.calls,
        )

    def summary(self, objects: int) -> str:
        """The cost divided by the number of objects, as text."""
        each = (self.turns, self.requests.total(), self.calls.total())
        turns, requests, calls = (f"{count / objects:.2f}" for count in each)
        return f"{turns} turns, {requests} requests, {calls} calls, {1000 * self.cpu / objects:.0f} ms"


def read_cost(stage: OperatorStage) -> Cost:
    """Read the cost of the operator that was started last."""
    port = next(line["port"] for line in stage.lines(len(stage.running) - 1) if line["msg"] == "serving")
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        text = answer.read().decode()
    return Cost(
        _cpu_seconds(stage.running[-1].pid),
        _sum_series(text, "sagectl_reconcile_duration_seconds_count", ()).total(),
        _sum_series(text, "sagectl_kube_requests_total", ("verb", "resource", "code")),
        _sum_series(text, "sagectl_aws_requests_total", ("operation",)),
    )


def resident_memory(stage: OperatorStage) -> int:
    """Resident memory of the operator that was started last, in KiB."""
    path = Path(f"/proc/{stage.running[-1].pid}/status").read_text(encoding="utf-8")
    found = re.search(r"VmRSS:\s+(\d+)", path)
    return int(found[1]) if found else 0


def _cpu_seconds(pid: int) -> float:
    """Seconds of CPU, of the process and the system for it (proc(5), fields 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _sum_series(text: str, name: str, by: tuple[str, ...]) -> Counter[str]:
    found: Counter[str] = Counter()
    for sample in _SAMPLE.finditer(text):
        if sample["name"] == name:
            labels = dict(_LABEL.findall(sample["labels"] or ""))
            found[" ".join(labels[each] for each in by)] += round(float(sample["value"]))
    return found
