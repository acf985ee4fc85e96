"""Triggers: they poll, they never send."""
