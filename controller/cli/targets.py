"""The documents of ``--target`` and ``--exclude``, or a refusal with a suggestion."""

from collections.abc import Iterable
from dataclasses import replace

from controller.cli.errors import Refused
from controller.cli.options import Options
from controller.cli.session import RunSession
from controller.core.did_you_mean import did_you_mean
from controller.core.ref import Ref
from controller.engine.order import Order
from controller.engine.scope import TargetSelection
from controller.manifests.bundle import Bundle


def narrowed_order(options: Options, tree: Bundle, opened: RunSession) -> Order:
    """The order of a run, narrowed to the chosen documents.

    Raises:
        Refused: there is no such document, neither in the tree nor in the inventory.

    """
    if not options.targets and not options.excludes:
        return opened.order
    who = opened.cloud.identity
    held = opened.store.load(who.account, who.region).entries
    known = {str(ref): ref for ref in (*tree.resources, *held)}
    choice = TargetSelection(
        _refs("--target", options.targets, known), _refs("--exclude", options.excludes, known)
    )
    return replace(opened.order, choice=choice)


def _refs(option: str, texts: Iterable[str], known: dict[str, Ref]) -> frozenset[Ref]:
    for text in texts:
        if text not in known:
            near = did_you_mean(text, known) or "write KIND/NAME, as the plan does"
            raise Refused(f"{option}: there is no document {text}", near)
    return frozenset(known[text] for text in texts)
