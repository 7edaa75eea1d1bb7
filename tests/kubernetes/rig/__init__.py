"""A real API server for tests and for people: where its programs come from, and how it is started."""
