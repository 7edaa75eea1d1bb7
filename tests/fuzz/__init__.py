"""Fuzzing of all parsers of untrusted input: targets, a small corpus, and a coverage-guided driver."""
