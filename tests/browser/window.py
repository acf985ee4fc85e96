"""A browser window as a person uses it: click what is named so, type into it, look at it."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.sandbox.browser import ELEMENT, Browser, chromedriver
from tests.sandbox.browser import KEYS as PLAIN_KEYS

#: Seconds until a page shows what is awaited. On idle cores it takes one; four busy helpers make it twenty.
PATIENCE = 90
KEYS = {**PLAIN_KEYS, "control": "\ue009", "shift": "\ue008", "end": "\ue010"}

_VISIBLE = "return [...document.querySelectorAll(arguments[0])].find((node) => node.checkVisibility())"
# The last of the innermost visible elements with this text, or with this accessible name.
_NAMED = """
    const [css, name, exact] = arguments;
    const fits = (text) => exact ? text.trim() === name : text.includes(name);
    const found = [...document.querySelectorAll(css)].filter((node) => node.checkVisibility()
        && !node.disabled && (fits(node.innerText ?? "") || (node.getAttribute("aria-label") ?? "") === name));
    return found.filter((node) => !found.some((other) => other !== node && node.contains(other))).at(-1);
"""


class Window(Browser):
    """One window. Waits are generous; what is awaited is in the error, with the page's text."""

    look_every = 0.25  # Airflow's pages are large: each look costs the browser a layout

    def wait(self, script: str, *arguments: Any, seconds: float = PATIENCE) -> Any:
        try:
            return super().wait(script, *arguments, seconds=seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}\narguments: {arguments}\nthe page says:\n{self.text()[:3000]}") from None

    def text(self) -> str:
        """Return all that is written on the page."""
        return self.run("return document.body?.innerText ?? ''")

    def shows(self, *texts: str) -> None:
        """Wait until all these texts stand on the page."""
        for text in texts:
            self.wait("return document.body?.innerText.includes(arguments[0])", text)

    def find(self, css: str, name: str, *, exact: bool = True) -> dict[str, str]:
        """Wait for the visible, enabled element that is called *name*, and return the last one."""
        return self.wait(_NAMED, css, name, exact)

    def press_on(self, css: str, name: str, *, exact: bool = True) -> None:
        """Click the element that is called *name*, again when the page was just redrawing it."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return self.click_on(self.find(css, name, exact=exact))
            except AssertionError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def click_on(self, element: dict[str, str]) -> None:
        """Click an element that a script has returned."""
        self._call("POST", f"/element/{element[ELEMENT]}/click")

    def fill(self, css: str, text: str) -> None:
        """Replace what stands in a field, as by pasting: Airflow's forms lose letters that are typed quickly."""
        deadline = time.monotonic() + PATIENCE
        while True:
            field = self.wait(_VISIBLE, css)
            self.click_on(field)
            self.chord(KEYS["control"], "a")
            self.press(KEYS["delete"])
            if text:
                self.devtools("Input.insertText", text=text)
            time.sleep(0.3)  # the form redraws itself with what it has understood
            if self.run(f"{_VISIBLE}?.value", css) == text:
                return
            assert time.monotonic() < deadline, f"{css} does not take {text!r}"

    def chord(self, *keys: str) -> None:
        """Press keys together."""
        actions = [{"type": "keyDown", "value": key} for key in keys]
        actions += [{"type": "keyUp", "value": key} for key in reversed(keys)]
        self._call("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def devtools(self, command: str, **parameters: Any) -> Any:
        """Give Chromium a command of its DevTools protocol."""
        return self._call("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def picture(self, css: str) -> bytes:
        """Return an element as a PNG image."""
        element = self.wait(_VISIBLE, css)
        return base64.b64decode(self._call("GET", f"/element/{element[ELEMENT]}/screenshot"))

    def screenshot(self, path: Path) -> None:
        """Store a PNG image of what is seen."""
        path.write_bytes(base64.b64decode(self._call("GET", "/screenshot")))

    def resize(self, width: int, height: int) -> None:
        """Give the page this size, whatever the frame of the window takes."""
        self.devtools(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )


@contextmanager
def window(folder: Path, width: int = 1440, height: int = 900) -> Iterator[Window]:
    """Open a headless Chromium with a fresh profile in *folder*."""
    with chromedriver() as url:
        opened = Window(url, folder / "profile", (width, height))
        try:
            opened.resize(width, height)
            yield opened
        finally:
            opened.close()
