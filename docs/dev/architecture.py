"""Write the generated parts of docs/architecture.md and its pictures: ``make docs``.

The page has a table of packages and three walks. A walk follows ``initialInstanceCount`` of an EndpointConfig from the
document to the call of CreateEndpointConfig; each of its steps is a function that a traced run must reach, in this
order (tests/docs/test_architecture.py). The order of packages, and what each may import, is read from the contracts of
import-linter in pyproject.toml.
"""

import itertools
import re
import tomllib
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGE = DOCS / "architecture.md"
SANDBOX = "sandbox"  # in no layer: a contract of its own keeps it apart

HOLDS = {
    "cli": "the command line: options, and one module per command",
    "api": "the Python API: `load`, `plan` and `reconcile` for programs",
    "operator": "Kubernetes: API client, informer and cache, controllers for resources and GitSyncs, finalizer, "
    "conditions, leader election",
    "gitops": "reconciling a Git repository: polling, schedule, status, moving resources between syncs, plans of "
    "pull requests",
    "notify": "commit statuses, comments of pull requests, outgoing webhook messages",
    "aws_events": "events of AWS from an SQS queue: parser, receiver",
    "webhooks": "incoming webhooks: signature, replay protection, queue of triggers",
    "output": "plans, drift and reports as text, JSON, Markdown, HTML and SVG; removal of secrets",
    "convert": "documents from what Terraform, CloudFormation, ACK and scripts with boto3 declare",
    "insight": "drift, export, IAM policies, search",
    "crds": "custom resource definitions, written from `schema` and `kinds`",
    "engine": "observe, diff, decide, plan, apply, report; `reconcile.py` is the whole on one page",
    "source": "reading Git repositories without a work tree (`source/git`)",
    "inventory": "the record of what is managed: model, encoding, stores (file, S3), locks, rebuilding",
    "manifests": "YAML to documents; references, variables and their resolution; the dependency graph",
    "schema": "what botocore's service model says: members, types, limits, names",
    "kinds": "one row of data per kind: what the service model does not say",
    "aws": "boto3: sessions, rate limits, classification of errors; one method, `call(Call)`",
    "runtime": "clock, work queue, concurrency limits, HTTP client, probe server, log, atomic files",
    "core": "the values that every package uses: `Ref`, `Phase`, `Action`, `Fault`, `Call`, `Finding`",
    "sandbox": "a local SageMaker control plane, made from botocore's service model",
}


@dataclass(frozen=True)
class Step:
    """A step of a walk: the module below ``controller``, the function, what it does, and the field after it."""

    module: str
    function: str
    does: str
    field: str

    @property
    def package(self) -> str:
        """The package of the module."""
        return self.module.partition(".")[0]

    @property
    def file(self) -> str:
        """The module as a path below the project's root."""
        return f"controller/{self.module.replace('.', '/')}.py"


@dataclass(frozen=True)
class Walk:
    """A way in, from the document to AWS."""

    name: str
    title: str
    steps: tuple[Step, ...]

    @property
    def picture(self) -> Path:
        """The file of its picture."""
        return DOCS / f"walk-{self.name}.svg"


_RECONCILE = Step(
    "engine.reconcile",
    "reconcile",
    "runs one pass: observe, decide, plan, consent, apply, report",
    "a Resource",
)
_DECIDE = Step(
    "engine.decide",
    "decide",
    "compares desired and observed: the configuration does not exist, so the action is create",
    "a Step of the plan",
)
_APPLY = Step(
    "engine.apply",
    "apply",
    "runs each step once its dependencies are done; the inventory was saved before",
    "a Call",
)
_AWS = Step(
    "aws.client",
    "Aws.call",
    "waits for the rate limit, sends the request with boto3, classifies a refusal",
    "InitialInstanceCount=2 on the wire",
)

WALKS = (
    Walk(
        "cli",
        "`sagectl apply`",
        (
            Step("cli.apply", "apply", "reads options and paths", "a file name"),
            Step("manifests.load", "load", "finds the files of the tree and reads each", "bytes of a file"),
            Step(
                "manifests.yaml_reader",
                "read",
                "parses strict YAML; remembers line and column of each value",
                "initialInstanceCount: 2, with line and column",
            ),
            Step(
                "schema.check",
                "check",
                "checks type, limits and required members against the shape of the Create input",
                "an integer, at least 0",
            ),
            Step(
                "manifests.bundle",
                "bundle",
                "converts names to AWS's; makes references to dependencies, and sorts the graph",
                "InitialInstanceCount of a Resource",
            ),
            _RECONCILE,
            Step("engine.observe", "observe", "reads what exists, dependencies first", "no live value"),
            Step(
                "manifests.resolve",
                "resolve",
                "replaces references by AWS names; hashes the spec for the name of the generation",
                "part of the hash in fraud-HASH",
            ),
            _DECIDE,
            Step(
                "engine.requests",
                "create_calls",
                "builds the request of CreateEndpointConfig",
                "a member of ProductionVariants",
            ),
            _APPLY,
            _AWS,
        ),
    ),
    Walk(
        "kubernetes",
        "An object in Kubernetes",
        (
            Step(
                "operator.informer",
                "_handle_event",
                "receives the event of the watch",
                "JSON of a watch event",
            ),
            Step(
                "operator.event_handler",
                "ObjectEventHandler.on_object",
                "handles the object of the event",
                "an object",
            ),
            Step(
                "operator.object_cache",
                "ObjectCache.put",
                "stores the object, parsed once",
                "spec of a cached object",
            ),
            Step(
                "runtime.workqueue",
                "Queue.get",
                "gives the object's key to a worker; other namespaces have their turn",
                "only the key",
            ),
            Step(
                "operator.resource_controller",
                "ResourceController.reconcile",
                "runs one pass over the object of the key",
                "only the key",
            ),
            Step(
                "operator.resource_reconciler",
                "converge",
                "reads the object from the cache, and the role of its namespace",
                "spec of a cached object",
            ),
            Step(
                "operator.object_bundle",
                "compile_object",
                "loads, checks and bundles the object and what it refers to, as for a file",
                "InitialInstanceCount of a Resource",
            ),
            _RECONCILE,
            _DECIDE,
            _APPLY,
            Step(
                "operator.accounts",
                "FencedCloud.call",
                "lets the call go only while this replica holds the Lease and a slot is free",
                "a Call",
            ),
            _AWS,
        ),
    ),
    Walk(
        "git",
        "A push to a Git repository",
        (
            Step(
                "gitops.sync_controller",
                "SyncController.reconcile",
                "runs one pass over the sync that the work queue gave to a worker",
                "a commit on the server",
            ),
            Step(
                "gitops.reconciler",
                "Follower.reconcile_if_due",
                "runs what the sync has to do next: a poll",
                "not read yet",
            ),
            Step("gitops.schedule", "poll_source", "polls the source of the sync", "not read yet"),
            Step(
                "source.git.snapshot",
                "Mirrors.fetch_snapshot",
                "looks for a snapshot in the cache",
                "not read yet",
            ),
            Step(
                "source.git.mirror",
                "Mirror.fetch",
                "fetches the commit without a work tree",
                "a blob of a pack",
            ),
            Step(
                "gitops.artifact",
                "compile_snapshot",
                "makes documents of the snapshot's files, with the values of the sync",
                "bytes of a file",
            ),
            Step(
                "manifests.load",
                "load_bytes",
                "parses and checks, as for a file on disk",
                "initialInstanceCount: 2, with line and column",
            ),
            Step(
                "manifests.bundle",
                "bundle",
                "converts names to AWS's; makes references to dependencies, and sorts the graph",
                "InitialInstanceCount of a Resource",
            ),
            Step(
                "gitops.apply_pass",
                "run_pass",
                "reconciles with the consent of the sync: its mode, its deletion limits, its approvals",
                "InitialInstanceCount of a Resource",
            ),
            _RECONCILE,
            _APPLY,
            _AWS,
        ),
    ),
)


def contracts() -> list[dict[str, Any]]:
    """The contracts of import-linter."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return list(project["tool"]["importlinter"]["contracts"])


def layers() -> tuple[tuple[str, ...], ...]:
    """The packages from top to bottom; those of one layer do not import each other."""
    (made,) = (
        each for each in contracts() if each["type"] == "layers" and each["containers"] == ["controller"]
    )
    return tuple(tuple(re.split(r"\s*[|:]\s*", layer)) for layer in made["layers"])


def may_import(package: str) -> tuple[str, ...]:
    """The packages of ours that a package may import."""
    order = layers()
    at = next((number for number, layer in enumerate(order) if package in layer), len(order))
    allowed = {name for layer in order[at + 1 :] for name in layer}
    if at < len(order):
        allowed.add(SANDBOX)
    for contract in contracts():
        whole = f"controller.{package}"
        if contract["type"] == "forbidden" and whole in contract["source_modules"]:
            allowed -= {name.removeprefix("controller.") for name in contract["forbidden_modules"]}
        if contract["type"] == "protected" and not any(
            name == whole or name.startswith(f"{whole}.") for name in contract["allowed_importers"]
        ):
            allowed -= {name.removeprefix("controller.") for name in contract["protected_modules"]}
    return tuple(name for layer in (*order, (SANDBOX,)) for name in layer if name in allowed)


def packages() -> str:
    """The table of packages."""
    rows = ["| package | what it holds | may import |", "|---|---|---|"]
    for name in (*(name for layer in layers() for name in layer), SANDBOX):
        below = ", ".join(f"`{each}`" for each in may_import(name)) or "nothing of the project"
        rows.append(f"| [`{name}`](../controller/{name}) | {HOLDS[name]} | {below} |")
    return "\n".join(rows)


def table(walk: Walk) -> str:
    """The steps of a walk."""
    lines = [
        f"![The steps of this walk in the layers that they run in]({walk.picture.name})",
        "",
        "| | module | function | what it does | the field then |",
        "|---|---|---|---|---|",
    ]
    for number, step in enumerate(walk.steps, 1):
        module = f"[`{step.file.removeprefix('controller/')}`](../{step.file})"
        lines.append(f"| {number} | {module} | `{step.function}` | {step.does} | {step.field} |")
    return "\n".join(lines)


def page() -> str:
    """The page with its generated parts written anew; the rest is written by hand."""
    text = PAGE.read_text(encoding="utf-8")
    for name, part in {"packages": packages(), **{f"walk {w.name}": table(w) for w in WALKS}}.items():
        start, end = f"<!-- generated: {name} -->\n", "\n<!-- end -->"
        before, found, rest = text.partition(start)
        if not found:
            message = f"{PAGE.name} has no place for: {name}"
            raise LookupError(message)
        text = before + start + part + end + rest.partition(end)[2]
    return text


PITCH, BOX, TALL, LANE, LEFT, TOP = 112, 96, 44, 108, 104, 62
INK, GREY = "#111827", "#4b5563"
COLOURS = {
    **dict.fromkeys(("cli", "operator", "gitops"), ("#dbeafe", "#2563eb")),
    **dict.fromkeys(("manifests", "schema"), ("#ede9fe", "#6d28d9")),
    **dict.fromkeys(("source", "runtime"), ("#e5e7eb", "#4b5563")),
    "engine": ("#dcfce7", "#15803d"),
    "aws": ("#fef3c7", "#b45309"),
}


def wrapped(text: str, width: int) -> list[str]:
    """Lines of at most ``width`` characters where the words allow it; a name is broken after an underscore."""
    lines = [""]
    for word in re.findall(r"[^\s_]*_|[^\s_]+\s?|\s", text):
        if len(lines[-1]) + len(word.rstrip()) > width and lines[-1]:
            lines.append("")
        lines[-1] += word
    return [line.rstrip() for line in lines]


def _text(
    x: float, y: float, text: str, size: float, *, colour: str = INK, bold: bool = False, end: str = "middle"
) -> str:
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{colour}" text-anchor="{end}"{weight}>'
        f"{escape(text)}</text>"
    )


def _box(number: int, step: Step, x: float, y: float) -> list[str]:
    fill, edge = COLOURS[step.package]
    out = [f'<rect x="{x:g}" y="{y:g}" width="{BOX}" height="{TALL}" rx="6" fill="{fill}" stroke="{edge}"/>']
    name = wrapped(step.module.rpartition(".")[2], 12)
    first = y + TALL / 2 + 4 - 7 * (len(name) - 1)
    out += [_text(x + BOX / 2, first + 14 * at, line, 12, bold=True) for at, line in enumerate(name)]
    field = wrapped(step.field, 18)
    out += [
        _text(x + BOX / 2, y + TALL + 14 + 12 * at, line, 10, colour=GREY) for at, line in enumerate(field)
    ]
    out.append(f'<circle cx="{x:g}" cy="{y:g}" r="9" fill="{edge}"/>')
    out.append(_text(x, y + 3.5, str(number), 10, colour="#ffffff", bold=True))
    return out


def svg(walk: Walk) -> str:
    """The picture of a walk: a lane for each package, in the order of the layers, and the steps from left to right."""
    used = {step.package for step in walk.steps}
    lanes = [name for layer in layers() for name in layer if name in used]
    width, height = LEFT + PITCH * len(walk.steps) + 8, TOP + LANE * len(lanes) + 10
    title = f"{walk.title.replace('`', '')}: initialInstanceCount from the document to CreateEndpointConfig"
    out = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-labelledby="t d" '
            "font-family=\"system-ui, Helvetica, Arial, 'DejaVu Sans', sans-serif\">"
        ),
        f'<title id="t">{escape(title)}</title>',
        f'<desc id="d">{escape("; ".join(f"{step.module}: {step.does}" for step in walk.steps))}</desc>',
        (
            '<defs><marker id="a" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
            f'<path d="M0 0 8 4 0 8z" fill="{GREY}"/></marker></defs>'
        ),
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        _text(16, 28, title, 16, bold=True, end="start"),
        _text(
            16,
            46,
            "Imports go down only. Under each step: what the field is then.",
            11,
            colour=GREY,
            end="start",
        ),
    ]
    for at, name in enumerate(lanes):
        y = TOP + LANE * at
        shade = "#f9fafb" if at % 2 == 0 else "#ffffff"
        out.append(
            f'<rect x="8" y="{y}" width="{width - 16}" height="{LANE}" fill="{shade}" stroke="#e5e7eb"/>'
        )
        out.append(_text(18, y + LANE / 2 + 4, name, 13, bold=True, end="start"))
    spots = [
        (LEFT + PITCH * at, TOP + LANE * lanes.index(step.package) + 14) for at, step in enumerate(walk.steps)
    ]
    for (x, y), (_, then) in itertools.pairwise(spots):
        start, turn, end, middle = x + BOX, x + (BOX + PITCH) / 2 - 2, x + PITCH - 1, TALL / 2
        out.append(
            f'<path d="M{start:g} {y + middle:g}H{turn:g}V{then + middle:g}H{end:g}" fill="none" stroke="{GREY}" '
            'stroke-width="1.3" marker-end="url(#a)"/>'
        )
    for number, (step, (x, y)) in enumerate(zip(walk.steps, spots, strict=True), 1):
        out += _box(number, step, x, y)
    return "\n".join([*out, "</svg>"]) + "\n"


def files() -> dict[Path, str]:
    """The page and the pictures, with their texts."""
    return {PAGE: page(), **{walk.picture: svg(walk) for walk in WALKS}}
