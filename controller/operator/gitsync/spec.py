"""A GitSync's spec becomes the settings of a sync, read as those of a file of syncs are."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from controller.core.dns import is_subdomain, shown
from controller.core.finding import Finding, errors
from controller.engine.advice import GITSYNC
from controller.gitops.notifications import Addressees, Hosts, addressees
from controller.gitops.settings import syncs_of
from controller.gitops.sync_file import Reading
from controller.gitops.sync_spec import Sync
from controller.operator.cached_object import Item
from controller.operator.context import Rules
from controller.operator.default_set import FORMER
from controller.operator.grants import Grant
from controller.operator.secrets import NamespaceSecrets

Json = dict[str, Any]
_SAME = (
    "interval",
    "driftInterval",
    "timeout",
    "suspend",
    "prune",
    "mode",
    "dependsOn",
    "values",
    "defaultTags",
    "ignoreTags",
)
_CA, _TOKEN, _SIGNING = "ca.crt", "token", "secret"
# Which keys of a Secret make which login, by our names of them (Flux's keys, so that its Secrets fit).
_LOGINS: tuple[Mapping[str, str], ...] = (
    {"key": "identity", "knownHosts": "known_hosts"},
    {"token": "bearerToken"},
    {"user": "username", "password": "password"},
)


@dataclass(frozen=True)
class Read:
    """A sync, as far as its settings can be read, what is wrong with them in words, and whom it tells."""

    sync: Sync | None
    trouble: str = ""
    to: Addressees = field(default_factory=Addressees)


def read_sync(
    item: Item, secrets: NamespaceSecrets, rules: Rules, hosts: Hosts, grant: Grant, *, cluster: str
) -> Read:
    """The sync that an object describes; without what can't be read, so that it can be held back, and is known.

    Args:
        item: the object.
        secrets: reads the Secrets that it names.
        rules: the operator's own.
        hosts: those that the operator lets reports and messages of all namespaces go to.
        grant: what its namespace may ask for. An object that asks for more gives no sync.
        cluster: the cluster's own set.

    """
    spec = item.spec
    if refused := forbidden(item, grant, rules.set, cluster):
        return Read(None, refused)
    reports = (hosts.reports or frozenset()) | grant.report_hosts
    hosts = Hosts(hosts.messages | grant.message_hosts, reports)
    try:
        settings, trouble = _settings(item, spec, secrets, cluster), ""
    except KeyError as error:
        settings, trouble = _plain(item, spec, cluster), str(error.args[0])
    model, found = syncs_of({"syncs": [settings]})
    if model is None or errors(found):
        return Read(None, _findings_text(found))
    reading = Reading(str(item.ref), secrets, rules.poll, [])
    sync = reading.sync(model.syncs[0])
    to = addressees(model.syncs[0], sync, reading, hosts)
    wrong = trouble or _findings_text(reading.findings)
    names = frozenset(spec.get("secrets") or ())
    return Read(sync and replace(sync, secret_names=names, advice=GITSYNC), wrong, to)


def owner(item: Item, cluster: str) -> str:
    """The set that owns what a sync makes: two namespaces never share one by chance, nor do two clusters."""
    given = item.spec.get("set")
    own = f"{item.ref.namespace}.{item.ref.name}"
    return str(given) if given else own if cluster == FORMER else f"{cluster}.{own}"


def forbidden(item: Item, grant: Grant, own_set: str, cluster: str) -> str:
    """Why its namespace may not have such an object; empty where it may.

    ``own_set`` is the operator's, ``cluster`` the cluster's own, which begins the set of a sync that names none.
    """
    namespace, set_ = item.ref.namespace, owner(item, cluster)
    source = item.spec.get("source")
    url = str(source.get("url", "")) if isinstance(source, Mapping) else ""
    if not grant.restrictions.permits(item.ref.kind):
        return f"the kind {item.ref.kind} is not allowed here ({grant.rule('kinds')})"
    if set_ == own_set:
        return f"spec.set {set_} is the set of the operator's own objects"
    if not grant.owns(namespace, set_, "" if cluster == FORMER else cluster):
        return (
            f"spec.set {set_} is not allowed here: it must begin with '{namespace}.' ({grant.rule('sets')})"
        )
    if not grant.follows(url):
        return f"spec.source.url is not allowed here ({grant.rule('source_repos')})"
    return ""


def needs(item: Item) -> tuple[str, ...]:
    """The syncs of its namespace that one depends on."""
    return tuple(item.spec.get("dependsOn") or ())


def _plain(item: Item, spec: Mapping[str, Any], cluster: str) -> Json:
    """The settings without what stands in Secrets."""
    source = spec.get("source") or {}
    ref = dict(source.get("ref") or {})
    if "name" in ref:
        ref["ref"] = ref.pop("name")
    kept = {name: source[name] for name in ("path", "include", "exclude") if name in source}
    same = {name: spec[name] for name in _SAME if name in spec}
    document = {"name": item.ref.name, "repo": source.get("url", ""), "set": owner(item, cluster)}
    return {**document, **ref, **kept, **same}


def _settings(item: Item, spec: Mapping[str, Any], secrets: NamespaceSecrets, cluster: str) -> Json:
    source = spec.get("source") or {}
    found = _plain(item, spec, cluster)
    for at, each in enumerate(spec.get("secrets") or ()):
        _as_secret(each, f"spec.secrets[{at}]")
    if "secretRef" in source:
        found |= _login(_secret(source, "spec.source"), secrets)
    if "verify" in source:
        name = _secret(source["verify"], "spec.source.verify")
        found["signers"] = [_key(name, key) for key in sorted(secrets.keys(name))]
    if "report" in spec:
        found["report"] = _report(spec["report"], secrets)
    if "message" in spec:
        message = spec["message"]
        found["message"] = {"url": message["url"], "secret": _key(_secret(message, "spec.message"), _SIGNING)}
    return found


def _secret(document: Mapping[str, Any], where: str) -> str:
    """The name of the Secret that a part of a spec refers to.

    Raises:
        KeyError: no Secret can have it; the message says where it stands.

    """
    return _as_secret(document["secretRef"]["name"], f"{where}.secretRef.name")


def _as_secret(name: Any, where: str) -> str:
    if not is_subdomain(name):
        raise KeyError(f"{where}: {shown(name)} is no name of a Secret")
    return str(name)


def _report(document: Mapping[str, Any], secrets: NamespaceSecrets) -> Json:
    name = _secret(document, "spec.report")
    ca = {"ca": _key(name, _CA)} if _CA in secrets.keys(name) else {}
    kept = {key: value for key, value in document.items() if key != "secretRef"}
    return {**kept, **ca, "token": _key(name, _TOKEN)}


def _login(name: str, secrets: NamespaceSecrets) -> Json:
    held = secrets.keys(name)
    kinds = [kind for kind in _LOGINS if set(kind.values()) <= held]
    if not kinds and _CA not in held:
        wanted = "username and password, or bearerToken, or identity and known_hosts"
        raise KeyError(f"the Secret {name} holds no login: {wanted}")
    found: Json = {"ca": _key(name, _CA)} if _CA in held else {}
    for kind in kinds[:1]:
        found["login"] = {our: _key(name, key) for our, key in kind.items()}
    if "user" in found.get("login", {}):
        found["login"]["user"] = secrets({"secretKeyRef": {"name": name, "key": "username"}})
    return found


def _key(name: str, key: str) -> Json:
    return {"secretKeyRef": {"name": name, "key": key}}


def _findings_text(found: "tuple[Finding, ...] | list[Finding]") -> str:
    return "; ".join(str(replace(each, origin=None)) for each in errors(found))
