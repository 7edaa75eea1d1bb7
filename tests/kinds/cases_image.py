"""The case of Image."""

from tests.kinds.case import Case

_ONE, _TWO = (f"roleArn: 'arn:aws:iam::123456789012:role/{name}'" for name in ("one", "two"))

IMAGE = Case(
    "lab",
    "",
    changes={
        "Description": (f"{_ONE}\ndescription: one", f"{_ONE}\ndescription: two"),
        "DisplayName": (f"{_ONE}\ndisplayName: one", f"{_ONE}\ndisplayName: two"),
        "RoleArn": (_ONE, _TWO),
    },
)
