"""Make a history that breaks an invariant smaller: without steps, without documents, with fewer texts."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from tests.simulation.history import History
from tests.simulation.play import Outcome, Play, play, try_play

_NAMES = re.compile(r"'[^']*'|\d+")


def message_kind(broken: str) -> str:
    """The part of a message that does not depend on the history."""
    return " ".join(_NAMES.sub("", broken).split()[-6:])


def find_smallest(history: History, seed: int, outcome: Outcome, player: Play = play) -> History:
    """A smaller history that violates an invariant that this one violated."""
    sorts = {message_kind(each) for each in outcome.broken}
    return shrink_history(
        history,
        lambda each: bool(sorts & {message_kind(b) for b in try_play(each, seed, player=player).broken}),
    )


def shrink_history(history: History, breaks: Callable[[History], bool], tries: int = 150) -> History:
    """The smallest history found that still fails, within so many tries."""
    left = tries
    going = True
    while going and left > 0:
        going = False
        for smaller in _smaller_histories(history):
            left -= 1
            if left <= 0:
                break
            if breaks(smaller):
                history, going = smaller, True
                break
    return history


def _smaller_histories(history: History) -> Iterator[History]:
    steps, slots = history.steps, history.slots
    size = len(steps) // 2
    while size:
        for start in range(0, len(steps), size):
            yield replace(history, steps=steps[:start] + steps[start + size :])
        size //= 2
    for number in range(len(slots) - 1, -1, -1):
        others = [index for index in range(len(slots)) if index != number]
        kept = [replace(step, slot=others.index(step.slot)) for step in steps if step.slot != number]
        yield History(tuple(slots[index] for index in others), tuple(kept))
    for number, slot in enumerate(slots):
        if len(slot.texts) > 1:
            for text in slot.texts:
                one = replace(slot, texts=(text,))
                yield replace(history, slots=(*slots[:number], one, *slots[number + 1 :]))
