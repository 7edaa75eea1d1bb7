"""The case of ImageVersion."""

from tests.journeys.studio import IMAGE
from tests.kinds.case import Case

_BASE = "baseImage: '123456789012.dkr.ecr.us-east-1.amazonaws.com/lab:{0}'"


def _change(member: str, before: str, after: str) -> tuple[str, str]:
    base = _BASE.format(1)
    return f"{base}\n{member}: {before}", f"{base}\n{member}: {after}"


IMAGE_VERSION = Case(
    "lab-current",
    "imageName: lab",
    changes={
        "VendorGuidance": _change("vendorGuidance", "STABLE", "TO_BE_ARCHIVED"),
        "JobType": _change("jobType", "TRAINING", "INFERENCE"),
        "MLFramework": _change("mlFramework", "PyTorch 2.0", "PyTorch 2.1"),
        "ProgrammingLang": _change("programmingLang", "Python 3.11", "Python 3.12"),
        "Processor": _change("processor", "CPU", "GPU"),
        "Horovod": _change("horovod", "false", "true"),
        "ReleaseNotes": _change("releaseNotes", "one", "two"),
        # Last: a version that gets an alias removes it from the version that has it, whoever owns that (unverified).
        "Aliases": _change("aliases", "[one, two]", "[two, three]"),
    },
    frozen=(_BASE.format(1), _BASE.format(2)),
    needs=(IMAGE,),
)
