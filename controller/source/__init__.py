"""Where documents come from besides files on a disk."""
