"""Many syncs: they spread over time, and those of one repository share its requests."""

import math
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from controller.runtime.clock import Clock
from controller.source.git.errors import SourceFailure
from controller.source.git.snapshot import Mirrors, Snapshot
from controller.source.git.source import Source
from tests.gitops.stage import TIMING, Stage, group
from tests.soak import soak
from tests.source.git.following import git_source
from tests.source.git.forge import Forge
from tests.source.git.repository import Repository

MANY = 1000
EACH_MINUTE = replace(TIMING, interval=60)


def most_per_second(seconds: int, polls: int = MANY) -> int:
    """The most of some polls a minute that one second of so many may have, if each falls into a random second.

    Their number is binomial. The bound is exceeded in fewer than one of a million tests.
    """
    chance = 1 / 60
    for bound in range(polls):
        more = range(bound + 1, polls + 1)
        tail = math.fsum(math.comb(polls, n) * chance**n * (1 - chance) ** (polls - n) for n in more)
        if seconds * tail < 1e-6:
            return bound
    return polls


def count_fetches(forge: Forge) -> int:
    """The number of completed fetches: some take two requests, of which the last one completes it."""
    return sum(b"command=fetch" in body and b"0009done\n" in body for _, body, _ in forge.requests)


class SeparateMirrors(Mirrors):
    """Independent repositories: each poll would be one of another server, and is only recorded here."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage.folder / "cache", now=stage.clock.now)
        self.request_times: list[float] = []

    def last_request_time(self, source: Source) -> float:
        """No other sync polls the same source."""
        return float("-inf")

    def fetch_snapshot(
        self, source: Source, *, since: float = 0, stop: Event | None = None
    ) -> Snapshot | SourceFailure:
        """Record the poll, and return the server's first response again."""
        self.request_times.append(self._now())
        return super().fetch_snapshot(source, since=float("-inf"), stop=stop)


@pytest.mark.parametrize(("sources", "seconds"), [(300, 120), *soak((MANY, 600), names=2)])
def test_a_thousand_sources_spread(stage: Stage, sources: int, seconds: int) -> None:
    """Row 1: 1,000 sources of 60 s that start together: from the second minute on no second has more than by chance.

    In short, 300 sources.
    """
    chance = random.Random(7)
    stage.clock = Clock(lambda: stage.seconds, lambda: stage.seconds + 1.7e9, chance.random)
    stage.mirrors = separate = SeparateMirrors(stage)
    stage.push({"README.md": "no documents: nothing is done but looking"})
    began = stage.seconds
    stage.start(*(stage.sync(f"s{n}", timing=EACH_MINUTE) for n in range(sources)))
    for _ in range(seconds):
        stage.step(1.0)
    looks = Counter(round(at - began) for at in separate.request_times if at - began >= 60)
    assert sum(looks.values()) == pytest.approx(sources * (seconds / 60 - 1), rel=0.05)
    assert max(looks.values()) <= most_per_second(seconds - 60, sources)


def test_intervals_spread() -> None:
    """Row 1: of a thousand syncs of a minute that start together, no second of the third has more than by chance."""
    clock = Clock(chance=random.Random(7).random)
    times: list[float] = []
    for _ in range(MANY):
        at = clock.first_interval(60)
        for _ in range(10):
            times.append(at)
            at += clock.jitter(60)
    third = Counter(int(at) for at in times if 120 <= at < 180)
    assert max(third.values()) <= most_per_second(60)


@pytest.mark.parametrize("syncs", [25, *soak(100)])
def test_a_push_to_many_syncs_is_one_fetch(stage: Stage, syncs: int) -> None:
    """Row 2: many syncs of one repository, one push: the server is polled once an interval, and fetched from once."""
    chance = random.Random(7)
    stage.clock = Clock(lambda: stage.seconds, lambda: stage.seconds + 1.7e9, chance.random)
    stage.mirrors = Mirrors(stage.folder / "cache", now=stage.clock.now)
    stage.push({f"t{n}/a.yaml": group(f"g{n}") for n in range(syncs)})
    stage.start(*(stage.sync(f"s{n}", path=f"t{n}", timing=EACH_MINUTE) for n in range(syncs)))
    stage.wait(0, turns=1000)
    assert (stage.forge.count("ls-refs"), count_fetches(stage.forge)) == (1, 1)
    stage.wait(130, turns=5000)
    stage.forge.requests.clear()
    pushed = stage.push({f"t{n}/a.yaml": group(f"g{n}", "new") for n in range(syncs)})
    stage.wait(66, turns=2000)
    assert {stage.record(f"s{n}").head for n in range(syncs)} == {pushed}
    assert count_fetches(stage.forge) == 1
    assert stage.forge.count("ls-refs") <= 3


def test_a_requested_poll_uses_no_earlier_response(stage: Stage) -> None:
    """Row 24: a requested poll is sent, however recently another sync polled the same server."""
    stage.mirrors = Mirrors(stage.folder / "cache", now=stage.clock.now)
    stage.push({"a/a.yaml": group("a"), "b/b.yaml": group("b")})
    stage.start(stage.sync("a", path="a"), stage.sync("b", path="b"))
    stage.wait(40)
    stage.of("a").request(stage.clock.now())
    stage.wait(1)
    pushed = stage.push({"a/a.yaml": group("a"), "b/b.yaml": group("b", "new")})
    stage.of("b").request(stage.clock.now())
    stage.wait(1)
    assert stage.record("b").head == pushed


def test_a_response_is_shared_by_syncs_of_the_same_ref(
    forge: Forge, repository: Repository, tmp_path: Path
) -> None:
    """Row 2: the time of a server's last response is shared by all syncs of the same ref with the same login only."""
    mirrors = Mirrors(tmp_path / "cache", now=lambda: 7.0)
    repository.commit({"a.yaml": "a"})
    source = git_source(forge)
    assert mirrors.last_request_time(source) == float("-inf")
    mirrors.fetch_snapshot(source)
    assert mirrors.last_request_time(git_source(forge, path="a.yaml")) == 7.0
    assert mirrors.last_request_time(git_source(forge, ca="")) == float("-inf")
