"""The reconciler: observe -> diff -> plan -> confirmations -> apply -> report; ``reconcile.py`` is one page.

The engine has no clock, never waits, and depends on neither terminal nor cluster: those are the callers'.
"""
