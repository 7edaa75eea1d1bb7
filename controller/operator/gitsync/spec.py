"""The sync of a GitSync, from its spec and the Secrets that it names."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from controller.core.finding import Finding, errors
from controller.core.ref import is_subdomain, quote_untrusted
from controller.core.secret import SecretError
from controller.crds.prune import mismatches, violations
from controller.crds.sync_spec import spec_schema
from controller.engine.advice import GITSYNC
from controller.gitops.notifications import (
    Addressees,
    AllowedHosts,
    MessageSettings,
    Outgoing,
    ReportSettings,
    addressees,
)
from controller.gitops.sync import Sync, SyncValues
from controller.gitops.sync_file import SyncFileReader, with_final_newline
from controller.manifests.document import IgnoredTags
from controller.operator.cached_object import Item
from controller.operator.context import OperatorSettings
from controller.operator.default_set import FORMER
from controller.operator.grants import Grant
from controller.operator.secrets import NamespaceSecrets
from controller.runtime.hidden_text import SecretText
from controller.schema.leaf import tag_problem
from controller.source.git.source import Basic, Login, Source, SshKey, Token, TrustedKey

Json = dict[str, Any]
_CA, _TOKEN, _SIGNING = "ca.crt", "token", "secret"
# Fields from Secrets, which are validated when they are read.
_NAMES = re.compile(r"spec\.(secrets\[|\S*secretRef\.name )")
_SCALARS = (str, int, float, bool)


@dataclass(frozen=True)
class _Secrets:
    """The values from a sync's Secrets; all empty if one of them can't be read."""

    login: Login | None = None
    ca: str = ""
    signers: tuple[TrustedKey, ...] = ()
    report: ReportSettings | None = None
    message: MessageSettings | None = None


@dataclass(frozen=True)
class ParsedSync:
    """A sync as read from a GitSync, the error where it can't be read, and the recipients of notifications."""

    sync: Sync | None
    problem: str = ""
    to: Addressees = field(default_factory=Addressees)


def read_sync(
    item: Item,
    secrets: NamespaceSecrets,
    rules: OperatorSettings,
    hosts: AllowedHosts,
    grant: Grant,
    *,
    cluster: str,
) -> ParsedSync:
    """The sync of an object; unreadable parts are left out, so that it is known but not followed.

    Args:
        item: the object.
        secrets: reads the Secrets that it names.
        rules: the operator's settings.
        hosts: the hosts that the operator allows for reports and messages of all namespaces.
        grant: the permissions of its namespace. An object that exceeds them gives no sync.
        cluster: the cluster's own set.

    """
    spec = item.spec
    if refused := why_forbidden(item, grant, rules.set, cluster):
        return ParsedSync(None, refused)
    reports = (hosts.reports or frozenset()) | grant.report_hosts
    hosts = AllowedHosts(hosts.messages | grant.message_hosts, reports)
    if wrong_types := [*mismatches(spec, spec_schema(), "spec")]:
        return ParsedSync(None, "; ".join(wrong_types))
    found = (each for each in violations(spec, spec_schema(), "spec") if not _NAMES.match(each))
    wrong = [*found, *_wrong_values(spec)]
    reading = SyncFileReader(str(item.ref), secrets, rules.poll, [], rules.events)
    try:
        held, unread = _secret_values(spec, secrets, reading, f"sync {item.ref.name}"), []
    except SecretError as error:
        held, unread = _Secrets(), [str(error.args[0])]
    problem = "; ".join([*wrong, *unread])
    try:
        sync = _sync(item, held, reading, cluster)
    except ValueError:  # an invalid time or choice, which has a finding
        return ParsedSync(None, problem)
    outgoing = Outgoing(item.ref.name) if wrong else Outgoing(item.ref.name, held.report, held.message)
    to = addressees(outgoing, sync, reading, hosts)
    return ParsedSync(sync, problem or _findings_text(reading.findings), to)


def owner(item: Item, cluster: str) -> str:
    """The set of a sync; by default different for each namespace and cluster."""
    given = item.spec.get("set")
    own = f"{item.ref.namespace}.{item.ref.name}"
    return str(given) if given else own if cluster == FORMER else f"{cluster}.{own}"


def why_forbidden(item: Item, grant: Grant, own_set: str, cluster: str) -> str:
    """Why its namespace may not have such an object; empty if it may.

    ``own_set`` is the operator's set, ``cluster`` the cluster's, the prefix of default sets.
    """
    namespace, set_ = item.ref.namespace, owner(item, cluster)
    source = item.spec.get("source")
    url = str(source.get("url", "")) if isinstance(source, Mapping) else ""
    if not grant.restrictions.allows_kind(item.ref.kind):
        return f"the kind {item.ref.kind} is not allowed here ({grant.rule('kinds')})"
    if set_ == own_set:
        return f"spec.set {set_} is the set of the operator's own objects"
    if not grant.may_own(namespace, set_, "" if cluster == FORMER else cluster):
        return (
            f"spec.set {set_} is not allowed here: it must begin with '{namespace}.' ({grant.rule('sets')})"
        )
    if not grant.follows(url):
        return f"spec.source.url is not allowed here ({grant.rule('source_repos')})"
    return ""


def required_syncs(item: Item) -> tuple[str, ...]:
    """The syncs of its namespace that one depends on."""
    return tuple(item.spec.get("dependsOn") or ())


def _sync(item: Item, held: _Secrets, reading: SyncFileReader, cluster: str) -> Sync | None:
    """The sync of a spec; None if it has no valid revision."""
    spec, source = item.spec, item.spec.get("source") or {}
    refs = dict(source.get("ref") or {})
    selector = reading.revision(
        item.ref.name, **{("ref" if name == "name" else name): refs[name] for name in refs}
    )
    if selector is None:
        return None
    followed = Source(
        str(source.get("url", "")),
        selector,
        held.login,
        path=source.get("path", ""),
        exclude=tuple(source.get("exclude", ())),
        ca=held.ca,
        signers=held.signers,
    )
    if "include" in source:
        followed = replace(followed, include=tuple(source["include"]))
    found = reading.build_sync(_values(item, cluster), followed)
    return replace(found, secret_names=frozenset(spec.get("secrets") or ()), advice=GITSYNC)


def _values(item: Item, cluster: str) -> SyncValues:
    spec, ignored = item.spec, item.spec.get("ignoreTags") or {}
    values = SyncValues(
        item.ref.name,
        owner(item, cluster),
        prune=spec.get("prune", False),
        suspend=spec.get("suspend", False),
        depends_on=required_syncs(item),
        variables=spec.get("values") or {},
        default_tags=spec.get("defaultTags") or {},
        ignored_tags=IgnoredTags(frozenset(ignored.get("keys", ())), tuple(ignored.get("keyPrefixes", ()))),
    )
    return replace(
        values,
        mode=spec.get("mode", values.mode),
        interval=spec.get("interval", values.interval),
        drift_interval=spec.get("driftInterval"),
        timeout=spec.get("timeout", values.timeout),
        observation_interval=spec.get("observationInterval"),
    )


def _wrong_values(spec: Mapping[str, Any]) -> list[str]:
    """Errors that the definition can't detect: values that are no scalars, and tags that AWS refuses or reserves."""
    ignored = spec.get("ignoreTags") or {}
    tags = spec.get("defaultTags") or {}
    keys = [*((key, value) for key, value in tags.items())]
    keys += [(key, "") for name in ("keys", "keyPrefixes") for key in ignored.get(name, ())]
    return [
        *(
            f"spec.values.{name} is no string, number or boolean"
            for name, value in (spec.get("values") or {}).items()
            if not isinstance(value, _SCALARS)
        ),
        *(f"a tag of the spec: {wrong}" for key, value in keys if (wrong := tag_problem(key, value))),
    ]


def _secret_values(
    spec: Mapping[str, Any], secrets: NamespaceSecrets, reading: SyncFileReader, what: str
) -> _Secrets:
    """The values of a spec's Secrets.

    Raises:
        SecretError: one can't be read, or contains no login.

    """
    source = spec.get("source") or {}
    for at, each in enumerate(spec.get("secrets") or ()):
        _as_secret(each, f"spec.secrets[{at}]")
    login, ca = None, {}
    if "secretRef" in source:
        name = _secret(source, "spec.source")
        keys = secrets.keys(name)
        ca = _key(name, _CA) if _CA in keys else {}
        login = _login(name, keys, reading, f"{what}: login", has_ca=bool(ca))
    signers: tuple[TrustedKey, ...] = ()
    if "verify" in source:
        name = _secret(source["verify"], "spec.source.verify")
        texts = (
            reading.secret_text(_key(name, key), f"{what}: signers") for key in sorted(secrets.keys(name))
        )
        signers = tuple(TrustedKey(with_final_newline(text)) for text in texts)
    report = _report(spec["report"], ca, secrets) if "report" in spec else None
    message = spec.get("message")
    target = message and MessageSettings(message["url"], _key(_secret(message, "spec.message"), _SIGNING))
    return _Secrets(
        login, with_final_newline(reading.secret_text(ca, f"{what}: ca")), signers, report, target
    )


def _secret(document: Mapping[str, Any], where: str) -> str:
    """The name of the Secret that a part of a spec refers to.

    Raises:
        SecretError: it is no valid name; the message has the path.

    """
    return _as_secret(document["secretRef"]["name"], f"{where}.secretRef.name")


def _as_secret(name: Any, where: str) -> str:
    if not is_subdomain(name):
        raise SecretError(f"{where}: {quote_untrusted(name)} is no name of a Secret")
    return str(name)


def _report(document: Mapping[str, Any], ca: Mapping[str, Any], secrets: NamespaceSecrets) -> ReportSettings:
    name = _secret(document, "spec.report")
    return ReportSettings(
        document["host"],
        document["api"],
        document["repository"],
        _key(name, _TOKEN),
        _key(name, _CA) if _CA in secrets.keys(name) else ca,
        document.get("user", ""),
        document.get("context", ""),
        document.get("pullRequests", False),
        document.get("forks", False),
    )


def _login(
    name: str, keys: frozenset[str], reading: SyncFileReader, what: str, *, has_ca: bool
) -> Login | None:
    """The login in a Secret, by the keys of Flux' Secrets; None if it has only certificate authorities.

    Raises:
        SecretError: it has neither.

    """

    def text(key: str) -> str:
        return reading.secret_text(_key(name, key), what)

    if {"identity", "known_hosts"} <= keys:
        return SshKey(
            SecretText(with_final_newline(text("identity"))), with_final_newline(text("known_hosts"))
        )
    if "bearerToken" in keys:
        return Token(SecretText(text("bearerToken")))
    if {"username", "password"} <= keys:
        return Basic(text("username"), SecretText(text("password")))
    if has_ca:
        return None
    desired = "username and password, or bearerToken, or identity and known_hosts"
    raise SecretError(f"the Secret {name} holds no login: {desired}")


def _key(name: str, key: str) -> Json:
    return {"secretKeyRef": {"name": name, "key": key}}


def _findings_text(found: Iterable[Finding]) -> str:
    return "; ".join(str(replace(each, origin=None)) for each in errors(found))
