"""Declarative reconciler for Amazon SageMaker's control plane.

The rooms, and which may import which, are told in ``docs/architecture.md``.
"""
