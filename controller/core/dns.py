"""Names of Kubernetes objects: DNS subdomains in small letters (RFC 1123; kubernetes.io, "Object Names and IDs")."""

import re

LONGEST = 253  # characters
SUBDOMAIN = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
_WHOLE = re.compile(SUBDOMAIN, re.ASCII)


def is_subdomain(value: object) -> bool:
    """Whether a value is a text that an object of Kubernetes may be named by."""
    return isinstance(value, str) and len(value) <= LONGEST and _WHOLE.fullmatch(value) is not None
