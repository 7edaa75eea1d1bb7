"""InferenceExperiment: a shadow test of a model on an endpoint that serves; it runs once, for a time."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from controller.core.phase import Action, Phase
from controller.kinds.columns import Body, Generations, JobRun, Link, Override
from controller.kinds.defaults import ServiceValue
from controller.kinds.display import DisplayColumn
from controller.kinds.effects import Consequence, Impact
from controller.kinds.kind import Compare, Display, Kind, KindIdentity, Lifecycle, Write
from controller.kinds.rule import Names, Unique

_REFERENCE = "API reference, CreateInferenceExperiment"
_VARIANTS = "ModelVariants"
_SOURCE = "SourceModelVariantName"


def _endpoint(body: Body) -> Any:
    return body.get("EndpointMetadata", {}).get("EndpointName")


def _variants(body: Body) -> Any:
    """The variants as Create takes them: Describe shows a status of each."""
    shown = body.get(_VARIANTS)
    if not isinstance(shown, list):
        return shown
    return [{name: value for name, value in each.items() if name != "Status"} for each in shown]


def ends_as_before(body: Body) -> Body:
    """The default parameters of Stop: the endpoint keeps only its production variant."""
    source = body.get("ShadowModeConfig", {}).get(_SOURCE)
    names = [str(each["VariantName"]) for each in body.get(_VARIANTS, ())]
    actions = {name: "Retain" if name == source else "Remove" for name in names}
    return {"ModelVariantActions": actions, "DesiredState": "Cancelled"}


def _endpoint_text(metadata: Body) -> str:
    return f"on {metadata['EndpointName']}"


def _end_text(schedule: Body) -> str:
    return f"until {schedule['EndTime']}" if "EndTime" in schedule else ""


_READS: Mapping[str, Callable[[Body], Any]] = MappingProxyType(
    {"EndpointName": _endpoint, _VARIANTS: _variants}
)
# The actions and variants of StopInferenceExperiment, for a document that ends the test.
_STOP: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "DesiredState": {"type": "string", "enum": ["Running", "Completed", "Cancelled"]},
        "ModelVariantActions": {
            "type": "map",
            "key": "ModelVariantName",
            "value": "ModelVariantAction",
            "min": 1,
            "max": 2,
        },
        "DesiredModelVariants": {"type": "list", "member": "ModelVariantConfig", "min": 1, "max": 2},
        "Reason": {"type": "string", "max": 1024},
    }
)
_UPDATED = ("Schedule", "Description", _VARIANTS, "DataStorageConfig", "ShadowModeConfig")

INFERENCE_EXPERIMENT = Kind(
    name="InferenceExperiment",
    identity=KindIdentity(
        links=(
            Link("EndpointName", "Endpoint"),
            Link(f"{_VARIANTS}[].ModelName", "Model"),
            Link("DesiredModelVariants[].ModelName", "Model"),
        ),
    ),
    compare=Compare(
        reads=_READS,
        keyed=MappingProxyType({_VARIANTS: "VariantName", "DesiredModelVariants": "VariantName"}),
        # "automatically starts immediately upon creation and concludes after 7 days" (API reference, Schedule).
        defaults=MappingProxyType(
            {"Schedule.StartTime": ServiceValue.CHOSEN, "Schedule.EndTime": ServiceValue.CHOSEN}
        ),
    ),
    write=Write(
        added=_STOP,
        write_only=("ModelVariantActions", "DesiredModelVariants", "Reason"),
        # The shape's least length is 0 (effect unverified); of the others no empty form is known.
        cleared=MappingProxyType({"Description": ""}),
        kept=("Schedule", "DataStorageConfig"),
        # "The status of the inference experiment has to be either Created, Running" (API reference,
        # UpdateInferenceExperiment).
        updatable_in_phase=MappingProxyType(dict.fromkeys(_UPDATED, Phase.CHANGING)),
        rules=(
            Unique((_VARIANTS,), "VariantName", source=f"{_REFERENCE}: one for each variant"),
            Names(
                f"ShadowModeConfig.{_SOURCE}",
                _VARIANTS,
                "VariantName",
                source=f"{_REFERENCE}: ShadowModeConfig names variants of the experiment",
            ),
        ),
    ),
    lifecycle=Lifecycle(
        reasons=("StatusReason",),
        # API reference, DescribeInferenceExperiment: Status. Created waits for the start of the schedule; Cancelled is
        # also the status of a failed experiment.
        status_phases=MappingProxyType(
            {
                "Created": Phase.CHANGING,
                "Starting": Phase.CHANGING,
                "Running": Phase.CHANGING,
                "Completed": Phase.READY,
                "Cancelled": Phase.FAILED,
            }
        ),
        consequences=(
            # Developer Guide, Shadow tests
            Consequence(
                frozenset({Action.CREATE, Action.CREATE_BEFORE_DELETE}),
                Impact.SHIFTS,
                "while the test runs, SageMaker has the endpoint run the test's variants and copies requests to the"
                " shadow variant, whose answers nobody gets",
            ),
            Consequence(
                frozenset({Action.STOP}),
                Impact.INTERRUPTS,
                "the test ends early; the production variant stays and the shadow variant is removed",
            ),
        ),
        # During a test the endpoint runs a configuration of the service, with a shadow variant, and its own afterwards
        # (Developer Guide, Shadow tests).
        overrides=(
            Override(
                "EndpointName",
                ("EndpointConfigName",),
                frozenset({"Starting", "Running", "Updating", "Stopping"}),
            ),
        ),
        runs=JobRun(
            stop="StopInferenceExperiment",
            state="DesiredState",
            stopped=("Completed", "Cancelled"),
            stop_defaults=ends_as_before,
            start="StartInferenceExperiment",
            scheduled="Created",
        ),
        generations=Generations(),
    ),
    display=Display(
        columns=(DisplayColumn("EndpointMetadata", _endpoint_text), DisplayColumn("Schedule", _end_text))
    ),
)
