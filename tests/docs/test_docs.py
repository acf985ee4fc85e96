"""The documentation says what the code does: links, code blocks, parameters with their defaults, statuses, codes, reasons."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest

import tests.hooks.throwaway_home  # noqa: F401 - before Airflow is imported
from airflow_provider_robosms.gateway.codes import MEANINGS
from airflow_provider_robosms.gateway.evidence import CODE_STATUS
from airflow_provider_robosms.gateway.outcome import ACCOUNT_CODES, PERMANENT_ACCOUNT_CODES, Balance, SendResult, Status
from airflow_provider_robosms.get_provider_info import get_provider_info
from airflow_provider_robosms.hooks.gsheets import GoogleSheetsHook
from airflow_provider_robosms.hooks.robosms import RoboSmsHook
from airflow_provider_robosms.notifications.robosms import RoboSmsNotifier
from airflow_provider_robosms.operators.robosms import RoboSmsSendOperator
from airflow_provider_robosms.operators.sending import Money, SendingOperator, Sent, summary
from airflow_provider_robosms.recipients.columns import OWNED
from airflow_provider_robosms.sensors.robosms import RoboSmsBalanceSensor
from airflow_provider_robosms.task_groups.form import campaign_form
from airflow_provider_robosms.task_groups.planned_campaigns import planned_campaigns
from airflow_provider_robosms.task_groups.sheet_campaign import sheet_campaign
from airflow_provider_robosms.transfers.gsheets_to_robosms import GoogleSheetsToRoboSmsOperator
from airflow_provider_robosms.transfers.planned import COLUMNS, USUAL_HOURS, USUAL_TAB
from airflow_provider_robosms.transfers.sql_to_robosms import SqlToRoboSmsOperator
from airflow_provider_robosms.triggers.robosms import RoboSmsBalanceTrigger, RoboSmsLowBalanceEventTrigger

from .pages import PAGES, ROOT, anchors, blocks, links, prose, section, table, tables

REFERENCE = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
GUIDE = (ROOT / "docs" / "sheet-guide.md").read_text(encoding="utf-8")
SKIPPED_ROWS = (ROOT / "docs" / "skipped-rows.md").read_text(encoding="utf-8")
PACKAGE = ROOT / "airflow_provider_robosms"

#: Heading in the reference -> the class or function whose parameters its first table lists.
CLASSES = {
    "Parameters of all operators": SendingOperator,
    "`GoogleSheetsToRoboSmsOperator`": GoogleSheetsToRoboSmsOperator,
    "`SqlToRoboSmsOperator`": SqlToRoboSmsOperator,
    "`RoboSmsSendOperator`": RoboSmsSendOperator,
    "`sheet_campaign`": sheet_campaign,
    "`planned_campaigns`": planned_campaigns,
    "`RoboSmsBalanceSensor`": RoboSmsBalanceSensor,
    "`RoboSmsLowBalanceEventTrigger`": RoboSmsLowBalanceEventTrigger,
    "`RoboSmsBalanceTrigger`": RoboSmsBalanceTrigger,
    "`RoboSmsNotifier`": RoboSmsNotifier,
    "`RoboSmsHook`": RoboSmsHook,
    "`GoogleSheetsHook`": GoogleSheetsHook,
}


def page_id(page: Path) -> str:
    return str(page.relative_to(ROOT))


def python_blocks() -> Iterator[object]:
    for page in PAGES:
        for block in blocks(page.read_text(encoding="utf-8")):
            if block.language == "python":
                yield pytest.param(block, id=f"{page_id(page)}:{block.line}")


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_links_resolve(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    broken = []
    for link in links(text):
        path, _, anchor = unquote(link).partition("#")
        if "://" in path:
            continue
        target = (page.parent / path).resolve() if path else page
        inside = target.suffix != ".md" or not anchor or anchor in anchors(target.read_text(encoding="utf-8"))
        if not target.exists() or not target.is_relative_to(ROOT) or not inside:
            broken.append(link)
    assert not broken


def test_the_index_names_every_page() -> None:
    index = ROOT / "docs" / "README.md"
    named = {link for link in links(index.read_text(encoding="utf-8")) if not link.startswith("#")}
    assert named == {str(page.relative_to(index.parent)) for page in index.parent.rglob("*.md") if page != index}


@pytest.mark.parametrize("block", [*python_blocks()])
def test_python_blocks_compile_and_dags_load(block) -> None:
    code = compile(block.code, f"line {block.line}", "exec")
    if "running_sandbox(" in block.code or "LocalAirflow(" in block.code:
        return  # these start servers; what they show is used by the tests of sandbox and harness
    exec(code, {"__name__": "documentation"})


@pytest.mark.parametrize("heading", CLASSES)
def test_the_reference_lists_the_parameters(heading: str) -> None:
    own = CLASSES[heading]
    own = own.__init__ if inspect.isclass(own) else own
    parameters = {
        parameter.name: parameter.default
        for parameter in inspect.signature(own).parameters.values()
        if parameter.name != "self" and parameter.kind is not parameter.VAR_KEYWORD
    }
    rows = table(section(REFERENCE, heading), "parameter")
    assert {row["parameter"].strip("`"): default_of(row) for row in rows} == parameters


def default_of(row: dict[str, str]) -> object:
    """Return the value in Python that a table gives as a parameter's default."""
    written = row["default"]
    return inspect.Parameter.empty if written == "required" else eval(written.strip("`"), {"timedelta": timedelta})


def parameters_of(kind: type) -> dict[str, object]:
    """Return each parameter that a class of ours takes with its default, also of those it inherits from."""
    own = [each for each in reversed(kind.__mro__) if each.__module__.startswith(PACKAGE.name)]
    return {
        parameter.name: parameter.default
        for each in own
        if "__init__" in vars(each)
        for parameter in inspect.signature(each.__init__).parameters.values()
        if parameter.name != "self" and parameter.kind is not parameter.VAR_KEYWORD
    }


@pytest.mark.parametrize("kind", [kind for kind in CLASSES.values() if inspect.isclass(kind)])
def test_the_reference_leaves_no_inherited_parameter_out(kind: type) -> None:
    headings = [f"`{kind.__name__}`"] if kind is not SendingOperator else []
    if issubclass(kind, SendingOperator):
        headings.append("Parameters of all operators")
    found = [rows for heading in headings for rows in tables(section(REFERENCE, heading))]
    listed = {row["parameter"].strip("`"): default_of(row) for rows in found if "parameter" in rows[0] for row in rows}
    wanted = parameters_of(kind)
    assert {name: listed.get(name, "missing") for name in wanted} == wanted


def test_the_readme_lists_parameters_with_their_defaults_and_links_to_all() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    wanted = {f"#{kind.__name__.lower()}": kind for kind in CLASSES.values() if inspect.isclass(kind)}
    wanted["#parameters-of-all-operators"] = wanted.pop("#sendingoperator")
    named: dict[type, dict[str, object]] = {}
    for row in table(text, "of"):
        for link in links(row["of"]):
            kind = wanted[link.removeprefix("docs/reference.md")]
        named.setdefault(kind, {}).update(dict.fromkeys(re.findall(r"`(\w+)`", row["parameter"]), default_of(row)))
    faces = {SendingOperator, GoogleSheetsToRoboSmsOperator, SqlToRoboSmsOperator, RoboSmsSendOperator}
    assert named.keys() == faces | {RoboSmsBalanceSensor, RoboSmsNotifier}
    for kind, parameters in named.items():
        takes = parameters_of(kind)
        assert {name: takes.get(name, "missing") for name in parameters} == parameters, kind
        required = {name for name, default in takes.items() if default is inspect.Parameter.empty}
        assert required <= parameters.keys(), kind


@pytest.mark.parametrize(
    ("heading", "cls"),
    [
        ("`GoogleSheetsToRoboSmsOperator`", GoogleSheetsToRoboSmsOperator),
        ("`SqlToRoboSmsOperator`", SqlToRoboSmsOperator),
        ("`RoboSmsSendOperator`", RoboSmsSendOperator),
        ("`RoboSmsBalanceSensor`", RoboSmsBalanceSensor),
        ("`RoboSmsNotifier`", RoboSmsNotifier),
    ],
)
def test_the_reference_lists_the_template_fields(heading: str, cls: type) -> None:
    sentence = re.search(r"Template fields: ([^.]*)\.", section(REFERENCE, heading))
    assert sentence
    assert re.findall(r"`(\w+)`", sentence[1]) == list(cls.template_fields)


def test_the_reference_lists_the_links() -> None:
    for cls in (GoogleSheetsToRoboSmsOperator, SqlToRoboSmsOperator, RoboSmsSendOperator, RoboSmsBalanceSensor):
        text = " ".join(section(REFERENCE, f"`{cls.__name__}`").split())
        named = re.search(r"Links?(?: on the task)?: ((?:\*\*[^*]+\*\*(?:, )?)+)\.", text)
        assert named, cls
        assert re.findall(r"\*\*([^*]+)\*\*", named[1]) == [link.name for link in cls.operator_extra_links]


def test_the_reference_lists_the_summary() -> None:
    text = section(REFERENCE, "The summary")
    fields = summary(Sent(), Money(0, None), total=0, skipped=0, pending=0, seconds=0)
    assert [row["field"].strip("`") for row in table(text, "field")] == list(fields)


def test_the_reference_lists_the_fields_of_results() -> None:
    for cls in (SendResult, Balance):
        named = {row[f"`{cls.__name__}`"].strip("`") for row in table(REFERENCE, f"`{cls.__name__}`")}
        properties = {name for name, value in vars(cls).items() if isinstance(value, property)}
        assert named == set(cls.__dataclass_fields__) | properties


def test_the_pages_list_the_connection_form() -> None:
    connection = get_provider_info()["connection-types"][0]
    labels = [
        *connection["ui-field-behaviour"]["relabeling"].values(),
        *(field["label"] for field in connection["conn-fields"].values()),
    ]
    assert [row["field in the form"] for row in table(REFERENCE, "field in the form")] == labels
    steps = table((ROOT / "docs" / "real-account.md").read_text(encoding="utf-8"), "field")
    assert [row["field"] for row in steps] == ["Connection ID", *labels]


def test_the_reference_lists_the_codes() -> None:
    rows = table(section(REFERENCE, "Outcomes and codes"), "code")
    assert rows.pop()["code"] == "any other"
    listed = {row["code"].strip("`"): (row["meaning"], row["status"]) for row in rows}
    assert listed == {code: (meaning, CODE_STATUS[code].value) for code, meaning in MEANINGS.items()}
    stops = {row["code"].strip("`") for row in rows if "stops the campaign" in row["what follows"]}
    assert stops == ACCOUNT_CODES
    assert {
        row["code"].strip("`") for row in rows if "no Airflow retries" in row["what follows"]
    } == PERMANENT_ACCOUNT_CODES


def test_the_pages_list_the_statuses() -> None:
    statuses = [status.value for status in Status]
    assert [row["status"].strip("`") for row in table(section(REFERENCE, "Outcomes and codes"), "status")] == statuses
    guide = [row["Status"].strip("`") for row in table(section(GUIDE, "What Status means"), "Status")]
    assert guide == ["(blank)", *statuses, "anything else"]


def test_the_guide_lists_the_columns() -> None:
    assert [row["column"].strip("`") for row in table(section(GUIDE, "The tool's columns"), "column")] == list(OWNED)
    read = set()
    for name in ("rows.py", "workbook.py"):
        source = (PACKAGE / "recipients" / name).read_text(encoding="utf-8")
        read |= set(re.findall(r'columns\.(?:one|need)\("([^"]+)"\)', source))
    named = {row["column"].strip("`") for row in table(section(GUIDE, "Your columns"), "column")} - {"any other"}
    assert named == read - {"Name", "Body", "Mask"}, "those of the Templates tab stand elsewhere"


def reasons_in_code() -> set[str]:
    """Return the plain text in each reason that a row can be skipped for: its longest piece, of those with fields."""
    found = set()
    for name in ("rows.py", "dates.py"):
        for node in ast.walk(ast.parse((PACKAGE / "recipients" / name).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Skip", "_NotYet", "ValueError"):
                constants = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant)]
                pieces = [value for value in constants if isinstance(value, str)]
                found |= {max(pieces, key=len)} if pieces else set()
    return found


def test_the_guide_lists_every_reason_of_a_skip() -> None:
    listed = " ".join(row["Detail"] for row in table(SKIPPED_ROWS, "Detail"))
    assert "skipped-rows.md" in links(GUIDE)
    reasons = reasons_in_code()
    assert len(reasons) >= 10
    # What follows the colon at the end of a reason is advice, which the guide has in a column of its own.
    assert not [reason for reason in reasons if reason not in listed and reason.rsplit(": ", 1)[0] not in listed]


def test_the_reasons_in_the_guide_are_the_codes() -> None:
    code = ""
    for room in ("recipients", "sheets", "sms"):
        code += " ".join(file.read_text(encoding="utf-8") for file in (PACKAGE / room).glob("*.py"))
    for row in table(SKIPPED_ROWS, "Detail"):
        for quoted in re.findall(r"`([^`]+)`", row["Detail"]):
            words = re.sub(r"\{\{.*?\}\}|#N/A|\d+", "…", quoted.removeprefix("bad number: "))
            for piece in (piece.strip() for piece in words.split("…")):
                assert piece in code, f"{quoted!r}: {piece!r} is not in the code"


def test_the_guide_lists_the_form() -> None:
    titles = [param.schema["title"] for param in campaign_form().values()]
    rows = table(section(GUIDE, "Starting a campaign"), "in the form")
    assert [row["in the form"] for row in rows] == titles


def words(page: Path) -> int:
    """Return how many words a page has, as ``wc -w`` counts them: marks of Markdown and link targets included."""
    return len(page.read_text(encoding="utf-8").split())


def test_the_guide_is_short_and_in_the_words_of_the_form() -> None:
    guides = [ROOT / "docs" / f"{name}.md" for name in ("sheet-guide", "sheet-guide-urdu")]
    for page, most in zip(guides, (1500, 750), strict=True):
        assert words(page) <= most, f"{page.name} has {words(page)} words, not {most}: shorten another line"
    parameters = set(inspect.signature(GoogleSheetsToRoboSmsOperator.__init__).parameters)
    parameters |= set(inspect.signature(SendingOperator.__init__).parameters)
    for page in guides:
        named = set(re.findall(r"`(\w+)`", page.read_text(encoding="utf-8")))
        assert not {name for name in named & parameters if "_" in name}, page


def test_the_page_on_planning_lists_the_columns() -> None:
    page = ROOT / "docs" / "planning.md"
    text = page.read_text(encoding="utf-8")
    assert [row["column"].strip("`") for row in table(text, "column")] == list(COLUMNS)
    assert list(table(text, "Spreadsheet")[0]) == list(COLUMNS)
    assert f"`{USUAL_HOURS}`" in text
    assert f"`{USUAL_TAB}`" in text
    assert words(page) <= 500


def test_the_readme_lists_the_dags() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    named = {row["DAG"].strip("`") for row in table(text, "DAG")}
    assert named == {path.stem for path in (ROOT / "dags").glob("*.py")}


def test_nothing_tells_to_install_by_a_name_that_no_index_has() -> None:
    """It would install a stranger's package: from a clone, or a file that was made of one."""
    for page in [*PAGES, *PACKAGE.rglob("*.py")]:
        assert not re.search(r"install [\"']?airflow-provider-robosms", page.read_text(encoding="utf-8")), page


def test_no_page_names_what_the_project_must_not_need() -> None:
    for page in PAGES:
        assert "/work/" not in prose(page.read_text(encoding="utf-8")), page
