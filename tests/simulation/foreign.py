"""What somebody else does to resources in AWS: by the console, by another tool, by forging or taking off tags."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from botocore.exceptions import ClientError

from controller.core.cloud import Call, CloudError
from controller.engine.observed import OWNER, PREFIX
from controller.engine.order import Order
from controller.engine.reconcile import reconcile
from controller.engine.requests import delete_call
from controller.inventory.file_store import FileInventoryStore
from controller.inventory.model import InventoryError
from controller.sandbox.resource import Row
from controller.schema.contract import contract
from tests.simulation.account import Account, console_client
from tests.simulation.documents import WrittenDocument, bundle_of
from tests.simulation.history import SET
from tests.simulation.runs import Runs

OTHER = "elsewhere"


@dataclass
class ForeignEdits:
    """Makes foreign edits in an account; ``causes`` are the differences that they may explain at the end."""

    account: Account
    runs: Runs
    written: list[WrittenDocument]
    causes: set[str] = field(default_factory=set)

    def make(self, what: str, written: WrittenDocument, number: int) -> None:
        """One edit of a document's resource, or in its place."""
        _EDITS[what](self, written, number)

    def rows_of(self, written: WrittenDocument) -> list[Row]:
        """The existing resources of a document."""
        ref, made = written.slot.ref, self.account.made
        return [
            row for key, row in self.account.rows().items() if row.kind == ref.kind and made[key].ref == ref
        ]

    def call(self, call: Call) -> None:
        """Call AWS as another user; a refused call has no effect."""
        try:
            self.runs.passes.cloud.call(call)
        except CloudError:
            return

    def _untag(self, written: WrittenDocument, _: int) -> None:
        self.causes.add("foreign owner")
        for row in self.rows_of(written):
            keys = [key for key in row.tags or {} if key.startswith(PREFIX)]
            if keys:
                self.call(Call("DeleteTags", {"ResourceArn": row.arn, "TagKeys": keys}))

    def _retag(self, written: WrittenDocument, _: int) -> None:
        self.causes.add("foreign owner")
        for row in self.rows_of(written):
            tags = [{"Key": OWNER, "Value": f"{OTHER}/{written.slot.ref}"}]
            if contract(row.kind).taggable:
                self.call(Call("AddTags", {"ResourceArn": row.arn, "Tags": tags}))

    def _delete(self, written: WrittenDocument, _: int) -> None:
        self.causes.add("foreign delete")
        for row in self.rows_of(written):
            kind = contract(row.kind)
            if kind.deletes is not None and kind.kind.identity.key is None:
                name = row.arn if kind.kind.identity.found_by else row.name
                self.call(delete_call(kind, name, OTHER))
        self.account.wait(60)

    def _update(self, written: WrittenDocument, number: int) -> None:
        """Another tool changes the resource to another text of its document, and keeps the tags."""
        if not self.rows_of(written):
            return
        self.causes.add("foreign update")
        before = self.account.rows().keys()
        text = written.slot.texts[number % len(written.slot.texts)]
        others = (
            each for each in self.written if each is not written and not each.spoiled and self.rows_of(each)
        )
        self._as_other(SET, (*(each.text for each in others), text), self.runs.inventories.text(SET))
        if self.account.rows().keys() - before:
            self.causes.add("foreign owner")  # a new generation was created beside it
        if any(map(_is_stopped, self.rows_of(written))):
            self.causes.add("destroyed")  # a run of the other text was started, and this one stopped

    def _occupy(self, written: WrittenDocument, number: int, *, by: str = OTHER) -> None:
        """Another tool creates a resource with the document's name, if there is none."""
        self.causes.add("foreign owner")
        text = written.slot.texts[number % len(written.slot.texts)]
        others = tuple(each.slot.texts[0] for each in self.written if each is not written)
        self._as_other(by, (*others, text), None)

    def _as_other(self, of: str, documents: tuple[str, ...], inventory: str | None) -> None:
        """Apply documents as another user, perhaps with a copy of an inventory."""
        made, faulty = bundle_of(documents)
        if faulty:
            return
        file = self.runs.inventories.folder / "foreign.json"
        file.unlink(missing_ok=True)
        if inventory is not None:
            file.write_text(inventory, encoding="utf-8")
        order = Order(set=of, concurrency=1, secrets=self.runs.secret)
        try:
            reconcile(made, self.runs.passes.cloud, FileInventoryStore(file, of), lambda _: True, order)
        except (InventoryError, CloudError):
            return  # a refused call has no effect

    def _occupy_untagged(self, written: WrittenDocument, number: int) -> None:
        before = set(self.account.rows())
        self._occupy(written, number)
        for arn, serial in set(self.account.rows()) - before:
            row = self.account.rows()[arn, serial]
            keys = [key for key in row.tags or {} if key.startswith(PREFIX)]
            if keys:
                self.call(Call("DeleteTags", {"ResourceArn": arn, "TagKeys": keys}))

    def _scale(self, written: WrittenDocument, number: int) -> None:
        """An autoscaler changes the number of an endpoint's instances."""
        for row in self.rows_of(written):
            for variant in row.body.get("ProductionVariants", ()) if row.kind == "Endpoint" else ():
                weights = {"VariantName": variant["VariantName"], "DesiredInstanceCount": number + 1}
                with suppress(ClientError):
                    console_client().update_endpoint_weights_and_capacities(
                        EndpointName=row.name, DesiredWeightsAndCapacities=[weights]
                    )

    def _forge(self, written: WrittenDocument, number: int) -> None:
        """Another user creates a resource with our ownership tag."""
        self._occupy(written, number, by=SET)


_EDITS: Mapping[str, Callable[[ForeignEdits, WrittenDocument, int], None]] = {
    "untag": ForeignEdits._untag,
    "retag": ForeignEdits._retag,
    "delete": ForeignEdits._delete,
    "update": ForeignEdits._update,
    "occupy": ForeignEdits._occupy_untagged,
    "occupy-tagged": ForeignEdits._occupy,
    "forge": ForeignEdits._forge,
    "scale": ForeignEdits._scale,
}


def _is_stopped(row: Row) -> bool:
    return str(row.body.get(contract(row.kind).status_member, "")).upper().startswith("STOP")
