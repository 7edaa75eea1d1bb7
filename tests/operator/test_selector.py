import pytest

from controller.crds.catalog import SYNC
from controller.kinds import KINDS
from controller.operator.cached_object import item
from controller.operator.selector import SelectorError, parse_selector, selected_kinds
from tests.kubernetes.documents import group
from tests.operator.objects import as_served, ref_of

FITS = {
    "": True,
    "team=risk": True,
    "team == risk": True,
    "team!=risk": False,
    "team": True,
    "!team": False,
    "other": False,
    "!other": True,
    "other!=x": True,
    "team in (risk, documents)": True,
    "team notin (risk)": False,
    "team=risk,shard in (a,b)": True,
    "team=risk, shard=b": False,
}


@pytest.mark.parametrize(("text", "fits"), FITS.items())
def test_a_selector_means_what_it_means_to_kubectl(text: str, fits: bool) -> None:
    """Equality, sets, presence and absence, joined by commas."""
    value = as_served(group(), labels={"team": "risk", "shard": "a"})
    assert parse_selector(text)(item(ref_of(value), value, None)) is fits


@pytest.mark.parametrize("text", ["=x", "a=b=c", "a in b", "!a=b", "a,,b c"])
def test_an_invalid_selector_is_refused(text: str) -> None:
    """An invalid text is refused, and selects nothing by accident."""
    with pytest.raises(SelectorError):
        parse_selector(text)


def test_kinds_are_named_in_any_case_and_all_where_none_is() -> None:
    """As in ``sagectl reconcile``; a GitSync is a kind, too."""
    assert selected_kinds(["model", "GITSYNC"]) == {"Model", "GitSync"}
    assert selected_kinds([]) == {*KINDS, SYNC.kind}


def test_an_unknown_kind_is_refused() -> None:
    """One message has all wrong names, each with the most similar kind."""
    with pytest.raises(SelectorError, match=r"not a kind: Endpiont, x; did you mean 'Endpoint'\?"):
        selected_kinds(["Endpiont", "Model", "x"])
