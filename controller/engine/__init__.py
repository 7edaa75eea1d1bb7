"""The reconciler: observe -> diff -> plan -> brakes -> apply -> report; ``reconcile.py`` is one page.

Law: no clock, no waiting, no person, no cluster; those belong to the ways in.
"""
