"""Declarative reconciler for Amazon SageMaker's control plane.

The packages, and which may import which, are described in ``docs/architecture.md``.
"""
