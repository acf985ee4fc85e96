"""Who sends a campaign."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Owner:
    """Who sends: one task instance of one Airflow, and its share of the rows."""

    dag: str
    run: str
    task: str
    map_index: int = -1
    partition: int = 0
    partitions: int = 1

    @property
    def campaign(self) -> tuple[str, str, str]:
        """What partitions of one campaign have in common."""
        return (self.dag, self.run, self.task)

    def __str__(self) -> str:
        return f"run {self.run!r} of DAG {self.dag!r} (task {self.task!r})"
