"""The command that makes the pictures of README and docs still finds everything that it shows."""

from __future__ import annotations

import struct

import pytest

from tests.browser.screenshots import NAMES, WIDE, take_all

pytestmark = pytest.mark.browser


def test_every_picture_is_taken(stage, tmp_path):
    stage.window.problems()
    take_all(stage, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {f"{name}.png" for name in NAMES}
    for path in tmp_path.iterdir():
        width, height = struct.unpack(">II", path.read_bytes()[16:24])
        # A few rows of a spreadsheet are low.
        rows = path.stem in ("unknown-row", "campaigns-tab")
        assert 800 < width <= WIDE, path.name
        assert (200 if rows else 600) < height < 1300, path.name
        assert path.stat().st_size < 320_000, path.name
    assert stage.window.problems() == []
