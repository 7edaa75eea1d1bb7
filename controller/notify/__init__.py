"""Reports the result of a run to the Git provider: commit statuses, one comment on a pull request, a signed message.

``runtime/http_client.py`` is the only way out. A provider is a row of pure functions from a report to a
request, and from an answer to the current state. An attempt ends in a ``DeliveryResult``; the ``Outbox`` retries later,
so that nothing waits for a provider.
"""
