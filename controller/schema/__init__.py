"""The service model of the kinds, recorded from botocore.

The part of the model that the rows need is recorded in ``sagemaker.json`` (``record.py`` writes it from the
pinned botocore, a test keeps it in step), so that checking documents needs no AWS library and starts fast.
"""
