"""The case of EndpointPolicy."""

from tests.journeys.documents import config, endpoint, model
from tests.kinds.case import Case

_POLICY = """resourcePolicy:
  Version: '2012-10-17'
  Statement:
  - {Effect: Allow, Principal: {AWS: '%s'}, Action: sagemaker:InvokeEndpoint, Resource: '*'}"""

ENDPOINT_POLICY = Case(
    "fraud-callers",
    "endpointName: fraud",
    changes={"ResourcePolicy": (_POLICY % "210987654321", _POLICY % "210987654322")},
    needs=(model(), config(), endpoint()),
)
