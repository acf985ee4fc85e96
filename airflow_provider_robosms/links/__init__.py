"""Links on the tasks in Airflow's UI."""
