"""Events of EventBridge, read from an SQS queue: they bring the next reconciliation of a resource forward.

An event only triggers a read: whatever a message contains, its resource is read from AWS and compared as at any other
time. A message that is lost, late, forged or malformed causes a read too few or too many, and the periodic polls
continue. ``message`` parses, ``queue`` receives.
"""
