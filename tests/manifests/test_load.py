"""Loading of files to documents and findings."""

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.finding import Code, Finding, Origin, Severity, errors
from controller.core.ref import Ref
from controller.engine.advice import COMMAND, findings_with_advice
from controller.manifests.bundle import bundle
from controller.manifests.document import Adopt, Deletion, Mode, Policy, Replace
from controller.manifests.files import Limits
from controller.manifests.load import LoadResult, load, load_bytes

API = "apiVersion: sagemaker.gitops.dev/v1alpha1\n"
GROUP = API + "kind: ModelPackageGroup\nmetadata: {name: NAME}\nspec: {}\n"
LIMITS = Limits()


def group_document(name: str = "churn") -> str:
    """A good document of that name."""
    return GROUP.replace("NAME", name)


def load_texts(*texts: str, **variables: Any) -> LoadResult:
    """Load texts as files called 0.yaml, 1.yaml, ..."""
    return load_bytes([(f"{n}.yaml", text.encode()) for n, text in enumerate(texts)], variables=variables)


def finding_of(text: str) -> Finding:
    """The only finding of a text."""
    (finding,) = load_texts(text).findings
    return finding


def test_a_document_has_its_ref_spec_policy_and_places() -> None:
    """A whole document is read with each part's type and position."""
    text = (
        API + "kind: Endpoint\nmetadata:\n  name: fraud\n  namespace: ml\n  labels: {a: b}\n  uid: x\n"
        "spec:\n  endpointConfigName: ${var.config}\n  tags: {team: risk}\n"
        "policy: {deletion: Retain, adopt: IfUnowned, replace: Allow, protect: true, mode: Plan,"
        " ignore: [/tags/a~1b], generations: 0}\nstatus: {x: 1}\n"
    )
    found = load_texts(text, config="c")
    assert found.findings == ()
    (document,) = found.documents
    assert document.ref == Ref("Endpoint", "fraud", "ml")
    assert document.spec == {"endpointConfigName": "c", "tags": {"team": "risk"}}
    assert document.policy == Policy(
        Deletion.RETAIN, Adopt.IF_UNOWNED, Replace.ALLOW, True, Mode.PLAN, (("tags", "a/b"),), generations=0
    )
    assert document.origin == Origin("0.yaml", 1, 1)
    assert document.origin_of(("spec", "tags", "team")) == Origin("0.yaml", 10, 16)
    assert document.origin_of(("spec", "deploymentConfig", "x")) == Origin("0.yaml", 8, 1)


def test_documents_come_sorted_whatever_the_order_of_files() -> None:
    """The same documents in another order load to the same refs."""
    first, second = (
        load_texts(group_document("b"), group_document("a")),
        load_texts(group_document("a"), group_document("b")),
    )
    assert [d.ref for d in first.documents] == [d.ref for d in second.documents]
    assert [d.ref.name for d in first.documents] == ["a", "b"]


def test_the_same_identity_twice_names_both_places() -> None:
    """Row 13: two documents of one identity, in whatever files, are an error at the second that names the first."""
    found = load_texts(group_document(), "# x\n" + group_document())
    (finding,) = found.findings
    assert (finding.code, finding.origin) == (Code.DUPLICATE_IDENTITY, Origin("1.yaml", 2, 1))
    assert "0.yaml:1:1" in finding.message
    assert len(found.documents) == 1


def test_another_namespace_is_another_identity() -> None:
    """The namespace is part of who a document is."""
    assert (
        load_texts(
            group_document(),
            group_document().replace("NAME", "x").replace("name: churn", "name: churn, namespace: a"),
        ).findings
        == ()
    )


ENVELOPES: list[tuple[str, Code, tuple[int, int], str]] = [
    ("- a\n", Code.NOT_A_DOCUMENT, (1, 1), "expected an object"),
    ("a: 1\n", Code.NOT_A_DOCUMENT, (1, 1), "apiVersion"),
    ("apiVersion: [v1]\nkind: {a: b}\nitems: []\n", Code.NOT_A_DOCUMENT, (1, 1), "apiVersion"),
    (API + "kind: Endpont\n", Code.UNKNOWN_KIND, (2, 7), "did you mean 'Endpoint'?"),
    (API.replace("v1alpha1", "v2") + "kind: Model\n", Code.ENVELOPE, (1, 13), "v1alpha1"),
    (group_document().replace("spec: {}", ""), Code.ENVELOPE, (1, 1), "spec: {}"),
    (group_document().replace("spec: {}", "spec: a"), Code.ENVELOPE, (4, 7), "an object"),
    (group_document() + "polcy: {}\n", Code.ENVELOPE, (5, 1), "did you mean 'policy'?"),
    (group_document() + "policy: {delete: Retain}\n", Code.ENVELOPE, (5, 18), "did you mean 'deletion'?"),
    (group_document() + "policy: {deletion: retain}\n", Code.ENVELOPE, (5, 20), "'Retain'"),
    (group_document() + "policy: {protect: 'true'}\n", Code.ENVELOPE, (5, 19), "boolean"),
    (group_document() + "policy: {generations: -1}\n", Code.ENVELOPE, (5, 23), "0"),
    (
        group_document() + "policy: {ignore: [modelPackageGroupDescription]}\n",
        Code.BAD_REFERENCE,
        (5, 19),
        "JSON pointer",
    ),
    (
        group_document() + "policy: {ignore: [/modelPackageGroupDescripton]}\n",
        Code.BAD_REFERENCE,
        (5, 19),
        "did you mean",
    ),
    (
        group_document() + "policy: {ignore: [/tags/0, /modelPackageGroupName/x]}\n",
        Code.BAD_REFERENCE,
        (5, 28),
        "'x'",
    ),
    (group_document().replace("{name: churn}", "{}"), Code.ENVELOPE, (3, 1), "required"),
    (group_document("Churn"), Code.ENVELOPE, (3, 18), "a-z"),
    (group_document("'" + "a" * 254 + "'"), Code.ENVELOPE, (3, 18), "253"),
    (group_document("churn, namespace: a.b"), Code.ENVELOPE, (3, 36), "namespace"),
    (group_document("a.b"), Code.PATTERN, (3, 18), "spec.modelPackageGroupName"),
    (group_document().replace("{}", "{tags: {team: NO}}"), Code.AMBIGUOUS_SCALAR, (4, 21), "quote it"),
    (
        group_document().replace("{}", "{modelPackageGroupDescription: 012}"),
        Code.AMBIGUOUS_SCALAR,
        (4, 38),
        "quote it",
    ),
    (group_document().replace("{}", "{tags: {a: '${var.x}'}}"), Code.UNDEFINED_VARIABLE, (4, 18), "--var x"),
]


@pytest.mark.parametrize(("text", "code", "position", "message"), ENVELOPES)
def test_a_mistake_is_one_finding_at_its_place(
    text: str, code: Code, position: tuple[int, int], message: str
) -> None:
    """Each error in an envelope or scalar is one finding with its position and a helpful message."""
    finding = finding_of(text)
    assert (finding.code, finding.origin) == (code, Origin("0.yaml", *position))
    assert message in str(findings_with_advice((finding,), COMMAND)[0])


def test_all_findings_of_all_files_come_in_one_run() -> None:
    """Row 27: a bad policy hides neither the spec's mistakes nor the next file's."""
    bad = group_document().replace("{}", "{nope: 1}") + "policy: {delete: x}\n"
    assert [finding.code for finding in load_texts(bad, "a: [").findings] == [
        Code.UNKNOWN_FIELD,
        Code.ENVELOPE,
        Code.SYNTAX,
    ]


def test_no_finding_shows_a_secret() -> None:
    """A secret written as a literal, in whatever form, appears in no finding."""
    for literal in (
        "canary3f9c",
        "0123456",
        "1_000_7",
        "{valueFrom: canary3f9c}",
        "[canary3f9c]",
        "${canary3f9c}",
    ):
        text = (
            API
            + f"kind: Workforce\nmetadata: {{name: a}}\nspec: {{oidcConfig: {{clientSecret: '{literal}'}}}}\n"
        )
        for written in (text, text.replace(f"'{literal}'", literal)):
            message = " ".join(map(str, load_texts(written).findings))
            assert message
            assert not any(word in message for word in ("canary3f9c", "0123456", "1_000_7", "10007"))


def test_documents_of_others_are_skipped_with_a_warning() -> None:
    """Another API group is a warning, so that a tree may have other documents."""
    found = load_texts("apiVersion: apps/v1\nkind: Deployment\n", group_document())
    assert [(f.code, f.severity) for f in found.findings] == [(Code.FOREIGN_DOCUMENT, Severity.WARNING)]
    assert len(found.documents) == 1


@pytest.mark.parametrize("head", ["apiVersion: v1\nkind: List\n", API + "kind: ModelPackageGroupList\n"])
def test_lists_are_opened(head: str) -> None:
    """Row 13: the items of a list are documents with places of their own."""
    item = group_document().replace("\n", "\n  ").rstrip()
    found = load_texts(
        f"{head}items:\n- {item}\n- {item.replace('churn', 'other').replace('{}', '{nope: 1}')}\n"
    )
    assert [document.ref.name for document in found.documents] == ["churn", "other"]
    (finding,) = found.findings
    assert (finding.origin, finding.path) == (Origin("0.yaml", 11, 16), ("spec", "nope"))


@pytest.mark.parametrize(
    "text", ["!!str one", "&x one", "*x", "one\n  modelPackageGroupName: two", "one\n  7: two", "NO", ".nan"]
)
@pytest.mark.parametrize("listed", [False, True])
def test_a_document_that_the_reader_refuses_in_part_is_faulty(text: str, *, listed: bool) -> None:
    """No run accepts it, even if the rest is of the right type; the other documents of a list are accepted."""
    broken = (
        f"{API}kind: ModelPackageGroup\nmetadata: {{name: one}}\nspec:\n  modelPackageGroupName: {text}\n"
    )
    other = f"{API}kind: ModelPackageGroup\nmetadata: {{name: other}}\nspec: {{}}\n"
    items = "".join("- " + each.replace("\n", "\n  ").rstrip() + "\n" for each in (broken, other))
    whole = f"apiVersion: v1\nkind: List\nitems:\n{items}" if listed else f"{broken}---\n{other}"
    found = load_texts(whole)
    assert errors(found.findings)
    assert [ref.name for ref in bundle(found.documents).invalid_documents] == ["one"]


@pytest.mark.parametrize("head", ["7: two\nitems:", "items: &all", "items: !!seq"])
def test_a_list_that_the_reader_refuses_in_part_makes_all_of_it_faulty(head: str) -> None:
    """What is wrong with a list itself is wrong with each of its documents."""
    items = "".join(
        f"- {{{API.strip()}, kind: ModelPackageGroup, metadata: {{name: {name}}}, spec: {{}}}}\n"
        for name in ("one", "two")
    )
    found = load_texts(f"apiVersion: v1\nkind: List\n{head}\n{items}")
    assert errors(found.findings)
    assert [ref.name for ref in bundle(found.documents).invalid_documents] == ["one", "two"]


def test_nothing_at_all_is_a_warning() -> None:
    """No documents is a warning, because an empty tree is more often a wrong path than intended."""
    assert [(f.code, f.severity) for f in load_texts("# nothing\n").findings] == [
        (Code.EMPTY, Severity.WARNING)
    ]
    assert [f.code for f in load_texts().findings] == [Code.EMPTY]


def test_folders_are_read_sorted_without_hidden_files_and_settings(tmp_path: Path) -> None:
    """A folder gives its YAML and JSON files, recursively; hidden ones, links out and settings are left."""
    tree, outside = tmp_path / "tree", tmp_path / "outside.yaml"
    for name in ("b.yaml", "a/c.yml", "d.json", "e.txt", ".hidden.yaml", ".git/f.yaml", "a/sagectl.yaml"):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(group_document(Path(name).stem.strip(".")))
    (tree / "sagectl.yaml").write_text("set: x\n")
    outside.write_text(group_document("outside"))
    (tree / "link.yaml").symlink_to(outside)
    (tree / "same.yaml").symlink_to(tree / "b.yaml")
    (tree / "loop").symlink_to(tree)
    found = load([str(tree), str(tree / "b.yaml")])
    assert [document.ref.name for document in found.documents] == ["b", "c", "d", "sagectl"]
    assert [(f.code, f.severity) for f in found.findings] == [(Code.UNREADABLE_FILE, Severity.WARNING)]


def test_standard_input_and_odd_names_are_read(tmp_path: Path) -> None:
    """``-`` is standard input, and a file given by name may be called anything."""
    odd = tmp_path / "odd"
    odd.write_text(group_document("a"))
    found = load([str(odd), "-"], stdin=io.BytesIO(group_document("b").encode()))
    assert [(d.ref.name, d.origin.file) for d in found.documents] == [("a", str(odd)), ("b", "<stdin>")]


def test_a_missing_path_is_an_error(tmp_path: Path) -> None:
    """A path that cannot be read is an error, never an empty tree."""
    found = load([str(tmp_path / "nothing"), "-"])
    assert [(f.code, f.severity) for f in found.findings] == [(Code.UNREADABLE_FILE, Severity.ERROR)] * 2


def test_limits_of_a_tree_hold_exactly_and_name_themselves(tmp_path: Path) -> None:
    """Files and bytes in all pass at the limit; one more is a finding that names it."""
    sources = [("a", group_document("a").encode()), ("b", group_document("b").encode())]
    size = sum(len(data) for _, data in sources)
    for name, limit in (("files", 2), ("total_bytes", size)):
        assert load_bytes(sources, limits=replace(LIMITS, **{name: limit})).findings == ()
        (finding,) = load_bytes(sources, limits=replace(LIMITS, **{name: limit - 1})).findings
        assert (finding.code, f"limit {name}" in finding.message) == (Code.LIMIT, True)
        for file, data in sources:
            (tmp_path / f"{file}.yaml").write_bytes(data)
        assert load([str(tmp_path)], limits=replace(LIMITS, **{name: limit})).findings == ()
        (finding,) = load([str(tmp_path)], limits=replace(LIMITS, **{name: limit - 1})).findings
        assert (finding.code, f"limit {name}" in finding.message) == (Code.LIMIT, True)


def test_items_of_a_list_count_as_documents() -> None:
    """A list cannot bring in more documents than a file may hold."""
    text = "apiVersion: v1\nkind: List\nitems:\n" + "- {apiVersion: v1, kind: X}\n" * 3
    found = load_bytes([("a", text.encode())], limits=replace(LIMITS, documents_per_file=2))
    assert [f.code for f in found.findings].count(Code.LIMIT) == 1


KEYWORDS = st.sampled_from(
    ["apiVersion", "kind", "metadata", "spec", "policy", "items", "name", "tags", "ignore", "status",
     "sagemaker.gitops.dev/v1alpha1", "v1", "List", "Model", "ModelList", "${var.x}", "${", "containers", "",
     None, 1, True, 0.5, "modelName", "/a/0", "/tags", "environment", "valueFrom"]
)  # fmt: skip
TREES = st.recursive(
    KEYWORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYWORDS.map(str), inner, max_size=4),
    max_leaves=12,
)


@given(TREES, TREES, TREES, TREES)
def test_arbitrary_documents_never_raise(kind: Any, metadata: Any, spec: Any, policy: Any) -> None:
    """Whatever the parts of a document contain, loading gives findings and never raises."""
    for body in (
        {"apiVersion": kind, "kind": kind, "items": metadata},
        {"kind": kind, "metadata": metadata, "spec": spec, "policy": policy},
        {"kind": "Model", "metadata": {"name": "a"}, "spec": spec, "policy": policy},
        {"kind": "Workforce", "metadata": {"name": "a"}, "spec": {"oidcConfig": spec, "tags": policy}},
        {
            "kind": "ModelPackage",
            "metadata": {"name": "a"},
            "spec": {"modelCard": spec, "modelPackageName": policy},
        },
    ):
        text = json.dumps({"apiVersion": "sagemaker.gitops.dev/v1alpha1", **body})
        found = load_bytes([("a.yaml", text.encode())], variables={"x": spec})
        assert isinstance(found, LoadResult)
        assert all(str(finding) for finding in found.findings)


@pytest.mark.parametrize("name", ["a" * 253, f"{'a' * 100}.{'b' * 100}", "a.b-c.1"])
def test_a_name_has_no_limit_per_part(name: str) -> None:
    """A name has 253 characters at most, in parts of any length, as in Kubernetes; AWS's own limit is the kind's."""
    text = GROUP.replace("NAME", name).replace("spec: {}", "spec: {modelPackageGroupName: short}")
    assert load_texts(text).findings == ()
    assert finding_of(text.replace(name, "a" * 254)).path == ("metadata", "name")
    assert {finding.path for finding in load_texts(GROUP.replace("NAME", name)).findings} == {
        ("metadata", "name")
    }
