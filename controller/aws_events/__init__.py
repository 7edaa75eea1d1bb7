"""Events of EventBridge, read from an SQS queue: they bring the next reconciliation of a resource forward.

An event is a hint and never decides: whatever a message says, the resource it is about is read from AWS and compared as
at any other time. A message that is lost, late, forged or not understood costs a poll too few or too many, and the
periodic look stays on. ``message`` parses, ``queue`` receives.
"""
