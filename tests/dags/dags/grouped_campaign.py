"""A campaign as a group among other tasks, in a DAG that renders native objects."""

from __future__ import annotations

from airflow.sdk import DAG, Asset, chain, task

from airflow_provider_robosms.task_groups.form import campaign_form, from_form
from airflow_provider_robosms.task_groups.sheet_campaign import sheet_campaign

FORM = campaign_form()

with DAG("grouped_campaign", schedule=None, params=FORM, render_template_as_native_obj=True):

    @task
    def before() -> None:
        """Come first."""

    @task(outlets=[Asset("robosms_test_after_the_group")])
    def after() -> None:
        """Come when everybody was texted."""

    chain(before(), sheet_campaign("bills", **from_form(FORM)), after())
