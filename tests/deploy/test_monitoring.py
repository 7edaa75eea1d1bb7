"""The alert rules and the dashboard: real promtool reads them, and every metric is used."""

import json
import re
from pathlib import Path
from typing import Any

import yaml

from controller.runtime.metrics import METRICS
from tests.deploy.programs import Tool
from tests.repo.files import ROOT

RULES = ROOT / "deploy" / "alerts" / "prometheus-rule.yaml"
DASHBOARD = ROOT / "deploy" / "grafana" / "dashboard.json"
_NAME = re.compile(r"\bsagectl_[a-z_]+")


def _read_rule_spec() -> dict[str, Any]:
    spec: dict[str, Any] = yaml.safe_load(RULES.read_text(encoding="utf-8"))["spec"]
    return spec


def _read_alerts() -> list[dict[str, Any]]:
    return [rule for group in _read_rule_spec()["groups"] for rule in group["rules"]]


def _read_panels() -> list[dict[str, Any]]:
    panels: list[dict[str, Any]] = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    return panels


def _expressions() -> list[str]:
    return [target["expr"] for panel in _read_panels() for target in panel.get("targets", [])]


def _write_prometheus_rules(folder: Path) -> Path:
    """The rules in the file format of Prometheus itself."""
    path = folder / "rules.yaml"
    path.write_text(yaml.safe_dump(_read_rule_spec()), encoding="utf-8")
    return path


def test_promtool_accepts_the_rules(promtool: Tool, tmp_path: Path) -> None:
    """``promtool check rules`` finds each alert, and no error."""
    out = promtool.must(
        "check", "rules", "--lint=all", "--lint-fatal", str(_write_prometheus_rules(tmp_path))
    )
    assert f"{len(_read_alerts())} rules found" in out


def test_each_alert_fires_on_its_series_and_not_otherwise(promtool: Tool, tmp_path: Path) -> None:
    """The unit tests of the rules pass, and each alert has a case in which it fires."""
    text = (Path(__file__).parent / "alerts.yaml").read_text(encoding="utf-8")
    _write_prometheus_rules(tmp_path)
    cases = tmp_path / "alerts.yaml"
    cases.write_text(text, encoding="utf-8")
    promtool.must("test", "rules", str(cases))
    fired = {
        case["alertname"]
        for test in yaml.safe_load(text)["tests"]
        for case in test["alert_rule_test"]
        if case["exp_alerts"]
    }
    assert fired == {alert["alert"] for alert in _read_alerts()}


def test_every_expression_of_the_dashboard_is_promql(promtool: Tool, tmp_path: Path) -> None:
    """The expressions are rules that promtool reads, once Grafana's variables are filled in."""
    filled = [
        each.replace("$__rate_interval", "5m").replace("$job", "sagemaker-gitops") for each in _expressions()
    ]
    rules = [{"record": f"panel:{number}", "expr": each} for number, each in enumerate(filled)]
    path = tmp_path / "panels.yaml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}), encoding="utf-8")
    assert f"{len(rules)} rules found" in promtool.must("check", "rules", "--lint=none", str(path))


def test_every_metric_is_shown() -> None:
    """The dashboard shows each metric that the product has, and no others."""
    named = {
        re.sub(r"_(count|sum|bucket)$", "", name) for each in _expressions() for name in _NAME.findall(each)
    }
    assert named == {metric.name for metric in METRICS}


def test_every_panel_has_a_place_of_its_own() -> None:
    """No panel overlaps another or exceeds the grid of 24 columns, and no number is used twice."""
    taken: dict[tuple[int, int], str] = {}
    for panel in _read_panels():
        grid = panel["gridPos"]
        assert grid["x"] + grid["w"] <= 24, panel["title"]
        for x in range(grid["x"], grid["x"] + grid["w"]):
            for y in range(grid["y"], grid["y"] + grid["h"]):
                assert taken.setdefault((x, y), panel["title"]) == panel["title"]
    numbers = [panel["id"] for panel in _read_panels()]
    assert len(numbers) == len(set(numbers))


def test_every_alert_has_a_runbook() -> None:
    """Each alert has its section in docs/runbooks.md, and the page has no others."""
    page = (ROOT / "docs" / "runbooks.md").read_text(encoding="utf-8")
    sections = re.findall(r"^## (\w+)$", page, re.MULTILINE)
    assert sections == [alert["alert"] for alert in _read_alerts()]
    for alert in _read_alerts():
        assert alert["annotations"]["runbook"] == f"docs/runbooks.md#{alert['alert'].lower()}"
        assert set(alert["annotations"]) == {"summary", "description", "runbook"}
