"""Apache Airflow provider for RoboSMS Pakistan."""

__version__ = "0.1.0"
