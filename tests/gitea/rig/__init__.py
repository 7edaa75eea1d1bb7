"""A real Gitea for tests and developers: its build, its start and its API."""
