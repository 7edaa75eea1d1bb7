"""Cases of monitoring."""

from collections.abc import Mapping

from tests.journeys.documents import SORTS, job_definition, schedule_spec
from tests.journeys.stage import document_text
from tests.kinds.case import Case

MACHINES = "jobResources: {clusterConfig: {instanceCount: 1, instanceType: %s, volumeSizeInGB: 20}}"

MONITORING: Mapping[str, Case] = {
    f"{sort}JobDefinition": Case(
        "fraud", job_definition(sort), frozen=(MACHINES % "ml.m5.large", MACHINES % "ml.m5.xlarge")
    )
    for sort in SORTS
} | {
    "MonitoringSchedule": Case(
        "hourly",
        "",
        changes={
            "MonitoringScheduleConfig": (
                schedule_spec("cron(0 * ? * * *)"),
                schedule_spec("cron(0 6 ? * * *)"),
            ),
            "DesiredState": (
                f"{schedule_spec()}\ndesiredState: Scheduled",
                f"{schedule_spec()}\ndesiredState: Stopped",
            ),
        },
        needs=(
            document_text(
                "DataQualityJobDefinition", "fraud", job_definition("DataQuality") + MACHINES % "ml.m5.large"
            ),
        ),
    )
}
