"""Mutation testing: faults that the tests must catch, as data, and a command that tries each."""
