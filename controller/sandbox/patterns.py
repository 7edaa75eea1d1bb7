r"""The service model's patterns, translated for Python's `re` where they can be.

Some use classes that `re` does not know. `\p{L}` and its kin are translated; a pattern that still does
not compile is not checked (its length limits are).
"""

import functools
import re

# A wider set than Unicode's is chosen where `re` has no exact one, because refusing what AWS accepts
# would be worse than the reverse.
WIDE = r"\s\S"  # \p{M}, \p{S} and \p{P} have no counterpart
TYPO = re.compile(r"\$\{(\d+),(\d+)\}$")  # two patterns say `(...)${1,128}`
TRANSLATIONS = ((r"\p{L}", r"\w"), (r"\p{N}", r"\d"), (r"\p{Z}", r"\s"), (r"\p{Alnum}", "a-zA-Z0-9"))


@functools.cache
def compiled(pattern: str) -> re.Pattern[str] | None:
    """`pattern` as Python understands it; None when it cannot be checked. Use `fullmatch`."""
    for name, translation in TRANSLATIONS:
        pattern = pattern.replace(name, translation)
    pattern = re.sub(r"\\p\{[MSP]\}", lambda _: WIDE, TYPO.sub("", pattern))
    try:
        return re.compile(pattern)
    except re.error:
        return None
