"""Inputs from public reports of bugs in such tools, each with what is right."""
