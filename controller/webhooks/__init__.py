"""Webhooks of Git providers: a delivery requests a poll of the repository, and its contents are never applied.

The order of checks is fixed: the size, then the signature over the raw bytes in constant time, then the contents.
The provider is that of the configuration; it is never guessed from headers, because providers send each other's
(Gitea sends GitHub's). ``authentication`` has the signature checks; ``WebhookHandler`` holds the seen deliveries and
the queue of requested polls; ``server`` is the only module with HTTP in it. Polling continues regardless of webhooks.
"""
