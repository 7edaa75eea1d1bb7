"""Reports the result of a run to the Git provider: commit statuses, one comment on a pull request, a signed message.

``runtime/http_client.py`` is the only way out. A provider is a row of pure functions from what we want to say to a
request, and from an answer to what stands there; a report is one attempt that ends in a ``Told``; the ``Outbox`` tries
again later, so nobody ever waits for a forge.
"""
