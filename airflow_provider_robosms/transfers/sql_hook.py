"""The DB-API hook of a connection, of whatever type."""

from __future__ import annotations

from typing import Any

from ..compat import AirflowNotFoundException
from ..exceptions import RoboSmsError
from ..hooks.robosms import connection_name


def db_hook(conn_id: str) -> Any:
    """Return the DB-API hook of a connection.

    :raises RoboSmsError: when common-sql or the connection's own provider is missing, or it is no database; permanent.
    """
    try:
        from airflow.providers.common.sql.hooks.sql import DbApiHook
    except ImportError:
        raise RoboSmsError(
            "Campaigns from a database need common-sql: pip install apache-airflow-providers-common-sql on every worker.",
            permanent=True,
        ) from None
    from airflow.sdk import BaseHook

    try:
        connection = BaseHook.get_connection(conn_id)
    except AirflowNotFoundException:
        raise RoboSmsError(
            f"There is no Airflow connection {connection_name(conn_id)}, which sql_conn_id names.", permanent=True
        ) from None
    kind = connection.conn_type
    try:
        hook = connection.get_hook()
    except Exception as error:  # noqa: BLE001 - Airflow's own error for a type that it does not know has changed its class
        raise RoboSmsError(
            f"sql_conn_id: the connection {conn_id} is of type {kind}, which needs its Airflow provider, such as "
            f"apache-airflow-providers-{kind} ({type(error).__name__}).",
            permanent=True,
        ) from None
    if not isinstance(hook, DbApiHook):
        raise RoboSmsError(
            f"sql_conn_id: the connection {conn_id} of type {kind} is not a database that common-sql supports.",
            permanent=True,
        )
    return hook
