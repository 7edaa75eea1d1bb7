"""Exit codes: those of ``terraform plan -detailed-exitcode``, and three that it lacks."""

OK, FAILED, CHANGES, STALE, WAITING, BLOCKED, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130
