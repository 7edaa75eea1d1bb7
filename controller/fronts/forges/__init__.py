"""Words for forges."""
