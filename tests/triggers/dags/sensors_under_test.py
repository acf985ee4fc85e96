"""The sensor in its three modes, for enough balance and for a low one."""

from __future__ import annotations

from airflow.sdk import DAG, Param

from airflow_provider_robosms.sensors.robosms import RoboSmsBalanceSensor

MODES = {"poke": {"mode": "poke"}, "reschedule": {"mode": "reschedule"}, "deferrable": {"deferrable": True}}

for dag_id, condition in (("sensors", "at_least"), ("sensors_below", "below")):
    with DAG(dag_id, schedule=None, params={"min_balance": Param("1000", type="string")}) as dag:
        for mode, parameters in MODES.items():
            RoboSmsBalanceSensor(
                task_id=mode,
                min_balance="{{ params.min_balance }}",
                condition=condition,
                poke_interval=2,
                timeout=600,
                **{"deferrable": False, **parameters},
            )
    globals()[dag_id] = dag

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
