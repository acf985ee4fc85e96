"""The sensor in its three modes, for one balance."""

from __future__ import annotations

from airflow.sdk import DAG, Param

from airflow_provider_robosms.sensors.robosms import RoboSmsBalanceSensor

MODES = {"poke": {"mode": "poke"}, "reschedule": {"mode": "reschedule"}, "deferrable": {"deferrable": True}}

with DAG("sensors", schedule=None, params={"min_balance": Param("1000", type="string")}):
    for mode, parameters in MODES.items():
        RoboSmsBalanceSensor(
            task_id=mode,
            min_balance="{{ params.min_balance }}",
            poke_interval=2,
            timeout=600,
            **{"deferrable": False, **parameters},
        )

with DAG("sensors_that_time_out", schedule=None):
    for mode, parameters in MODES.items():
        for soft_fail in (False, True):
            RoboSmsBalanceSensor(
                task_id=f"{mode}_{'soft' if soft_fail else 'hard'}",
                min_messages=1_000_000,
                poke_interval=2,
                timeout=5,
                soft_fail=soft_fail,
                **{"deferrable": False, **parameters},
            )
