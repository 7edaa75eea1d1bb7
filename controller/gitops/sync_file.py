"""Builds syncs from a file of syncs: reads secrets, resolves names, and reports all errors at once."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from controller.core.did_you_mean import did_you_mean
from controller.core.finding import Code, Finding, Origin, errors
from controller.core.secret import SecretError
from controller.core.times import seconds
from controller.crds.sync_fields import default_of
from controller.gitops.settings import read_values
from controller.gitops.sync import Sync, SyncMode, SyncValues, Timing
from controller.manifests.interpolation import with_sensitive
from controller.runtime.hidden_text import SecretText
from controller.source.git.revision_selector import RevisionSelector, one_of
from controller.source.git.source import Basic, Login, Source, SshKey, Token, TrustedKey, examine

if TYPE_CHECKING:
    from controller.gitops.settings_syncs import LoginModel, SecretModel, SyncModel, SyncsModel

SHORTEST_INTERVAL = 10.0
_HEAD = "ref: refs/heads/"
_BEGINNINGS = ("/", "./", "../", "~/")
DRIFT_WITH_EVENTS = "1h"  # events report changes earlier; this finds changes whose event was lost
Secret = Callable[[Mapping[str, Any]], str]


@dataclass
class SyncFileReader:
    """Turns settings into syncs; collects findings.

    Args:
        file: the settings file; paths in it are relative to its folder.
        secret: reads the secret that ``env`` or ``file`` names.
        poll: seconds between polls of a transition, for syncs without a value; None to derive them from its duration.
        events: whether events of AWS are received: then driftInterval defaults to an hour.

    """

    file: str
    secret: Secret
    poll: float | None
    findings: list[Finding]
    events: bool = False

    def syncs(self, model: "SyncsModel") -> tuple[Sync, ...]:
        """All syncs; use them only if there are no findings."""
        if not model.syncs:
            self.report("there are no syncs")
        made = [sync for each in model.syncs if (sync := self.sync(each))]
        self._check_combination(made)
        return tuple(made)

    def report(self, message: str, hint: str = "") -> None:
        """Add a finding."""
        self.findings.append(Finding(Code.SETTINGS, message, Origin(self.file), hint=hint))

    def text(self, secret: "SecretModel | None", what: str) -> str:
        """The text that a reference of a file names; empty if there is none."""
        return self.secret_text(self.reference(secret), what)

    def reference(self, secret: "SecretModel | None") -> Mapping[str, Any]:
        """A reference of a file, with its path resolved; empty if there is none."""
        found = secret.model_dump(exclude_none=True, by_alias=True) if secret else {}
        return {**found, "file": str(self.resolve_path(found["file"]))} if "file" in found else found

    def secret_text(self, reference: Mapping[str, Any], what: str) -> str:
        """The text that a reference names; empty, with a finding, if the reference can't be read."""
        try:
            return self.secret(reference) if reference else ""
        except SecretError as error:
            self.report(f"{what}: {error}")
            return ""

    def resolve_path(self, file: str) -> Path:
        """The path of a file that the settings name."""
        return Path(self.file).parent / file

    def sync(self, model: "SyncModel") -> Sync | None:
        """One sync of a file; None if it has no valid revision."""
        refs = {name: getattr(model, name) for name in ("branch", "tag", "semver", "commit", "ref")}
        if is_local(model.repo) and not any(refs.values()):
            refs["branch"] = current_branch(model.repo, Path(self.file).parent) or None
        selector = self.revision(model.name, **refs)
        if selector is None:
            return None
        given = {**self._values(model), **(model.values or {})}
        values = SyncValues(
            model.name,
            model.set or "",
            model.mode,
            model.prune,
            model.suspend,
            tuple(model.depends_on or ()),
            with_sensitive(given, model.sensitive_variables or ()),
            model.interval,
            model.drift_interval if "drift_interval" in model.model_fields_set else None,
            model.timeout,
            model.poll,
            model.observation_interval,
            model.default_tags,
            model.ignore_tags.ignored_tags(),
        )
        found = self.build_sync(values, self._source(model, selector))
        return replace(
            found,
            secret_env=frozenset(model.secret_env or ()),
            secret_files=frozenset(model.secret_files or ()),
        )

    def revision(self, name: str, **refs: str | None) -> RevisionSelector | None:
        """The one revision that a sync follows; None, with a finding, if none or several are given."""
        found = one_of(**refs)
        if not isinstance(found, Finding):
            return found
        self.report(f"sync {name}: {found.message}", found.hint)
        return None

    def build_sync(self, values: SyncValues, source: Source) -> Sync:
        """A sync of values from a file or an object; errors become findings."""
        what = f"sync {values.name}"
        for finding in examine(source):
            self.report(f"{what}: {finding.message}")
        usual = DRIFT_WITH_EVENTS if self.events else default_of("driftInterval")
        timing = Timing(
            interval=seconds(values.interval),
            drift=seconds(values.drift_interval or usual),
            poll=seconds(values.poll) if values.poll else self.poll,
            timeout=seconds(values.timeout),
            observation=seconds(values.observation_interval) if values.observation_interval else 0.0,
        )
        if min(timing.interval, timing.drift) < SHORTEST_INTERVAL:
            self.report(f"{what}: an interval is {SHORTEST_INTERVAL:.0f}s or longer")
        return Sync(
            values.name,
            source,
            values.set,
            SyncMode(values.mode),
            values.prune,
            values.suspend,
            values.depends_on,
            values.variables,
            timing,
            default_tags=values.default_tags,
            ignored_tags=values.ignored_tags,
        )

    def _source(self, model: "SyncModel", selector: RevisionSelector) -> Source:
        local = is_local(model.repo)
        source = Source(
            local_url(model.repo, Path(self.file).parent) if local else model.repo,
            selector,
            self._login(model.login, f"sync {model.name}: login") if model.login else None,
            path=model.path,
            exclude=tuple(model.exclude or ()),
            ca=with_final_newline(self.text(model.ca, f"sync {model.name}: ca")),
            signers=tuple(
                TrustedKey(with_final_newline(self.text(each, f"sync {model.name}: signers")))
                for each in model.signers or ()
            ),
            local=local,
        )
        return source if model.include is None else replace(source, include=tuple(model.include))

    def _login(self, login: "LoginModel", what: str) -> Login | None:
        given = frozenset(login.model_dump(exclude_none=True))
        if given == {"token"}:
            return Token(SecretText(self.text(login.token, what)))
        if given == {"user", "password"}:
            return Basic(login.user or "", SecretText(self.text(login.password, what)))
        if given == {"key", "known_hosts"}:
            return SshKey(
                SecretText(with_final_newline(self.text(login.key, what))),
                with_final_newline(self.text(login.known_hosts, what)),
            )
        self.report(f"{what} is a token, or user and password, or key and knownHosts")
        return None

    def _values(self, model: "SyncModel") -> dict[str, Any]:
        if model.values_file is None:
            return {}
        values, findings = read_values(self.resolve_path(model.values_file))
        self.findings += errors(findings)
        return values

    def _check_combination(self, made: Iterable[Sync]) -> None:
        """Check names, owners and dependencies between syncs."""
        known = {sync.name: sync for sync in made}
        owners: dict[str, str] = {}
        names = [sync.name for sync in made]
        for name in sorted({name for name in names if names.count(name) > 1}):
            self.report(f"two syncs are called {name}")
        for sync in known.values():
            first = owners.setdefault(sync.owner, sync.name)
            if first != sync.name:
                self.report(
                    f"{first} and {sync.name} own the same set, {sync.owner}, and would revert each other's changes"
                )
            for need in sync.needs:
                if need not in known:
                    self.report(f"{sync.name} depends on {need}, which is no sync", did_you_mean(need, known))
        if around := cycle({sync.name: sync.needs for sync in known.values()}):
            self.report(f"syncs depend on each other: {' -> '.join(around)}")


def cycle(needs: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """A cycle of syncs that depend on each other, the first also last; empty if there is none."""
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        return tuple(error.args[1])
    return ()


def with_final_newline(text: str) -> str:
    """The text with a final newline, which keys and host lists need and readers of secrets remove."""
    return text if not text or text.endswith("\n") else f"{text}\n"


def is_local(repo: str) -> bool:
    """Whether an address is written as a path: ``/srv/fleet.git``, ``./fleet``, ``../fleet``, ``~/fleet`` or ``.``."""
    return repo in {".", "..", "~"} or repo.startswith(_BEGINNINGS)


def local_url(repo: str, folder: Path) -> str:
    """The ``file://`` URL of a path, which is relative to a folder where it is not absolute."""
    return (folder / Path(repo).expanduser()).resolve().as_uri()


def current_branch(repo: str, folder: Path) -> str:
    """The checked-out branch, or the default one of a bare repository; empty if there is none."""
    root = folder / Path(repo).expanduser()
    for head in (root / ".git" / "HEAD", root / "HEAD"):
        try:
            text = head.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        return text.strip().removeprefix(_HEAD) if text.startswith(_HEAD) else ""
    return ""
