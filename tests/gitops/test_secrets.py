"""Which secrets documents of a repository may read, and how often other syncs are read."""

from pathlib import Path

import pytest

from controller.cli.output import Reader
from controller.core.digest import digest
from controller.gitops.settings import syncs_of
from controller.gitops.status import SyncState
from controller.gitops.sync_file import SyncFileReader
from controller.inventory.file_store import FileInventoryStore
from controller.inventory.model import Inventory
from controller.manifests.interpolation import open_variables, sensitive_texts, with_sensitive
from tests.gitops.stage import Stage, group
from tests.journeys.stage import document_text
from tests.source.git.repository import Files

CANARY = "canary-of-the-secret"


def workforce_document(reference: str) -> str:
    """A document with a secret by reference."""
    ends = (
        "authorizationEndpoint",
        "tokenEndpoint",
        "userInfoEndpoint",
        "logoutEndpoint",
        "jwksUri",
        "issuer",
    )
    spec = "".join(f"  {end}: https://id.example.com/{end}\n" for end in ends)
    secret = f"  clientSecret: {{valueFrom: {reference}}}\n  clientId: abc\n"
    return document_text("Workforce", "crowd", f"oidcConfig:\n{spec}{secret}")


@pytest.mark.parametrize(
    "reference", ["{env: OTHER}", "{env: AWS_SECRET_ACCESS_KEY}", "{file: /etc/hostname}"]
)
def test_a_document_reads_only_what_the_sync_allows(stage: Stage, reference: str) -> None:
    """Row 34: a document reads no variable and no file that the settings do not name; nothing is created."""
    stage.secrets.update({"OTHER": CANARY, "AWS_SECRET_ACCESS_KEY": CANARY})
    stage.push({"deploy/a.yaml": workforce_document(reference)})
    stage.start(stage.sync(secret_env=frozenset({"OIDC"}), secret_files=frozenset({"/run/oidc"})))
    stage.wait(700)
    assert stage.record().state is not SyncState.APPLIED
    assert "the sync allows no document to read" in stage.record().message
    assert stage.mutations() == []


def test_an_allowed_secret_is_read_and_shown_nowhere(stage: Stage) -> None:
    """Row 34: a variable that the settings name reaches AWS, and neither record nor log nor inventory has it."""
    stage.secrets["OIDC"] = CANARY
    stage.push({"deploy/a.yaml": workforce_document("{env: OIDC}")})
    stage.start(stage.sync(secret_env=frozenset({"OIDC"})))
    stage.wait(700)
    assert stage.record().is_applied, stage.record()
    shown = [path.read_text(errors="replace") for path in stage.folder.rglob("*.json") if path.is_file()]
    assert CANARY not in f"{shown}{stage.notes.events}{stage.notes.records}"


def test_a_sensitive_variable_of_a_sync_is_shown_nowhere(stage: Stage) -> None:
    """It reaches AWS, and neither record, log, key of the tree nor inventory has it or an unkeyed digest of it."""
    text = group("a", "'${var.token}'")
    stage.push({"deploy/a.yaml": text})
    values = with_sensitive({"token": CANARY}, ["token"])
    stage.start(stage.sync(variables=values))
    stage.wait(700)
    assert stage.record().is_applied, stage.record()
    made = [call.params for call in stage.sandbox.calls if call.operation == "CreateModelPackageGroup"]
    assert [each["ModelPackageGroupDescription"] for each in made] == [CANARY]
    shown = [path.read_text(errors="replace") for path in stage.folder.rglob("*.json") if path.is_file()]
    notes = f"{shown}{stage.notes.events}{stage.notes.records}"
    assert CANARY not in notes
    assert digest(CANARY)[:16] not in notes


def test_the_file_of_syncs_names_sensitive_variables(tmp_path: Path) -> None:
    """``sensitiveVariables`` of a sync, for its values and its file of values; no output has them."""
    (tmp_path / "values.yaml").write_text(f"token: {CANARY}\n", encoding="utf-8")
    given = {"name": "a", "repo": "https://example.com/a.git", "branch": "main", "values": {"mode": "x"},
             "valuesFile": str(tmp_path / "values.yaml"), "sensitiveVariables": ["token"]}  # fmt: skip
    model, found = syncs_of({"syncs": [given]})
    assert model is not None, found
    (sync,) = SyncFileReader("", Reader(), 1.0, []).syncs(model)
    assert CANARY not in repr(sync)
    assert sensitive_texts(sync.variables) == {CANARY}
    assert open_variables(sync.variables) == {"mode": "x"}


def test_syncs_at_rest_read_no_inventory_but_their_own(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten syncs that only check for drift read ten inventories a pass, not a hundred."""
    names = [f"s{n}" for n in range(10)]
    files: Files = {f"{name}/a.yaml": group(name) for name in names}
    stage.push(files)
    stage.start(*(stage.sync(name, path=name, prune=True) for name in names))
    stage.wait(120)
    loads: list[str] = []
    load = FileInventoryStore.load

    def counted(self: FileInventoryStore, account: str, region: str) -> Inventory:
        loads.append(self.path.name)
        return load(self, account, region)

    monkeypatch.setattr(FileInventoryStore, "load", counted)
    stage.wait(610)
    assert len(set(loads)) == 10
    assert len(loads) <= 10 * 2 * 2  # at most two passes in that time: each request, then a plan
