"""Workforce: one private workforce per account and region."""

from types import MappingProxyType

from controller.kinds.kind import Gate, Kind
from controller.kinds.rule import Choice, Count

WORKFORCE = Kind(
    name="Workforce",
    plural="Workforces",
    within="Workforce",
    cleared=MappingProxyType(
        {"SourceIpConfig": {"Cidrs": []}, "WorkforceVpcConfig": {}, "IpAddressType": "ipv4"}
    ),
    unordered=("SourceIpConfig.Cidrs", "WorkforceVpcConfig.SecurityGroupIds", "WorkforceVpcConfig.Subnets"),
    delete_blockers=(Gate("ListWorkteams", by="WorkforceArn"),),
    rules=(
        Choice(("CognitoConfig", "OidcConfig"), source="API reference, CreateWorkforce"),
        Count("SourceIpConfig.Cidrs", 10, source="API reference, SourceIpConfig: Cidrs"),
    ),
    unique=(),
    # Portals were IPv4 only before the member came (the value itself is unverified).
    defaults=MappingProxyType({"IpAddressType": "ipv4"}),
)
