"""EndpointPolicy: which other accounts may send requests to an endpoint; a policy document, compared as one."""

from types import MappingProxyType

from controller.kinds.columns import Link, Verbs
from controller.kinds.kind import Compare, Kind, KindIdentity
from controller.kinds.resource_policy import RESOURCE_POLICY

ENDPOINT_POLICY = Kind(
    name="EndpointPolicy",
    identity=KindIdentity(
        verbs=Verbs(create="PutEndpointPolicy", describe="GetEndpointPolicy", update="PutEndpointPolicy"),
        key=("EndpointName",),
        links=(Link("EndpointName", "Endpoint"),),
        arns=("endpoint/{}",),
        # API reference, GetEndpointPolicy: "If the endpoint doesn't have a policy, you get a ValidationException"; an
        # missing endpoint is a ResourceNotFound. The messages are not published.
        absence="ValidationException",
    ),
    compare=Compare(
        documents=MappingProxyType({"ResourcePolicy": RESOURCE_POLICY}),
    ),
)
