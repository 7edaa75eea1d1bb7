"""Reports the result of a run to the Git provider: commit statuses, one comment on a pull request, a signed message.

All requests use ``runtime/http_client.py``. A provider is a row of pure functions from a report to a request, and from
a response to the current state. An attempt returns a ``DeliveryResult``; the ``Outbox`` retries later, so that nothing
waits for a provider.
"""
