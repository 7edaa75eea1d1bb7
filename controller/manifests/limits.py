"""How much a tree may hold; each limit's finding names its field."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Caps that hold before anything is built from a file.

    The defaults are those of the GitOps systems we compare with (Argo CD's 10 MB of manifests; none of ours
    stops an honest tree). ``depth`` counts nested mappings and lists, ``nodes`` every scalar, mapping and
    list of a file.
    """

    files: int = 10_000
    bytes_per_file: int = 1024 * 1024
    total_bytes: int = 10 * 1024 * 1024
    documents_per_file: int = 1_000
    depth: int = 64
    nodes: int = 200_000
