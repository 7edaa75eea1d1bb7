from datetime import UTC, datetime

import pytest

from controller.schema.search import (
    Condition,
    PropertyType,
    Searched,
    check_conditions,
    condition,
    request,
    resources,
    searched_resource,
)


def search_fields(word: str) -> Searched:
    found = searched_resource(word)
    assert found is not None
    return found


def parse_time(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("EndpointStatus = InService", Condition("EndpointStatus", "Equals", "InService")),
        ("EndpointStatus=InService", Condition("EndpointStatus", "Equals", "InService")),
        ("Metrics.auc >= 0.9", Condition("Metrics.auc", "GreaterThanOrEqualTo", "0.9")),
        ("Metrics.auc>0.9", Condition("Metrics.auc", "GreaterThan", "0.9")),
        ("A <= 1", Condition("A", "LessThanOrEqualTo", "1")),
        ("A < 1", Condition("A", "LessThan", "1")),
        ("A != x", Condition("A", "NotEquals", "x")),
        ("Tags.team exists", Condition("Tags.team", "Exists")),
        ("Tags.team NOT-EXISTS", Condition("Tags.team", "NotExists")),
        ("Tags.my team contains a b", Condition("Tags.my team", "Contains", "a b")),
        ("ModelName in a,b", Condition("ModelName", "In", "a,b")),
        ("Tags.in = contains", Condition("Tags.in", "Equals", "contains")),
        ("Tags.x = a>=b", Condition("Tags.x", "Equals", "a>=b")),
    ],
)
def test_a_condition_is_name_operator_value(text: str, read: Condition) -> None:
    """The first operator after the name counts; the rest is the value."""
    assert condition(text) == read


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is not NAME OPERATOR VALUE"),
        ("EndpointStatus", "is not NAME OPERATOR VALUE"),
        ("= x", "is not NAME OPERATOR VALUE"),
        ("A =", "= needs a value"),
        ("A contains", "contains needs a value"),
        ("A exists yes", "exists takes no value"),
    ],
)
def test_what_is_no_condition_says_why(text: str, why: str) -> None:
    """A condition without a part, or with an additional one, is refused with that reason."""
    with pytest.raises(ValueError, match=why):
        condition(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("EndpointName > a", "EndpointName is a string, which '>' can't compare"),
        ("CreationTime contains 2026", "CreationTime is a time, and 'contains' is for strings only"),
        ("ModelPackageVersion in 1,2", "ModelPackageVersion is a number, and 'in' is for strings only"),
        ("ModelPackageVersion = one", "ModelPackageVersion is a number, and 'one' is none"),
        ("Metrics.auc > nan", "Metrics.auc is a number, and 'nan' is none"),
        ("CreationTime > soon", "soon"),
    ],
)
def test_an_operator_must_suit_the_property(text: str, why: str) -> None:
    """Order is not for strings, contains and in are for strings only, and numbers and times must be valid."""
    of = search_fields("model-packages" if "Package" in text else "endpoints")
    with pytest.raises(ValueError, match=why):
        check_conditions(of, [condition(text)], parse_time)


def test_times_are_written_as_the_service_wants_them() -> None:
    """A time is written to the second, in UTC, and without a zone."""
    (each,) = check_conditions(
        search_fields("endpoint"), [condition("CreationTime > 2026-11-20")], parse_time
    )
    assert each.value == "2026-11-20T00:00:00"


def test_twenty_conditions_are_the_most() -> None:
    """The list of conditions is as long as the model allows, and no longer."""
    of, one = search_fields("endpoint"), condition("EndpointName = a")
    assert len(check_conditions(of, [one] * 20, parse_time)) == 20
    with pytest.raises(ValueError, match="at most 20 conditions, and these are 21"):
        check_conditions(of, [one] * 21, parse_time)


def test_contains_is_said_once_but_for_a_few_properties() -> None:
    """Two contains are refused by name, unless the documentation exempts their properties."""
    two = [condition("EndpointName contains a"), condition("Tags.team contains b")]
    with pytest.raises(ValueError, match=r"one 'contains' only, and here are 2: EndpointName, Tags.team"):
        check_conditions(search_fields("endpoint"), two, parse_time)
    exempt = [condition("TrialName contains a"), condition("DisplayName contains b")]
    assert len(check_conditions(search_fields("ExperimentTrial"), exempt, parse_time)) == 2


def test_every_resource_is_known_by_its_words() -> None:
    """Each resource of the model is found by its name, in lower case and with hyphens; others are not."""
    for name in resources():
        assert search_fields(name) == search_fields(name.lower()) == search_fields(f"{name}s")
    assert search_fields("experiment-trial-components").member == "TrialComponent"
    assert search_fields("experiment-trials").member == "Trial"
    assert searched_resource("workteam") is None


@pytest.mark.parametrize(
    ("name", "sort"),
    [
        ("EndpointName", PropertyType.TEXT),
        ("CreationTime", PropertyType.TIME),
        ("ProductionVariants.CurrentInstanceCount", PropertyType.NUMBER),
        ("Tags.team", PropertyType.TEXT),
        ("Metrics.auc", PropertyType.NUMBER),
        ("HyperParameters.depth", PropertyType.ANY),
        ("EndpointNmae", PropertyType.UNKNOWN),
        ("EndpointName.x", PropertyType.UNKNOWN),
    ],
)
def test_properties_have_the_types_of_the_record(name: str, sort: PropertyType) -> None:
    """A property's type is that of the record's member, through structures and lists."""
    assert search_fields("endpoint").sort(name) is sort


def test_the_request_says_only_what_was_asked() -> None:
    """Without conditions there is no expression, and an operator without a value has none in the call."""
    assert request(search_fields("endpoint"), [], either=False, sort_by=None, sort_order=None) == {
        "Resource": "Endpoint"
    }
    one = request(
        search_fields("endpoint"),
        [condition("Tags.a exists")],
        either=True,
        sort_by="x",
        sort_order="Ascending",
    )
    assert one["SearchExpression"] == {
        "Filters": [{"Name": "Tags.a", "Operator": "Exists"}],
        "Operator": "Or",
    }
    assert (one["SortBy"], one["SortOrder"]) == ("x", "Ascending")
