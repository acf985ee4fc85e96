"""The page in a real browser: what a person does, and what a malicious text can't do."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.sandbox.browser import KEYS, browsers

pytestmark = pytest.mark.browser
EVIL = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
ROWS = [["Phone", "Name", "Status"], *[[f"92300{index:07d}", f"Person {index}", ""] for index in range(1, 31)]]


@pytest.fixture(scope="module")
def window(tmp_path_factory):
    with browsers(tmp_path_factory.mktemp("chromium")) as opener:
        yield opener()


@pytest.fixture
def page(gateway, window):
    sheet = gateway.create_sheet("Campaign", {"Recipients": ROWS, "Templates": [["Name", "Body"]]})
    window.open(f"{gateway.url}/spreadsheets/d/{sheet}/edit")
    window.wait(
        "return document.querySelectorAll('.grid .cell').length > 50 && document.body.innerText.includes('Person 3')"
    )
    window.problems()
    assert window.run("return document.querySelector('#spreadsheet').value") == sheet
    window.sheet = sheet
    return window


def cell(page, row: int, column: int) -> str | None:
    return page.run(
        "return [...document.querySelectorAll('.grid .cell')]"
        ".find((node) => node.place.row === arguments[0] && node.place.column === arguments[1])?.textContent ?? null",
        row,
        column,
    )


def click_cell(page, row: int, column: int) -> None:
    page.run(
        "[...document.querySelectorAll('.grid .cell')]"
        ".find((node) => node.place.row === arguments[0] && node.place.column === arguments[1])"
        ".dispatchEvent(new MouseEvent('mousedown', { bubbles: true, cancelable: true }))",
        row,
        column,
    )


def double_click(page, script: str) -> None:
    move = {"type": "pointerMove", "origin": page.run(script), "x": 0, "y": 0}
    presses = [{"type": kind, "button": 0} for kind in ("pointerDown", "pointerUp")] * 2
    page._call("POST", "/actions", {"actions": [{"type": "pointer", "id": "mouse", "actions": [move, *presses]}]})


def stored(gateway, page) -> list[list[str]]:
    return gateway.sheet(page.sheet)["sheets"][0]["rows"]


def test_markup_in_a_message_and_in_a_cell_stays_text(gateway, client, page):
    client.send(message=EVIL)
    gateway.edit_sheet(page.sheet, "set", sheet="Recipients", cell="B2", value=EVIL)
    page.wait("return document.querySelector('#inbox p')?.textContent === arguments[0]", EVIL)
    page.wait("return document.querySelector('#grid').textContent.includes(arguments[0])", EVIL)
    assert (
        page.run("return document.querySelectorAll('#inbox img, #grid img, #inbox script, #grid script').length") == 0
    )
    assert page.run("return document.title") == "RoboSMS sandbox"
    assert page.problems() == []


def test_a_tick_box_is_ticked_by_mouse_and_by_keyboard(gateway, page):
    rows = [["Send", "TRUE"], ["TRUE", ""], ["FALSE", "true story"]]
    page.sheet = gateway.create_sheet("Ticks", {"Recipients": rows})
    page.open(f"{gateway.url}/spreadsheets/d/{page.sheet}/edit")
    page.wait("return document.querySelectorAll('.grid .tick').length === 2")
    assert [cell(page, row, 0) for row in (1, 2)] == ["TRUE", "FALSE"]
    page.click(".grid .tick[data-on=FALSE]")
    page.wait("return document.querySelectorAll('.grid .tick[data-on=TRUE]').length === 2")
    click_cell(page, 1, 0)
    page.press(" ")
    page.wait("return document.querySelectorAll('.grid .tick[data-on=FALSE]').length === 1")
    for _ in range(100):
        if (now := stored(gateway, page)) == [["Send", "TRUE"], ["FALSE"], ["TRUE", "true story"]]:
            break
    assert now == [["Send", "TRUE"], ["FALSE"], ["TRUE", "true story"]]
    assert page.problems() == []


def test_the_phone_and_the_sheet_go_by_the_same_clock(client, gateway, page):
    client.send()
    shown = page.wait("return document.querySelector('#inbox time')?.textContent")
    moment = datetime.fromisoformat(gateway.accepted()[0]["time"])
    assert shown == moment.astimezone(ZoneInfo("Asia/Karachi")).strftime("%H:%M:%S")
    assert page.run("return document.querySelector('.phone-top').innerText").endswith("Pakistan time")


def test_a_double_click_on_its_letter_shows_all_of_a_column(gateway, page):
    long = "a sentence that no column is wide enough for at first, " * 3
    gateway.edit_sheet(page.sheet, "set", sheet="Recipients", cell="B2", value=long)
    page.wait("return document.querySelector('#grid').textContent.includes(arguments[0])", long)
    hidden = (
        "return ((cell) => cell.scrollWidth - cell.clientWidth)([...document.querySelectorAll('.grid .cell')]"
        ".find((node) => node.textContent === arguments[0]))"
    )
    assert page.run(hidden, long) > 0
    double_click(page, "return document.querySelectorAll('.letter')[1]")
    page.wait(hidden.replace("return ", "return 0 === "), long)
    # It stays so when the sheet changes.
    gateway.edit_sheet(page.sheet, "set", sheet="Recipients", cell="A3", value="changed")
    page.wait("return document.querySelector('#grid').textContent.includes('changed')")
    assert page.run(hidden, long) == 0
    assert page.run("return document.querySelector('.grid .editor')") is None
    # On a cell it opens the editor, in which a double click marks a word, as everywhere.
    double_click(page, "return document.querySelector('#cell-3-1')")
    page.wait("return document.activeElement.className === 'editor' && document.activeElement.value === 'Person 3'")
    double_click(page, "return document.querySelector('.grid .editor')")
    assert page.run("return document.activeElement.value") == "Person 3"
    page.press(KEYS["escape"])


def test_the_header_stays_in_view(page):
    page.run("document.querySelector('#grid').scrollTo(0, 300)")
    page.wait("return document.querySelector('#grid').scrollTop === 300")
    at = "return ((grid) => document.elementFromPoint(grid.left + 60, grid.top + arguments[0]).textContent)"
    at += "(document.querySelector('#grid').getBoundingClientRect())"
    assert [page.run(at, down) for down in (13, 40)] == ["A", "Phone"]


def test_typing_into_cells(gateway, page):
    click_cell(page, 1, 1)
    page.press("Ayesha" + KEYS["tab"] + "SENT" + KEYS["enter"])
    page.wait("return document.querySelector('.pill[data-status=SENT]')")
    click_cell(page, 2, 1)
    page.press(KEYS["delete"])
    click_cell(page, 3, 1)
    page.press("gone" + KEYS["escape"])
    page.wait("return document.querySelector('#cell-name').textContent === 'B4'")
    for _ in range(100):
        rows = stored(gateway, page)
        if rows[1][1:] == ["Ayesha", "SENT"] and "Person 2" not in rows[2]:
            break
    assert rows[1] == [ROWS[1][0], "Ayesha", "SENT"]
    assert "Person 2" not in rows[2]
    assert rows[3][1] == "Person 3"
    assert page.problems() == []


def test_tabs_and_cells_are_reached_and_left_by_keyboard(gateway, page):
    page.sheet = gateway.create_sheet("Tabs", {"Recipients": ROWS, "Templates": [["Name"]], "Notes": [["x"]]})
    page.open(f"{gateway.url}/spreadsheets/d/{page.sheet}/edit")
    page.wait("return document.querySelectorAll('#tabs button').length === 3")
    page.run("document.querySelector('#tabs button').focus()")
    focused = "return document.activeElement.textContent"
    for key, title in ((KEYS["right"], "Templates"), (KEYS["right"], "Notes"), (KEYS["right"], "Recipients")):
        page.press(key)
        page.wait(f"{focused} === arguments[0]", title)
    page.press(KEYS["left"] + KEYS["enter"])
    page.wait(f"{focused} === 'Notes'")
    # What is drawn anew by a change from elsewhere leaves the focus where it is.
    gateway.edit_sheet(page.sheet, "set", sheet="Notes", cell="A2", value="changed")
    page.wait("return document.querySelector('#grid').textContent.includes('changed')")
    assert page.run(focused) == "Notes"
    assert page.run("return [...document.querySelectorAll('#tabs button')].map(tab => tab.tabIndex)") == [-1, -1, 0]
    page.run("document.querySelector('#grid').focus()")
    page.press(KEYS["tab"] + KEYS["escape"] + KEYS["tab"])
    page.wait(f"{focused} === 'Notes'")
    assert page.problems() == []


def test_a_cell_that_is_being_edited_survives_changes_from_elsewhere(gateway, page):
    click_cell(page, 5, 1)
    page.press("half a na")
    gateway.edit_sheet(page.sheet, "set", sheet="Recipients", cell="B6", value="somebody else's")
    gateway.edit_sheet(page.sheet, "set", sheet="Recipients", cell="D1", value="A new and rather wide column of text")
    page.wait("return document.querySelector('#grid').textContent.includes('rather wide')")
    assert page.run("return document.querySelector('.editor').value") == "half a na"
    page.press("me" + KEYS["enter"])
    page.wait("return document.querySelector('#grid').textContent.includes('half a name')")
    for _ in range(100):
        if stored(gateway, page)[5][1] == "half a name":
            break
    assert stored(gateway, page)[5][1] == "half a name"


def test_rows_are_inserted_deleted_and_sorted_by_the_buttons(gateway, page):
    click_cell(page, 1, 1)
    page.click("[data-sheet=sort-down]")
    page.wait(
        "const text = document.querySelector('#grid').textContent;"
        "return text.indexOf('Person 9') < text.indexOf('Person 8')"
    )
    assert stored(gateway, page)[1][1] == "Person 9"
    page.click("[data-sheet=delete-row]")
    page.wait("return !document.querySelector('#grid').textContent.includes('Person 9')")
    page.click("[data-sheet=row-above]")
    page.wait("return document.querySelector('.cell.selected').textContent === ''")
    rows = stored(gateway, page)
    assert not any(rows[1])
    assert rows[2][1] == "Person 8"


def test_ten_thousand_rows_scroll(gateway, page):
    rows = [["Phone", "Name", "Status"], *[[f"92300{index:07d}", f"Row {index}", "SENT"] for index in range(1, 10_001)]]
    sheet = gateway.create_sheet("Large", {"Recipients": rows})
    page.open(f"{gateway.url}/spreadsheets/d/{sheet}/edit")
    page.wait("return document.querySelector('#grid').textContent.includes('Row 5')", seconds=20)
    page.run("document.querySelector('#grid').scrollTop = 10000 * 27 - 300")
    page.wait("return document.querySelector('#grid').textContent.includes('Row 9999')")
    assert page.run("return document.querySelectorAll('.grid .line').length") < 80
    gateway.edit_sheet(sheet, "set", sheet="Recipients", cell="B10001", value="changed at the end")
    page.wait("return document.querySelector('#grid').textContent.includes('changed at the end')", seconds=20)
    assert page.run("return document.querySelector('#grid').textContent.includes('Phone')"), "the header is frozen"


def test_balance_and_faults_are_switched_by_clicking(gateway, client, page):
    page.click("#top-up button")
    page.wait("return document.querySelector('#balance').textContent === 'Rs 1,100.00'")
    page.click("#drawer-toggle")
    page.click("[aria-label='Server error (500)']")
    page.wait("return document.querySelector('#fault-summary').textContent === 'http-500'")
    assert client.send().status_code == 500
    page.click("[aria-label='Server error (500)']")
    page.wait("return document.querySelector('#fault-summary').textContent === 'Everything works'")
    assert client.send().status_code == 200
    page.click("#drawer-toggle")
    assert page.problems() == []


def test_urdu_reads_from_right_to_left(gateway, client, page):
    client.send(message="آپ کا بل 3,100 روپے ہے۔")
    page.wait("return document.querySelector('#inbox p')?.dir === 'rtl'")
    client.send(message="Dear عمران")
    page.wait("return document.querySelector('#inbox p')?.dir === 'ltr'")


CONTRAST = """
const channel = (v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
const behind = (node) => {
  for (; node; node = node.parentElement) {
    const colour = numbers(getComputedStyle(node).backgroundColor);
    if (colour.length < 4 || colour[3] > 0.9) return colour;
  }
  return [255, 255, 255];
};
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const low = new Set();
let looked = 0;
while (texts.nextNode()) {
  const node = texts.currentNode.parentElement;
  if (!texts.currentNode.data.trim() || !node.checkVisibility() || node.closest("option")) continue;
  const [a, b] = [light(numbers(getComputedStyle(node).color)), light(behind(node))];
  looked += 1;
  if ((Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5) low.add(node.outerHTML.slice(0, 120));
}
return [looked, ...low];
"""


@pytest.fixture
def narrow(page):
    """Give a function that makes the page so wide, narrower than a window can be."""

    def width(pixels: int) -> None:
        metrics = {"width": pixels, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        page._call("POST", "/goog/cdp/execute", {"cmd": "Emulation.setDeviceMetricsOverride", "params": metrics})

    yield width
    page._call("POST", "/goog/cdp/execute", {"cmd": "Emulation.clearDeviceMetricsOverride", "params": {}})


@pytest.mark.parametrize("width", [400, 800, 1280])
def test_the_page_fits_a_narrow_window_and_can_be_used(client, page, narrow, width):
    client.send()
    narrow(width)
    page.wait("return document.querySelector('#inbox article')")
    assert page.run("return document.documentElement.scrollWidth") == width
    assert page.run("return document.querySelector('#cell-text').getBoundingClientRect().width") > 200
    assert page.run("return document.querySelector('#tabs button').getBoundingClientRect().width") > 60
    assert page.run("return document.querySelector('#grid').getBoundingClientRect().height") > 200
    page.click("#drawer-toggle")
    assert page.run("return document.documentElement.scrollWidth") == width
    looked, *low = page.run(CONTRAST)
    assert looked > 30
    assert low == []
    page.click("#drawer-toggle")
    assert page.run("return document.querySelectorAll('h1').length") == 1


def test_the_totals_are_those_of_the_chosen_sheet(gateway, client, page):
    client.send()  # from elsewhere
    rows = [["Phone", "Status", "Parts"], ["1", "SENT", "2"], ["2", "SENT", "1"], ["3", "SKIPPED", ""]]
    sheet = gateway.create_sheet("Two sent", {"Recipients": rows})
    page.open(f"{gateway.url}/spreadsheets/d/{sheet}/edit")
    page.wait("return document.querySelector('#total-messages').textContent === '2'")
    assert page.run("return document.querySelector('#total-parts').textContent") == "3"
    assert page.run("return document.querySelector('#total-cost').textContent") == "Rs 1.50"
    page.wait("return document.querySelector('#accepted').textContent.startsWith('1 accepted in all')")
    assert "Delivered" not in page.run("return document.body.innerText")


def test_an_error_is_gone_once_something_has_succeeded(page):
    page.run("document.querySelector('#top-up-amount').value = 'much'")
    page.click("#top-up button")
    page.wait("return !document.querySelector('#notice').hidden")
    page.run("document.querySelector('#top-up-amount').value = '5'")
    page.click("#top-up button")
    page.wait("return document.querySelector('#notice').hidden", seconds=3)


@pytest.mark.parametrize("size", [(1440, 900), (1024, 768)])
def test_nothing_overflows_the_window(gateway, page, size):
    page._call("POST", "/window/rect", {"width": size[0], "height": size[1]})
    outside = (
        "return [...document.querySelectorAll('.top *, .toolbar *, .tabs *, .totals *, .phone, .drawer *')]"
        ".filter((node) => node.checkVisibility() && !node.closest('.drawer-body, .visually-hidden'))"
        ".filter((node) => { const box = node.getBoundingClientRect();"
        " return box.right > innerWidth + 1 || box.bottom > innerHeight + 1; }).map((node) => node.outerHTML)"
    )
    assert page.run(outside) == []
    page.click("#drawer-toggle")
    assert page.run(outside) == []
    page.click("#drawer-toggle")
