"""Output as text, JSON, Markdown, HTML and SVG. Everything shown goes through ``redact`` first."""
