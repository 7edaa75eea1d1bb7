"""Removal of secrets from texts: for messages, outputs, logs and statuses.

Every text that may quote a secret goes through ``without_texts``, such as those of AWS, Git providers and git.
"""

import json
from collections.abc import Collection

MASK = "(sensitive)"
SHORTEST = 3  # a shorter one occurs in any output by chance


def without_texts(text: str, sensitive: Collection[str]) -> str:
    """A text without any of these strings, raw or as JSON, Python or HTML writes them."""
    if not sensitive:
        return text
    from html import escape

    for each in sorted(filter(None, sensitive), key=len, reverse=True):
        written = json.dumps(each)[1:-1], json.dumps(each, ensure_ascii=False)[1:-1], repr(each)[1:-1]
        for form in (each, *written, escape(each)):
            text = text.replace(form, MASK)
    return text
