"""The operator: objects of a Kubernetes cluster, kept equal to AWS by the same engine as files.

Only ``informer.py`` imports kopf, which lists and watches. Changed objects go into a cache, and their keys into a work
queue; workers reconcile one object per pass, with its dependencies read-only (read ``resource_reconciler.py`` first). A
pass never waits: it returns when it is due again.
"""
