"""The provider's metadata: the shape that Airflow wants, and nothing in it that does not exist."""

from __future__ import annotations

import importlib
import importlib.metadata
import inspect
import json
from pathlib import Path
from typing import Any

import airflow
import jsonschema
import pytest

import airflow_provider_robosms
from airflow_provider_robosms.get_provider_info import get_provider_info
from airflow_provider_robosms.hooks import robosms
from airflow_provider_robosms.hooks.robosms import RoboSmsHook, account_of

INFO = get_provider_info()
PACKAGE = Path(airflow_provider_robosms.__file__).parent
CONNECTION = INFO["connection-types"][0]


def modules(section: str) -> list[str]:
    return [module for entry in INFO[section] for module in entry["python-modules"]]


LISTED = {section: modules(section) for section in ("hooks", "operators", "sensors", "triggers")}
LISTED["transfers"] = [entry["python-module"] for entry in INFO["transfers"]]
CLASSES = [CONNECTION["hook-class-name"], *INFO["notifications"], *INFO["extra-links"]]


@pytest.mark.parametrize("schema", ["provider.yaml.schema.json", "provider_info.schema.json"])
def test_it_has_airflows_shape(schema):
    shape = json.loads((Path(airflow.__file__).parent / schema).read_text())
    checker = jsonschema.validators.validator_for(shape)(shape)
    assert [error.message for error in checker.iter_errors(INFO)] == []
    # The schema is strict enough to notice a wrong name.
    assert list(checker.iter_errors({**INFO, "connection-types": [{"conection-type": "robosms"}]}))


def test_the_entry_point_leads_to_it():
    """A package-name that is not the distribution's breaks discovery for the whole installation."""
    distribution = importlib.metadata.distribution(INFO["package-name"])
    (entry,) = distribution.entry_points.select(group="apache_airflow_provider")
    assert entry.name == "provider_info"
    assert entry.load()() == INFO
    assert INFO["versions"] == [distribution.version] == [airflow_provider_robosms.__version__]


@pytest.mark.parametrize(
    ("section", "module"), [(section, name) for section, names in LISTED.items() for name in names]
)
def test_every_module_that_is_named_has_a_class_to_use(section, module):
    loaded = importlib.import_module(module)
    own = [name for name, kind in inspect.getmembers(loaded, inspect.isclass) if kind.__module__ == module]
    assert [name for name in own if not name.startswith("_")], f"{section}: {module} defines nothing"


@pytest.mark.parametrize("name", CLASSES)
def test_every_class_that_is_named_exists(name):
    module, _, kind = name.rpartition(".")
    assert inspect.isclass(getattr(importlib.import_module(module), kind))


@pytest.mark.parametrize("section", LISTED)
def test_every_module_that_people_may_import_is_named(section):
    """Those that define a class of Airflow's for a DAG; helpers beside them are nobody's business."""
    ending = {
        "hooks": "Hook",
        "operators": "Operator",
        "sensors": "Sensor",
        "triggers": "Trigger",
        "transfers": "Operator",
    }
    found = set()
    for path in (PACKAGE / section).glob("*.py"):
        name = f"{airflow_provider_robosms.__name__}.{section}.{path.stem}"
        kinds = inspect.getmembers(importlib.import_module(name), inspect.isclass)
        if any(kind.__module__ == name and label.endswith(ending[section]) for label, kind in kinds):
            found.add(name)
    # The bases of the sending operators are no operators to use.
    bases = {
        f"airflow_provider_robosms.{name}" for name in ("operators.sending", "transfers.hours", "triggers.polling")
    }
    assert found - bases == set(LISTED[section])


def test_every_integration_that_is_named_is_declared():
    declared = {entry["integration-name"] for entry in INFO["integrations"]}
    used = {entry["integration-name"] for section in LISTED if section != "transfers" for entry in INFO[section]}
    for entry in INFO["transfers"]:
        used |= {entry["source-integration-name"], entry["target-integration-name"]}
    assert used == declared


# The connection's form.


def test_the_form_belongs_to_the_hook():
    assert CONNECTION["connection-type"] == RoboSmsHook.conn_type == "robosms"
    assert CONNECTION["hook-name"] == RoboSmsHook.hook_name
    assert CONNECTION["hook-class-name"] == f"{RoboSmsHook.__module__}.{RoboSmsHook.__qualname__}"
    assert RoboSmsHook.default_conn_name == "robosms_default"
    assert RoboSmsHook.conn_name_attr in inspect.signature(RoboSmsHook).parameters


def test_the_form_shows_what_the_hook_reads(monkeypatch):
    class Connection:
        conn_id, conn_type, login, password, host, schema, port = "c", "robosms", "a@b.pk", "key", None, None, None

    read: set[str] = set()

    class Extra(dict[str, Any]):
        def get(self, name: str, default: Any = None) -> Any:
            read.add(name)
            return default

    monkeypatch.setattr(robosms, "_extra", lambda *_: Extra())
    account_of(Connection())
    assert read == set(CONNECTION["conn-fields"])
    behaviour = CONNECTION["ui-field-behaviour"]
    assert set(behaviour["relabeling"]) == {"login", "password", "host"}
    assert not set(behaviour["hidden-fields"]) & set(behaviour["relabeling"])


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        ("mask", ["SMS-ALERT", None, ""], ["longer than eleven", 5]),
        ("timeout", [30, 0.5 + 0.5, 600, None], [0, -1, 601, "soon"]),
        ("send_parameters", [{"unicode": 1}, {}, None], ["unicode=1", [1]]),
    ],
)
def test_the_forms_fields_take_and_refuse(field, good, bad):
    checker = jsonschema.Draft202012Validator(CONNECTION["conn-fields"][field]["schema"])
    assert all(checker.is_valid(value) for value in good)
    assert not any(checker.is_valid(value) for value in bad)
