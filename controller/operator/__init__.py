"""The operator: objects of a Kubernetes cluster, kept equal to AWS by the same engine as files.

Only ``informer.py`` imports kopf, which lists and watches. What changed goes into a store, and its key into a
queue of our own; workers take one object per pass, with its neighbours read-only
(``resource_reconciler.py`` is the page to read first). A pass never waits: it returns when it is due again.
"""
