"""Types that every package shares: names, phases, actions, diagnostics, and the interface to AWS.

Law: no I/O, no third-party import, nothing mutable.
"""
