"""``make docs``: the pages about kinds, generated from the rows, the recorded model and the sandbox."""
