"""GitSync: continuous reconciliation with a repository from within a cluster, by the reconciler of ``sagectl sync``.

``controller.py`` reconciles objects, read it first; ``namespace_syncs.py`` is the environment of the syncs of a
namespace; ``status.py`` builds their status.
"""
