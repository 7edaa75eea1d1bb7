"""Health checks for Argo CD, from the table of reasons (argo-cd.readthedocs.io, operator-manual/health)."""

from controller.core.reason import RECONCILE_STATES, ReconcileState
from controller.crds.catalog import SYNC
from controller.kinds import KINDS
from controller.manifests.envelope import GROUP

_HEALTH = {
    ReconcileState.SETTLED: "Healthy",
    ReconcileState.MOVING: "Progressing",
    ReconcileState.RETRIED: "Progressing",
    ReconcileState.HELD: "Progressing",
    ReconcileState.WAITING: "Suspended",
    ReconcileState.PAUSED: "Suspended",
    ReconcileState.STUCK: "Degraded",
}
_HEAD = """\
# Written by `sagectl crds --argocd FILE` from the operator's table of reasons. Change that and write it anew.
# A patch of Argo CD's own ConfigMap, which leaves its other keys as they are:
#   kubectl patch configmap argocd-cm -n argocd --patch-file deploy/argocd/argocd-cm.yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: argocd-cm
data:
"""
# An unknown reason is a newer operator's: then the conditions decide.
_SCRIPT = """\
local reasons = {{
{reasons}
}}
local found = {{}}
local status = obj.status or {{}}
for _, condition in ipairs(status.conditions or {{}}) do
  found[condition.type] = condition
end
local synced = found.Synced
if synced == nil or status.observedGeneration ~= obj.metadata.generation then
  return {{status = "Progressing", message = "The operator has not looked at this generation yet"}}
end
local health = reasons[synced.reason]
if health == nil then
  health = "Progressing"
  if found.Stalled ~= nil and found.Stalled.status == "True" then
    health = "Degraded"
  elseif found.Ready ~= nil and found.Ready.status == "True" then
    health = "Healthy"
  end
end
return {{status = health, message = synced.reason .. ": " .. (synced.message or "")}}
"""


def health(reconcile_state: ReconcileState) -> str:
    """Argo CD's health status for a state."""
    return _HEALTH[reconcile_state]


def script() -> str:
    """The Lua script with the health check of all kinds."""
    rows = [
        f'  {reason.value} = "{health(reconcile_state)}",'
        for reason, reconcile_state in RECONCILE_STATES.items()
    ]
    return _SCRIPT.format(reasons="\n".join(rows))


def argocd_text() -> str:
    """The patch of ``argocd-cm``; the keys of all kinds share one script through an anchor of YAML."""
    first, *rest = [f"resource.customizations.health.{GROUP}_{kind}" for kind in sorted([*KINDS, SYNC.kind])]
    lines = "".join(f"    {line}\n" for line in script().splitlines())
    return f"{_HEAD}  {first}: &health |\n{lines}" + "".join(f"  {key}: *health\n" for key in rest)
