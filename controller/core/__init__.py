"""The words that every package shares: names, phases, actions, findings, and the one door to AWS.

Law: no I/O, no third-party import, nothing mutable.
"""
