"""A forge says that something was pushed; we look. What to apply is never taken from what it says.

The order is always the same: the size, then the proof over the raw bytes in constant time, then the text.
The provider is what the configuration says; it is never guessed from headers, because forges send each
other's (Gitea sends GitHub's). ``verify`` is a pure function; ``Gate`` holds what was seen and the queue of
looks; ``server`` is the only module with HTTP in it. Polling continues whatever happens here.
"""
