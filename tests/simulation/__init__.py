"""Seeded random histories that drive the real engine and controllers against the sandbox, on one virtual clock.

``documents.py`` draws small trees over all kinds, ``history.py`` the steps of a history as plain data, ``play.py``
carries them out, ``invariants.py`` says what must hold after each pass and at the end, ``shrink.py`` makes a history
that breaks one of these smaller. ``python -m tests.simulation SEED`` replays one, ``--histories N`` runs many.
"""
