"""Fuzzing of everything that reads what others write: targets, a small corpus, and a coverage-guided driver."""
