"""A sandbox for the claims of the sheet guide; see ``tests/transfers/conftest.py``."""

from tests.transfers.conftest import sandbox  # noqa: F401 - a fixture
