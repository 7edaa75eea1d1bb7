"""``make kind NAME=X``: the files of a new kind, derived from botocore as far as possible."""
