"""The software bill of materials: all installed packages, with hashes and a permitted licence."""

import re

from docs.dev.sbom import bill
from tests.repo.files import ROOT

_PERMISSIVE = re.compile(
    r"MIT( License)?|Apache(-2\.0| Software License)|BSD(-[23]-Clause| License)|PSF-2\.0"
    r"|Python Software Foundation License|MPL-2\.0"  # MPL: of shtab, which is used as it is
)


def test_the_bill_holds_what_the_lock_file_holds() -> None:
    """Each package with its version and every hash; the same lock file gives the same bill."""
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    made = bill()
    pinned = re.findall(r"^([a-z\d][\w.-]*)(?:\[.*\])?==([^\s;\\]+)", lock, re.MULTILINE)
    assert [(each["name"], each["version"]) for each in made["components"]] == pinned
    assert sum(len(each["hashes"]) for each in made["components"]) == lock.count("--hash=sha256:")
    assert all(each["hashes"] for each in made["components"])
    assert made == bill()


def test_every_package_has_a_licence_that_may_be_used() -> None:
    """What users install is under licences that a product under Apache-2.0 may depend on."""
    named = {
        each["name"]: [
            text for one in each.get("licenses", ()) for text in one["license"]["name"].split(" AND ")
        ]
        for each in bill()["components"]
    }
    wrong = {name: texts for name, texts in named.items() if not all(map(_PERMISSIVE.fullmatch, texts))}
    assert not wrong
    assert sum(map(bool, named.values())) > 0.8 * len(named)  # not all are installed on each Python
