"""Sending many messages safely: a journal of what may have been sent, and an engine that decides what to do next."""
