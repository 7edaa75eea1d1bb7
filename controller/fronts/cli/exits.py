"""Exit codes: those of ``terraform plan -detailed-exitcode``, and two that it lacks."""

OK, FAILED, CHANGES, STALE, WAITING, INTERRUPTED = 0, 1, 2, 3, 4, 130
