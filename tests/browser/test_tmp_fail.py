import pytest

pytestmark = pytest.mark.browser


def test_fails(stage):
    stage.open("/connections", "Add Connection")
    assert False
