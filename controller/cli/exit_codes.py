"""Exit codes. This module imports nothing: ``sagectl --help`` loads it, and must be quick."""

OK, FAILED, CHANGES, STALE, WAITING, BLOCKED, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130
