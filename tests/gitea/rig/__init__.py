"""A real Gitea for tests and for people: how it is built, started and asked."""
