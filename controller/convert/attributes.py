"""Attributes of a resource in other tools, and the outputs that they correspond to."""

from controller.convert.foreign import by_letters, letters
from controller.kinds.other_tools import Tool
from controller.manifests.interpolation import ARN, NAME
from controller.schema.contract import Contract
from controller.schema.names import lower_camel
from controller.schema.shape import member

BARE = ""  # the attribute of a reference to the resource itself


def is_address(name: str, of: Contract) -> bool:
    """Whether an attribute is the name, the ARN or the ID, each of which is valid in a linked field."""
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
    """The path of the output for an attribute, as documents write it; empty if the kind has none."""
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
