"""
### See that everything is ready to send

Looks, from a worker, at the RoboSMS connection, the Google connection and a spreadsheet of yours. Sends nothing and changes
nothing. The log of `check` has a line for each: `✓` is fine, `✗` says what to fix, `?` could not be seen from here.

What campaigns need of Google beyond that, `python -m airflow_provider_robosms probe` tries out: a command of its own on
purpose, because it makes scratch tabs in the spreadsheet, and deletes them again.
"""

from __future__ import annotations

import logging

import pendulum
from airflow.sdk import DAG, Param, get_current_context, task

from airflow_provider_robosms.check import check_google, check_robosms
from airflow_provider_robosms.compat import AirflowFailException

log = logging.getLogger(__name__)

with DAG(
    "robosms_account_check",
    dag_display_name="SMS account check",
    description="Sees that RoboSMS, Google and a spreadsheet are ready; sends nothing",
    doc_md=__doc__,
    schedule=None,
    start_date=pendulum.datetime(2026, 1, 1, tz="Asia/Karachi"),
    catchup=False,
    tags=["robosms", "account"],
    params={
        "spreadsheet": Param(
            "",
            type=["string", "null"],
            title="Spreadsheet",
            description="Its address, copied from the browser. Empty: only the connections are looked at.",
        ),
        "robosms_conn_id": Param(
            "robosms_default",
            type="string",
            minLength=1,
            title="RoboSMS connection",
            description="The account that is looked at.",
        ),
        "gcp_conn_id": Param(
            "google_cloud_default",
            type=["string", "null"],
            title="Google connection",
            description="Empty: Google is not looked at.",
        ),
    },
):

    @task
    def check() -> list[str]:
        """Say what is ready and what is not; fail when something is to be fixed."""
        params = get_current_context()["params"]
        findings = [*check_robosms(params["robosms_conn_id"])]
        if params["gcp_conn_id"]:
            findings += check_google(params["gcp_conn_id"], params["spreadsheet"] or None)
        log.info("%s", "\n".join(map(str, findings)))
        if wrong := [finding.text for finding in findings if finding.ok is False]:
            raise AirflowFailException(wrong[0])
        return [str(finding) for finding in findings]

    check()
