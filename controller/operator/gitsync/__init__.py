"""GitSync: repositories that are followed from within a cluster, by the loop that ``sagectl sync`` runs.

``controller.py`` turns objects into followers, and is the page to read first; ``namespace_syncs.py`` gives the loop
what it works with in a cluster; ``status.py`` says how things stand.
"""
