import pytest

from controller.operator.cached_object import item
from controller.operator.selector import SelectorError, selected
from tests.kubernetes.documents import group
from tests.operator.objects import ref, shown

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
    value = shown(group(), labels={"team": "risk", "shard": "a"})
    assert selected(text)(item(ref(value), value, None)) is fits


@pytest.mark.parametrize("text", ["=x", "a=b=c", "a in b", "!a=b", "a,,b c"])
def test_what_is_no_selector_is_refused(text: str) -> None:
    """A text that is invalid selects nothing by accident."""
    with pytest.raises(SelectorError):
        selected(text)
