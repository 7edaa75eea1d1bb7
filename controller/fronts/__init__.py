"""The ways in. They own the clock, the person and the files; the engine owns none."""
