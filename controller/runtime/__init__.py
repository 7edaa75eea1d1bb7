"""Shared parts of long-running processes: clocks, work queue, limits, HTTP, logs, files, secret texts."""
