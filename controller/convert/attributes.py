"""Attributes of a resource as other tools name them, and the outputs that they are here."""

from controller.convert.foreign import by_letters, letters
from controller.kinds.other_tools import Tool
from controller.manifests.interpolation import ARN, NAME
from controller.schema.contract import Contract
from controller.schema.names import lower_camel
from controller.schema.shape import member

BARE = ""  # the reference to a resource without an attribute


def is_address(name: str, of: Contract) -> bool:
    """Whether an attribute is the name, the ARN or the ID, by any of which a linked field names a resource."""
    kind, spelled = letters(of.name), letters(name)
    return spelled in {
        "",
        "name",
        "arn",
        "id",
        f"{kind}id",
        f"{kind}arn",
        letters(of.name_member),
        letters(of.arn_member),
    }


def output_path(name: str, of: Contract, tool: Tool) -> str:
    """The output that an attribute is, as a document has it; empty where the kind has none such."""
    name = name or tool.reference.get(of.name, ARN)
    parts = [part for part in name.split(".") if part]
    if len(parts) == 1 and letters(parts[0]) in ("name", letters(of.name_member)):
        return NAME
    if len(parts) == 1 and letters(parts[0]) in ("arn", f"{letters(of.name)}arn", letters(of.arn_member)):
        return ARN
    out, here = [], of.body
    for part in parts:
        known = by_letters(here.members)
        spelled = letters(part)
        found = known.get(spelled) or known.get(f"{letters(of.name)}{spelled}")
        inner = member(here, found) if found else None
        if found is None or inner is None:
            return ""
        out.append(lower_camel(found))
        here = inner
    return "" if here.type in ("structure", "list", "map") else ".".join(out)
