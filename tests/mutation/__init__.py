"""Mutation testing by hand: faults that the tests must catch, as data, and a command that tries each."""
