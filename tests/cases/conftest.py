from tests.fronts.conftest import bare

__all__ = ["bare"]
