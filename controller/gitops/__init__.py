"""Reconciling repositories: what a repository says becomes what the account holds, again and again.

``SyncController`` is the reconciler, which workers run on a queue of the syncs' names. ``Follower`` is one sync: its
passes poll where a poll is due, apply where that is due, and never wait. What is known between runs is in a
``SyncRecord``, what people request of a running sync in a ``SyncRequest``; the inventory is the only record of what is
owned.
"""
