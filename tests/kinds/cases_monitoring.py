"""Cases of monitoring."""

from collections.abc import Mapping

from tests.journeys.documents import SORTS, job_definition, schedule
from tests.journeys.stage import doc
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
            "MonitoringScheduleConfig": (schedule("cron(0 * ? * * *)"), schedule("cron(0 6 ? * * *)")),
            "DesiredState": (
                f"{schedule()}\ndesiredState: Scheduled",
                f"{schedule()}\ndesiredState: Stopped",
            ),
        },
        needs=(
            doc(
                "DataQualityJobDefinition", "fraud", job_definition("DataQuality") + MACHINES % "ml.m5.large"
            ),
        ),
    )
}
