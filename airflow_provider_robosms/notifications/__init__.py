"""Notifiers: an SMS when something happens to a task, a DAG or a deadline."""
