"""What long-running processes need: clocks, work queue, limits, HTTP, logs, files, hidden texts."""
