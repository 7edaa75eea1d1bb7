"""The command line ``sagectl``: one module for each command, imported when it is chosen."""
