"""MonitoringSchedule: when a job definition runs, or one inside its spec; started and stopped as desired."""

from types import MappingProxyType

from controller.core.phase import Phase
from controller.kinds.columns import DesiredState, Link
from controller.kinds.defaults import ServiceValue
from controller.kinds.display import Detail, DisplayColumn
from controller.kinds.job_definition import MAX_RUNTIME, SORTS, UPLOAD_MODE, input_defaults, input_rules
from controller.kinds.kind import Compare, Display, Kind, KindIdentity, Lifecycle, Write
from controller.kinds.rule import Choice, If, Requires

_CONFIG = "MonitoringScheduleConfig"
_INLINE = f"{_CONFIG}.MonitoringJobDefinition"
_INPUTS = f"{_INLINE}.MonitoringInputs[]"
_TYPE = "MonitoringType"

MONITORING_SCHEDULE = Kind(
    name="MonitoringSchedule",
    identity=KindIdentity(
        links=(
            *(
                Link(
                    f"{_CONFIG}.MonitoringJobDefinitionName",
                    f"{sort}JobDefinition",
                    when=(f"{_CONFIG}.{_TYPE}", sort),
                )
                for sort in SORTS
            ),
            Link(f"{_INPUTS}.EndpointInput.EndpointName", "Endpoint"),
            Link(f"{_INLINE}.BaselineConfig.BaseliningJobName", "ProcessingJob"),
        ),
    ),
    compare=Compare(
        unordered=(
            f"{_INLINE}.NetworkConfig.VpcConfig.SecurityGroupIds",
            f"{_INLINE}.NetworkConfig.VpcConfig.Subnets",
        ),
        # As for a job definition. A definition in place gets a type, and a schedule without a time gets one
        # (cdk-real-drift#1578; API reference, ScheduleConfig). A new schedule is started (StartMonitoringSchedule).
        defaults=MappingProxyType(
            {
                **input_defaults(_INPUTS),
                f"{_INLINE}.MonitoringOutputConfig.MonitoringOutputs[].S3Output.S3UploadMode": UPLOAD_MODE,
                f"{_INLINE}.StoppingCondition.MaxRuntimeInSeconds": MAX_RUNTIME,
                f"{_CONFIG}.{_TYPE}": "DataQuality",
                f"{_CONFIG}.ScheduleConfig": ServiceValue.CHOSEN,
                "DesiredState": "Scheduled",
            }
        ),
    ),
    write=Write(
        rules=(
            Choice(
                ("MonitoringJobDefinition", "MonitoringJobDefinitionName"),
                within=_CONFIG,
                source="SageMaker SDK, ModelMonitor, and the handlers of ACK and CloudFormation: one of both",
            ),
            Requires(
                _TYPE,
                (If("MonitoringJobDefinitionName"),),
                within=_CONFIG,
                source="SageMaker SDK, ModelMonitor: definitions of four types have names of their own",
            ),
            *(
                Requires(
                    member,
                    (If("ScheduleExpression", ("NOW",)),),
                    within=f"{_CONFIG}.ScheduleConfig",
                    source="API reference, ScheduleConfig: required with NOW",
                )
                for member in ("DataAnalysisStartTime", "DataAnalysisEndTime")
            ),
            *input_rules(_INPUTS),
        ),
    ),
    lifecycle=Lifecycle(
        # API model, ScheduleStatus: Pending, Failed, Scheduled, Stopped. A stopped schedule is as ready as a running
        # one.
        status_phases=MappingProxyType({"Scheduled": Phase.READY, "Stopped": Phase.READY}),
        desired_state=DesiredState(
            "Scheduled", start="StartMonitoringSchedule", stop="StopMonitoringSchedule"
        ),
    ),
    display=Display(
        columns=(DisplayColumn(_TYPE), DisplayColumn("EndpointName")),
        details=(
            Detail(
                "executions",
                "ListMonitoringExecutions",
                "MonitoringExecutionSummaries",
                columns=("ScheduledTime", "MonitoringExecutionStatus", "FailureReason"),
            ),
        ),
    ),
)
