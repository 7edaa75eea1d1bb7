"""GitSync: repositories that are followed from within a cluster, by the reconciler that ``sagectl sync`` runs.

``controller.py`` reconciles objects, and is the page to read first; ``namespace_syncs.py`` holds what the syncs of a
namespace work with in a cluster; ``status.py`` makes their status.
"""
