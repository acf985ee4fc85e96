"""Connections to RoboSMS and to Google Sheets."""
