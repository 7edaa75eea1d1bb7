from pathlib import Path

import pytest

from controller.core.finding import errors
from controller.core.phase import Action, Convergence
from controller.core.ref import Ref
from controller.kinds import KINDS
from controller.manifests.bundle import bundle
from controller.manifests.load import load
from tests.journeys.stage import Stage, acting_steps

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
EACH = sorted(folder.name for folder in EXAMPLES.iterdir() if folder.is_dir())
STACKS = [("quickstart",), ("labeling-oidc",), ("quickstart", "labeling")]


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """An empty account, and the one secret that an example refers to."""
    return Stage(tmp_path, secrets={"LABELING_CLIENT_SECRET": "made up"})


def texts(*folders: str) -> list[str]:
    """The documents of some folders."""
    return [
        file.read_text(encoding="utf-8")
        for folder in folders
        for file in sorted((EXAMPLES / folder).glob("*.yaml"))
    ]


def compile_refs(*folders: str) -> tuple[Ref, ...]:
    """The resources of some folders, in running order; there is no finding, not even a warning."""
    loaded = load([str(EXAMPLES / folder) for folder in folders])
    made = bundle(loaded.documents)
    assert not [str(each) for each in (*loaded.findings, *errors(made.findings))]
    return made.order


@pytest.mark.parametrize("folder", EACH)
def test_each_folder_validates_alone(folder: str) -> None:
    """Every folder of examples loads without a finding, by itself."""
    assert compile_refs(folder)


def test_every_kind_has_an_example() -> None:
    """The examples together have every kind of the product."""
    shown = {ref.kind for folder in EACH for ref in compile_refs(folder)}
    assert set(KINDS) == shown


@pytest.mark.parametrize("folders", STACKS, ids="+".join)
def test_an_example_lives_a_whole_life(stage: Stage, folders: tuple[str, ...]) -> None:
    """An example settles when applied and then plans empty; destroyed, nothing is left."""
    desired, documents = compile_refs(*folders), texts(*folders)
    assert acting_steps(stage.plan(*documents)) == {str(ref): Action.CREATE for ref in desired}
    assert stage.apply(*documents).convergence is Convergence.SETTLED
    assert acting_steps(stage.plan(*documents)) == {}
    assert len(stage.sandbox.resources()) == len(desired)
    assert stage.destroy(*documents).convergence is Convergence.SETTLED
    assert stage.sandbox.resources() == ()


def test_labeling_alone_says_what_it_misses(stage: Stage) -> None:
    """Without the workforce that it links to, the labeling folder is blocked and the plan names it."""
    blocked = stage.plan(*texts("labeling")).blocked
    assert {step.ref for step in blocked} == set(compile_refs("labeling"))
    assert all("annotators" in step.detail for step in blocked)


def test_labeling_alone_finds_a_workforce_that_is_there(stage: Stage) -> None:
    """If the account has a workforce of another set or without an owner, the labeling folder applies alone."""
    stage.apply(*texts("quickstart"))
    stage.set = "documents"
    assert stage.apply(*texts("labeling")).convergence is Convergence.SETTLED


@pytest.mark.parametrize("folder", EACH)
def test_each_folder_has_a_readme_that_the_front_page_links(folder: str) -> None:
    """Every folder of examples has a README with a link from the front page."""
    assert (EXAMPLES / folder / "README.md").is_file()
    assert f"examples/{folder}" in (ROOT / "README.md").read_text(encoding="utf-8")
