"""The case of ModelCard."""

from tests.kinds.case import Case

_CONTENT = "content: {model_overview: {model_name: %s}}"
_STATUS = "modelCardStatus: %s"
_KEY = "securityConfig: {kmsKeyId: %s}"
_LEAST = f"{_CONTENT % 'fraud'}\n{_STATUS % 'Draft'}"

MODEL_CARD = Case(
    "fraud-card",
    "",
    changes={
        "Content": (_LEAST, f"{_CONTENT % 'churn'}\n{_STATUS % 'Draft'}"),
        "ModelCardStatus": (_LEAST, f"{_CONTENT % 'fraud'}\n{_STATUS % 'Approved'}"),
    },
    frozen=(f"{_LEAST}\n{_KEY % 'one'}", f"{_LEAST}\n{_KEY % 'two'}"),
)
