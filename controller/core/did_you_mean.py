"""A guess at what a mistyped word was meant to be."""

from collections.abc import Iterable


def did_you_mean(word: str, choices: Iterable[str], cutoff: float = 0.7) -> str:
    """``did you mean 'x'?`` with the nearest choice; empty where none is near."""
    folded = {choice.casefold(): choice for choice in sorted(choices, reverse=True)}
    if not folded:
        return ""
    from difflib import get_close_matches

    near = get_close_matches(word.casefold(), folded, n=1, cutoff=cutoff)
    return f"did you mean '{folded[near[0]]}'?" if near else ""
