"""Resources in transition are polled by Lists: how often, at what cost, and which states are no end."""

from collections import Counter
from pathlib import Path

import pytest

from controller.core.cloud import Call, CloudError, Fault
from controller.core.phase import Convergence
from controller.core.ref import Ref
from controller.engine.in_flight import Waiter, has_listed_status, in_flight, interval, list_newest
from controller.inventory.observation_cache import ObservationCache
from controller.kinds import KINDS
from controller.sandbox import InjectedFault, Knobs, Sandbox
from controller.schema.contract import contract
from controller.schema.listing import listing, newest_first
from tests.engine.test_shared_reads import config, model
from tests.journeys.stage import Stage, document_text

LISTED = sorted(kind for kind in KINDS if has_listed_status(contract(kind)))


def serving_stack(name: str, instance: str = "ml.m5.large") -> list[str]:
    """A model, a configuration whose name depends on its content, and an endpoint."""
    variant = f"{{variantName: v, modelName: {name}, initialInstanceCount: 1, instanceType: {instance}}}"
    return [
        model(name),
        document_text("EndpointConfig", name, f"productionVariants: [{variant}]"),
        document_text("Endpoint", name, f"endpointConfigName: {name}"),
    ]


def adaptive_stage(folder: Path, **knobs: float) -> Stage:
    """A stage on which the time between polls depends on the elapsed time."""
    return Stage(folder, Sandbox(knobs=Knobs(**knobs)), poll=None)  # type: ignore[arg-type]


def call_counts(stage: Stage) -> Counter[str]:
    """How often each operation was called."""
    return Counter(record.operation for record in stage.sandbox.calls)


@pytest.mark.parametrize("kind", LISTED)
def test_the_newest_page_of_each_kind_is_listed(tmp_path: Path, kind: str) -> None:
    """The kind's own List accepts the parameters: a hundred elements, the newest first."""
    stage = Stage(tmp_path)
    assert list_newest(stage.cloud(), contract(kind)) == {}
    lists = listing(contract(kind))
    assert lists is not None
    params = newest_first(lists)
    assert params["MaxResults"] == 100
    assert ("SortOrder" in params) == (lists.filter("SortOrder") is not None)
    assert ("SortBy" in params) == (lists.filter("SortBy") is not None)
    assert len(stage.sandbox.calls) == 1 + any(
        each.operation == "GetCallerIdentity" for each in stage.sandbox.calls
    )


@pytest.mark.parametrize("end", [0.1, 1, 3, 9, 20, 60, 180, 900, 3600, 86400])
def test_polls_follow_an_end_within_a_second_or_a_twentieth_of_its_time(end: float) -> None:
    """Whenever AWS is done, the next poll follows soon; a wait of a day takes about two hundred polls."""
    at, looks = 0.0, 0
    while at < end:
        assert interval(at) >= 0.25
        at, looks = at + interval(at), looks + 1
    assert at - end <= max(1.0, 0.05 * end) + 1e-9
    assert looks < 210


@pytest.mark.parametrize("seconds", [2.0, 30.0, 180.0])
def test_an_endpoint_is_seen_ready_soon_after_it_is(tmp_path: Path, seconds: float) -> None:
    """Ten endpoints cost one List at each poll and one Describe each, and the run ends soon after they do."""
    stage = adaptive_stage(tmp_path, endpoint_creating=seconds)
    documents = [text for number in range(10) for text in serving_stack(f"m{number}")]
    assert stage.apply(*documents).convergence is Convergence.SETTLED
    assert stage.seconds - seconds <= max(1.0, 0.05 * seconds) + 0.01
    per = call_counts(stage)
    assert per["DescribeEndpoint"] == 10
    assert per["ListEndpoints"] <= 90


def test_polls_follow_the_chosen_interval(tmp_path: Path) -> None:
    """With a poll of a minute an endpoint that takes three minutes costs three Lists, and no other read."""
    stage = Stage(tmp_path, poll=60)
    stage.apply(model("m"), config("c", "m"), document_text("Endpoint", "e", "endpointConfigName: c"))
    assert (stage.seconds, call_counts(stage)["ListEndpoints"]) == (180, 3)


@pytest.mark.parametrize("fault", [Fault.DENIED, Fault.THROTTLED, Fault.UNANSWERED])
def test_without_its_list_a_resource_is_described(tmp_path: Path, fault: Fault) -> None:
    """While the List is refused each poll describes; afterwards the next poll lists again."""
    stage = Stage(tmp_path, poll=30)
    refused = list[str]()

    def before(call: Call) -> None:
        if call.operation == "ListEndpoints" and len(refused) < 3:
            refused.append(call.operation)
            raise CloudError(fault, "Refused", "a test says so", call.operation)

    stage.before_call = before
    documents = (model("m"), config("c", "m"), document_text("Endpoint", "e", "endpointConfigName: c"))
    assert stage.apply(*documents).convergence is Convergence.SETTLED
    assert (call_counts(stage)["DescribeEndpoint"] > 4) is (fault is Fault.DENIED)
    assert len(refused) == (1 if fault is Fault.DENIED else 3)


def test_a_resource_missing_on_the_page_is_described(tmp_path: Path) -> None:
    """A hundred newer foreign endpoints fill the page; the run still ends."""
    stage = Stage(tmp_path, poll=30)
    documents = (model("m"), config("c", "m"), document_text("Endpoint", "e", "endpointConfigName: c"))
    stage.reconcile(*documents)
    stage.wait(1)
    client = stage.client()
    for number in range(100):
        client.create_endpoint(EndpointName=f"other-{number}", EndpointConfigName="c")
    stage.forget_calls()
    assert stage.apply(*documents).convergence is Convergence.SETTLED
    assert call_counts(stage)["DescribeEndpoint"] >= 3


@pytest.mark.parametrize("lag", [0.0, 45.0])
def test_a_list_that_lags_ends_nothing(tmp_path: Path, lag: float) -> None:
    """With any lag of Lists, nothing is settled before Describe returns the end, and everything is settled finally."""
    stage = Stage(tmp_path, Sandbox(knobs=Knobs(list_lag=lag)), poll=10)
    early = list[str]()
    client = stage.client()

    def before(call: Call) -> None:
        if call.operation == "DeleteEndpointConfig":
            status = client.describe_endpoint(EndpointName="m")["EndpointStatus"]
            early.extend([status] if status != "InService" else [])

    stage.before_call = before
    for instance in ("ml.m5.large", "ml.m5.xlarge"):
        report = stage.apply(*serving_stack("m", instance))
        assert report.convergence is Convergence.SETTLED
        assert client.describe_endpoint(EndpointName="m")["EndpointStatus"] == "InService"
    assert not early


def test_a_failure_is_reported_with_its_reason(tmp_path: Path) -> None:
    """A List shows that an endpoint failed, and the following Describe returns the reason."""
    stage = Stage(tmp_path, poll=30)
    stage.sandbox.inject(InjectedFault.FAIL, operation="CreateEndpoint", name="m1", reason="no capacity")
    report = stage.apply(*serving_stack("m1"), *serving_stack("m2"))
    assert report.convergence is Convergence.STUCK
    ends = {outcome.step.id: outcome for outcome in report.outcomes}
    assert "no capacity" in ends["Endpoint/m1"].message
    assert report.by_document()[Ref("Endpoint", "m2")] is Convergence.SETTLED


def test_an_interrupt_while_a_list_is_read_leaves_the_run_to_be_continued(tmp_path: Path) -> None:
    """Ctrl-C between two passes ends the run; the next run creates nothing twice."""
    stage, documents = Stage(tmp_path), serving_stack("m")

    def interrupt(call: Call) -> None:
        if call.operation == "ListEndpoints":
            raise KeyboardInterrupt

    stage.before_call = interrupt
    with pytest.raises(KeyboardInterrupt):
        stage.apply(*documents)
    stage.before_call = lambda _: None
    assert stage.apply(*documents).convergence is Convergence.SETTLED
    assert stage.mutations().count("CreateEndpoint") == 1


def test_a_wait_for_a_dependency_starts_no_pass(tmp_path: Path) -> None:
    """A team waits for the creation of its workforce: Lists are read, and nothing is described."""
    stage = Stage(tmp_path)
    workforce = document_text(
        "Workforce", "w", "workforceName: w\ncognitoConfig: {userPool: us-east-1_abc, clientId: abc}"
    )
    group = (
        "workteamName: t\nworkforceName: w\ndescription: labels\nmemberDefinitions:\n"
        "- {cognitoMemberDefinition: {userPool: us-east-1_abc, userGroup: g, clientId: abc}}"
    )
    report = stage.reconcile(workforce, document_text("Workteam", "t", group))
    waiter = Waiter(lambda: stage.seconds, 10)
    assert [str(ref) for ref in in_flight(report)] == ["Workforce/w"]
    for _ in range(5):
        stage.wait(waiter.pause(report))
        stage.forget_calls()
        assert waiter.check(report, stage.cloud()) is None
        assert call_counts(stage) == {"ListWorkforces": 1}
    stage.wait(60)
    looked = waiter.check(report, stage.cloud())
    assert looked is not None
    assert not looked.in_transition


def count_reads(stage: Stage) -> Counter[str]:
    """The number of calls of each reading operation for a single resource, without those for a page."""
    found = Counter(record.operation for record in stage.sandbox.calls if not record.mutating)
    pages = ("List", "Get", "DescribeScalable")
    return Counter({name: n for name, n in found.items() if not name.startswith(pages) or name == "ListTags"})


def test_a_change_of_stacks_costs_two_reads_for_each_beside_its_plan(tmp_path: Path) -> None:
    """The endpoint and its new configuration are described; the deleted ones were described by the plan."""
    stage, kept = adaptive_stage(tmp_path), ObservationCache()
    before, now = (
        [text for number in range(10) for text in serving_stack(f"m{number}", instance)]
        for instance in ("ml.m5.large", "ml.m5.xlarge")
    )
    stage.forget_calls()
    stage.apply(*before, observations=kept)
    described = dict.fromkeys(("DescribeModel", "DescribeEndpointConfig", "DescribeEndpoint"), 10)
    assert (len(stage.mutations()), count_reads(stage)) == (30, described)
    stage.forget_calls()
    stage.plan(*now, observations=kept)
    observed = count_reads(stage)
    assert observed == dict.fromkeys(("DescribeEndpointConfig", "DescribeEndpoint"), 10)
    stage.forget_calls()
    assert stage.apply(*now, observations=kept).convergence is Convergence.SETTLED
    assert Counter(stage.mutations()) == {
        "CreateEndpointConfig": 10,
        "UpdateEndpoint": 10,
        "DeleteEndpointConfig": 10,
    }
    # apply plans, and observes again before it changes anything
    assert count_reads(stage) - observed - observed == {"DescribeEndpointConfig": 10, "DescribeEndpoint": 10}
    assert stage.plan(*now).acting == ()


def test_a_hundred_models_cost_a_hundred_and_two_calls(tmp_path: Path) -> None:
    """One call for each, one page that shows that none exists, and one for the account's identity."""
    stage = Stage(tmp_path)
    documents = [model(f"m{number}") for number in range(100)]
    assert stage.reconcile(*documents).convergence is Convergence.SETTLED
    per = call_counts(stage)
    assert per["CreateModel"] == 100
    assert sum(per.values()) <= 103


def test_deletions_are_polled_by_lists_too(tmp_path: Path) -> None:
    """Ten endpoints without documents are deleted: as many Describes, however long it takes."""
    counted = []
    for seconds in (30.0, 600.0):
        folder = tmp_path / str(seconds)
        folder.mkdir()
        stage = adaptive_stage(folder, endpoint_deleting=seconds)
        documents = [text for number in range(10) for text in serving_stack(f"m{number}")]
        stage.apply(*documents)
        stage.forget_calls()
        agreed = frozenset(f"Endpoint/m{number}" for number in range(10))
        report = stage.apply(model("m0"), prune=True, confirm_deletes=29, confirm_delete=agreed)
        assert report.convergence is Convergence.SETTLED
        assert len(stage.sandbox.resources()) == 1
        counted.append(count_reads(stage)["DescribeEndpoint"])
    assert counted[0] == counted[1] <= 40


def test_tags_that_change_with_an_update_are_written_once(tmp_path: Path) -> None:
    """Tags read before an update are not used after it."""
    stage = Stage(tmp_path)
    stage.apply(*serving_stack("m"))
    stage.forget_calls()
    *rest, served = serving_stack("m", "ml.m5.xlarge")
    tagged = served + "  tags: {team: risk}\n"
    assert stage.apply(*rest, tagged).convergence is Convergence.SETTLED
    assert stage.mutations().count("AddTags") == 1
    arn = stage.client().describe_endpoint(EndpointName="m")["EndpointArn"]
    tags = stage.client().list_tags(ResourceArn=arn)["Tags"]
    assert {"Key": "team", "Value": "risk"} in tags
    assert stage.plan(*rest, tagged).acting == ()
