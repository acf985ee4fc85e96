"""Whether the real Google does what the sheet protocol assumes of it (``python -m airflow_provider_robosms probe``)."""
