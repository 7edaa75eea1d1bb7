"""The sync loop: what a repository says becomes what the account holds, again and again.

``Follower`` is one sync: each of its passes looks where a look is due, takes a turn where a turn is due, and
says when it wants to be called again. It never waits. ``Loop`` owns the clock and the threads. What is known
between runs stands in a ``Record``, what people want of a running sync in a ``Word``; the inventory stays the
only memory of what we own.
"""
