"""Whole campaigns as task groups, of which the ready-made DAGs are made."""
