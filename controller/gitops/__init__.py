"""Continuous reconciliation of an account with Git repositories.

``SyncController`` is the reconciler, which workers run on a queue of the syncs' names. ``Follower`` is one sync: its
passes poll if a poll is due, apply if that is due, and never wait. The state between runs is a ``SyncRecord``, requests
of people to a running sync are a ``SyncRequest``; only the inventory records ownership.
"""
