"""Workforce: one private workforce per account and region."""

from types import MappingProxyType

from controller.kinds.columns import DeleteBlocker
from controller.kinds.kind import Compare, Kind, KindIdentity, Lifecycle, Write
from controller.kinds.rule import Choice, Count

WORKFORCE = Kind(
    name="Workforce",
    identity=KindIdentity(
        unique=(),
    ),
    compare=Compare(
        within="Workforce",
        unordered=(
            "SourceIpConfig.Cidrs",
            "WorkforceVpcConfig.SecurityGroupIds",
            "WorkforceVpcConfig.Subnets",
        ),
        # Portals were IPv4 only before the member was added (the value itself is unverified).
        defaults=MappingProxyType({"IpAddressType": "ipv4"}),
    ),
    write=Write(
        cleared=MappingProxyType(
            {"SourceIpConfig": {"Cidrs": []}, "WorkforceVpcConfig": {}, "IpAddressType": "ipv4"}
        ),
        rules=(
            Choice(("CognitoConfig", "OidcConfig"), source="API reference, CreateWorkforce"),
            Count("SourceIpConfig.Cidrs", 10, source="API reference, SourceIpConfig: Cidrs"),
        ),
    ),
    lifecycle=Lifecycle(
        delete_blockers=(DeleteBlocker("ListWorkteams", by="WorkforceArn"),),
    ),
)
