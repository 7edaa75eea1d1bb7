"""Values become text and JSON for people and programs. Everything shown goes through ``redact`` first."""
