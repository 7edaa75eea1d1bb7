"""``make kind NAME=X``: what a new kind needs, derived from botocore as far as it says."""
