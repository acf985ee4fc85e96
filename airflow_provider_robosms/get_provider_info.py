"""What Airflow learns of this provider; the shape is ``airflow/provider.yaml.schema.json``."""

from __future__ import annotations

from typing import Any

from . import __version__

_PACKAGE = "airflow_provider_robosms"
_SMS, _SHEETS, _SQL = "RoboSMS", "Google Sheets", "SQL databases"


def get_provider_info() -> dict[str, Any]:
    """Return the provider's metadata (entry point ``apache_airflow_provider``)."""
    return {
        "package-name": "airflow-provider-robosms",
        "name": "RoboSMS",
        "description": "SMS campaigns through RoboSMS Pakistan from a Google Sheet or any data, safe against crashes.",
        "versions": [__version__],
        "state": "ready",
        "source-date-epoch": 1795392000,
        "integrations": [
            {"integration-name": _SMS, "external-doc-url": "https://portal.robosms.pk", "tags": ["service"]},
            {
                "integration-name": _SHEETS,
                "external-doc-url": "https://developers.google.com/sheets/api",
                "tags": ["google", "service"],
            },
            {
                "integration-name": _SQL,
                "external-doc-url": "https://airflow.apache.org/docs/apache-airflow-providers-common-sql/stable/",
                "tags": ["software"],
            },
        ],
        "hooks": [
            {"integration-name": _SMS, "python-modules": [f"{_PACKAGE}.hooks.robosms"]},
            {"integration-name": _SHEETS, "python-modules": [f"{_PACKAGE}.hooks.gsheets"]},
        ],
        "operators": [{"integration-name": _SMS, "python-modules": [f"{_PACKAGE}.operators.robosms"]}],
        "sensors": [{"integration-name": _SMS, "python-modules": [f"{_PACKAGE}.sensors.robosms"]}],
        "triggers": [{"integration-name": _SMS, "python-modules": [f"{_PACKAGE}.triggers.robosms"]}],
        "transfers": [
            {
                "source-integration-name": _SHEETS,
                "target-integration-name": _SMS,
                "python-module": f"{_PACKAGE}.transfers.gsheets_to_robosms",
            },
            {
                "source-integration-name": _SQL,
                "target-integration-name": _SMS,
                "python-module": f"{_PACKAGE}.transfers.sql_to_robosms",
            },
        ],
        "notifications": [f"{_PACKAGE}.notifications.robosms.RoboSmsNotifier"],
        "extra-links": [f"{_PACKAGE}.links.robosms.SpreadsheetLink", f"{_PACKAGE}.links.robosms.RoboSmsPortalLink"],
        "connection-types": [_CONNECTION],
    }


_CONNECTION: dict[str, Any] = {
    "connection-type": "robosms",
    "hook-class-name": f"{_PACKAGE}.hooks.robosms.RoboSmsHook",
    "hook-name": "RoboSMS",
    "ui-field-behaviour": {
        "hidden-fields": ["schema", "port"],
        "relabeling": {"login": "Account e-mail", "password": "API key", "host": "Portal URL"},
        "placeholders": {
            "login": "you@example.pk",
            "password": "from the RoboSMS dashboard",
            "host": "https://portal.robosms.pk",
        },
    },
    "conn-fields": {
        "mask": {
            "label": "Sender mask",
            "description": "The approved mask that messages come from, such as SMS-ALERT.",
            "schema": {"type": ["string", "null"], "maxLength": 11},
        },
        "timeout": {
            "label": "Timeout (seconds)",
            "description": "For connecting and for reading. A message whose answer takes longer is UNKNOWN.",
            "schema": {"type": ["number", "null"], "minimum": 1, "maximum": 600, "default": 30},
        },
        "send_parameters": {
            "label": "Further send parameters",
            "description": 'JSON object added to every send request. {"unicode": "auto"} says 1 of texts that need Unicode.',
            "schema": {"type": ["object", "null"]},
        },
    },
}
