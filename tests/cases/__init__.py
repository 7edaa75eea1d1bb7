"""Published inputs that went wrong once, each with the right outcome."""
