"""The list of mutations is up to date: each names existing code and existing tests."""

import ast
from collections import Counter

from tests.mutation.mutations import MUTATIONS, Mutation
from tests.repo.files import ROOT, functions

LEAST = 60
PACKAGES = frozenset(
    {
        "core",
        "engine",
        "inventory",
        "aws",
        "operator",
        "gitops",
        "sandbox",
        "manifests",
        "webhooks",
        "runtime",
        "schema",
        "output",
    }
)


def _problem(mutation: Mutation) -> str:
    """Why a mutation can't be tried; empty if it can."""
    try:
        ast.parse(mutation.mutated())
    except (OSError, SyntaxError, ValueError) as error:
        return str(error)
    if mutation.old == mutation.new or not mutation.tests or not mutation.why:
        return "it changes nothing, names no test or gives no reason"
    for test in mutation.tests:
        file, _, name = test.partition("::")
        path = ROOT / "tests" / file
        if not path.is_file():
            return f"there is no tests/{file}"
        if name and name.partition("[")[0] not in {each.name for each in functions(path)}:
            return f"tests/{file} has no {name}"
    return ""


def test_every_mutation_can_be_tried() -> None:
    """Each replaces a text that occurs once, gives Python that can be parsed, and names existing tests."""
    problems = {each.name: why for each in MUTATIONS if (why := _problem(each))}
    assert not problems


def test_mutations_are_told_apart() -> None:
    """No two have one name or one fault; they reach all packages that decide what is changed."""
    assert len(MUTATIONS) >= LEAST
    names = Counter(each.name for each in MUTATIONS)
    faults = Counter((each.file, each.old, each.new) for each in MUTATIONS)
    assert [key for key, count in (names + Counter(map(str, faults))).items() if count > 1] == []
    assert {each.file.partition("/")[0] for each in MUTATIONS} == PACKAGES
