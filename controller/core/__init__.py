"""Types that every package shares: names, phases, actions, diagnostics, and the interface to AWS.

This package does no I/O, imports no third-party package and holds no mutable state.
"""
