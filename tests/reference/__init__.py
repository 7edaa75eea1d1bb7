"""``make docs``: what the pages say of kinds, written from the rows, the recorded model and the sandbox."""
