"""The command that makes the pictures of README and docs still finds everything that it shows."""

from __future__ import annotations

import struct

import pytest

from tests.browser.screenshots import NAMES, WIDTH, take_all

pytestmark = pytest.mark.browser


def test_every_picture_is_taken(stage, tmp_path):
    stage.window.problems()
    take_all(stage, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {f"{name}.png" for name in NAMES}
    for path in tmp_path.iterdir():
        width, height = struct.unpack(">II", path.read_bytes()[16:24])
        # The rows of a spreadsheet with all their result columns are wider than a page, and not many.
        rows = path.stem in ("unknown-row", "campaigns-tab")
        assert 800 < width <= (2000 if rows else WIDTH), path.name
        assert (100 if rows else 600) < height < 1300, path.name
    assert stage.window.problems() == []
