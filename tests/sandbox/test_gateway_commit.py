"""Group commit: many messages share one fsync, nobody is told too early, and a failing disk is told."""

from __future__ import annotations

import asyncio
import json
import os

import pytest

from airflow_provider_robosms.sandbox.gateway.commit import GroupCommit


@pytest.fixture
def paths(tmp_path):
    return tmp_path / "durable", tmp_path / "casual"


def test_many_records_share_an_fsync_and_are_there_when_awaited(paths, monkeypatch):
    fsyncs = []
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda descriptor: (fsyncs.append(descriptor), real(descriptor)))

    async def write(commit: GroupCommit, number: int) -> None:
        commit.casually({"casual": number})
        await commit.durably([{"n": number, "part": part} for part in range(2)])
        assert f'{{"n":{number},"part":1}}\n' in paths[0].read_text()

    async def run() -> None:
        commit = GroupCommit(*paths)
        await asyncio.gather(*(write(commit, number) for number in range(300)))
        await commit.close()

    asyncio.run(run())
    assert len([json.loads(line) for line in paths[0].read_text().splitlines()]) == 600
    assert len(paths[1].read_text().splitlines()) == 300
    assert 1 <= len(fsyncs) <= 10


def test_a_failing_disk_reaches_whoever_waits(paths, monkeypatch):
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    async def run() -> None:
        commit = GroupCommit(*paths)
        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            await commit.durably([{"n": 1}])
        monkeypatch.undo()
        await commit.durably([{"n": 2}])
        await commit.close()

    asyncio.run(run())
