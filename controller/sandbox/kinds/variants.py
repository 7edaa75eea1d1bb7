"""Variants of an endpoint and their maintenance."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import LifecycleStep, Row
from controller.sandbox.rules import Json

STATUS = "EndpointStatus"


def maintain(request: OperationRequest, row: Row, seconds: float) -> None:
    """Start maintenance of an endpoint in service."""
    if row.body[STATUS] != "InService":
        msg = f"only an endpoint in service is patched, but {row.name} is {row.body[STATUS]}"
        raise ValueError(msg)
    request.commit(
        row,
        replace(
            row,
            body=row.body | _maintenance_state("SystemUpdating", request.now),
            due=_in_service_steps(request, seconds),
        ),
    )


def plan_maintenance(request: OperationRequest, row: Row) -> None:
    """Schedule maintenance of a new endpoint, if the knob is set."""
    after = request.knobs.endpoint_maintained_after
    if after > 0 and row.due and request.effect.fails is None:
        begins = request.step_after(after, {})
        begins = replace(begins, put=_maintenance_state("SystemUpdating", begins.at))
        due = (*row.due, begins, *_in_service_steps(request, after + request.knobs.endpoint_system_updating))
        request.commit(row, replace(row, due=due))


def _in_service_steps(request: OperationRequest, seconds: float) -> tuple[LifecycleStep, ...]:
    step = request.step_after(seconds, {})
    return (replace(step, put=_maintenance_state("InService", step.at)),)


def _maintenance_state(word: str, at: float) -> Json:
    return {STATUS: word, "LastModifiedTime": at}


def targets(request: OperationRequest, endpoint: str) -> list[Row]:
    """Return the scalable targets that are variants of an endpoint."""
    head = f"endpoint/{endpoint}/variant/".casefold()
    return [
        row for row in request.rows_of("ScalingTarget") if row.body["ResourceId"].casefold().startswith(head)
    ]


def policy_arn(endpoint: str) -> str:
    """Return the sandbox's identifier of an endpoint's policy; the API gives it no ARN of its own."""
    return f"{endpoint}/policy"


def parts(request: OperationRequest, target: Row) -> list[Row]:
    """Return the scaling policies and scheduled actions of a scalable target."""
    kinds = ("ScalingPolicy", "ScheduledAction")
    return [row for kind in kinds for row in request.rows_of(kind) if row.keep["target"] == target.arn]


SERVERLESS = ("CurrentServerlessConfig", "DesiredServerlessConfig")
SCALING = ("ManagedInstanceScaling", "RoutingConfig")


def images(request: OperationRequest, model_name: str | None) -> list[Json]:
    """Return the images behind a model, resolved to a made-up digest."""
    row = request.state.find(request.account.arn(f"model/{model_name}"), request.now)
    if row is None:
        return []
    containers = row.body.get("Containers") or [row.body.get("PrimaryContainer", {})]
    specified = [one["Image"] for one in containers if "Image" in one]
    return [resolved_image(request, image) for image in specified]


def resolved_image(request: OperationRequest, image: str) -> Json:
    """An image as Describe returns it once it is deployed."""
    return {
        "SpecifiedImage": image,
        "ResolvedImage": f"{image.partition('@')[0].rpartition(':')[0] or image}@sha256:{'0' * 64}",
        "ResolutionTime": request.now,
    }


def summary(request: OperationRequest, variant: Mapping[str, object], kept: Json) -> Json:
    """One variant of a configuration, with what an update retains of the running one."""
    weight = kept.get("DesiredWeight", variant.get("InitialVariantWeight", 1.0))
    name = variant.get("ModelName")
    made: Json = {
        "VariantName": variant["VariantName"],
        "DeployedImages": images(request, str(name) if name is not None else None),
        "CurrentWeight": weight,
        "DesiredWeight": weight,
    }
    count = kept.get("DesiredInstanceCount", variant.get("InitialInstanceCount"))
    if "ServerlessConfig" in variant:
        made |= dict.fromkeys(SERVERLESS, variant["ServerlessConfig"])
    elif count is not None:
        made |= {"CurrentInstanceCount": count, "DesiredInstanceCount": count}
    return made | {name: variant[name] for name in SCALING if name in variant}


def retained_members(request: OperationRequest, running: Sequence[Json]) -> dict[str, Json]:
    """Return what UpdateEndpoint keeps of each running variant, by name."""
    if not request.params.get("RetainAllVariantProperties"):
        return {}
    excluded = {
        one["VariantPropertyType"] for one in request.params.get("ExcludeRetainedVariantProperties", ())
    }
    members = {"DesiredWeight", "DesiredInstanceCount"} - excluded
    return {one["VariantName"]: {m: one[m] for m in members if m in one} for one in running}


def with_status(variants: Sequence[Json], status: str, now: float) -> list[Json]:
    """Variants with a status during a change."""
    return [one | {"VariantStatus": [{"Status": status, "StartTime": now}]} for one in variants]


def with_capacity(variants: Sequence[Json], desired: Mapping[str, Json], stems: Sequence[str]) -> list[Json]:
    """Variants with the requested weights and counts written to `Desired*` and, when done, `Current*`."""
    made = []
    for one in variants:
        change = desired.get(one["VariantName"], {})
        made.append(
            one
            | {f"{stem}Weight": change["DesiredWeight"] for stem in stems if "DesiredWeight" in change}
            | {
                f"{stem}InstanceCount": change["DesiredInstanceCount"]
                for stem in stems
                if "DesiredInstanceCount" in change
            }
        )
    return made
