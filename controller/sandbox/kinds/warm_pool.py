"""The pool of instances that a training job may leave warm for the next one."""

from controller.sandbox.rules import Json

POOL = "WarmPoolStatus"


def pool_of(job: Json, word: str, spent: int = 0) -> Json:
    """Return the member that tells the state of a job's pool; without a keep-alive there is no pool."""
    if not job.get("ResourceConfig", {}).get("KeepAlivePeriodInSeconds"):
        return {}
    return {POOL: {"Status": word, "ResourceRetainedBillableTimeInSeconds": spent}}


def is_available(job: Json) -> bool:
    """Whether the pool waits for another job."""
    return bool(job.get(POOL, {}).get("Status") == "Available")


def is_kept(job: Json) -> bool:
    """Whether there is a pool whose time can be changed."""
    return job.get(POOL, {}).get("Status") in {"Available", "InUse"}
