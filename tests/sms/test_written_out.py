"""How long it takes to tell whether a text is a program's value: a cell holds up to 50,000 letters, a sheet many cells."""

from __future__ import annotations

import time

import pytest

from airflow_provider_robosms.sms.written_out import is_written_out

CELL = 50_000


@pytest.mark.parametrize("piece", ["XCom", "Row", "dict_", "<function ", "<a: ", "[1, ", "(", "datetime.", "set(", "w"])
def test_a_full_cell_takes_no_time(piece: str) -> None:
    text = (piece * CELL)[: CELL - 1] + "("
    began = time.process_time()
    assert not is_written_out(text)
    assert time.process_time() - began < 1


def test_a_result_of_another_task_is_a_programs_value() -> None:
    assert is_written_out("LazyXComSequence[3 items]")
