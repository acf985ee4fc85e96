"""Headless Chromium through the WebDriver protocol, with nothing but requests."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
KEYS = {"enter": "\ue007", "tab": "\ue004", "escape": "\ue00c", "delete": "\ue017", "right": "\ue014", "left": "\ue012"}
_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    # Without a graphics card each frame of a moving spinner is drawn by the processor.
    "--force-prefers-reduced-motion",
    "--force-device-scale-factor=1",
]


class Browser:
    """One browser window.

    :cvar look_every: seconds between two looks at a page for what is awaited.
    """

    look_every = 0.05

    def __init__(self, driver_url: str, profile: Path, size: tuple[int, int]) -> None:
        flags = [*_FLAGS, f"--user-data-dir={profile}", f"--window-size={size[0]},{size[1]}"]
        options = {"binary": shutil.which("chromium"), "args": flags}
        capabilities = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        answer = requests.post(
            driver_url + "/session", json={"capabilities": {"alwaysMatch": capabilities}}, timeout=60
        ).json()
        self._session = f"{driver_url}/session/{answer['value']['sessionId']}"

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        json = body if body is not None else ({} if method == "POST" else None)
        answer = requests.request(method, self._session + path, json=json, timeout=60).json()
        if isinstance(answer["value"], dict) and "error" in answer["value"]:
            raise AssertionError(answer["value"]["message"])
        return answer["value"]

    def open(self, url: str) -> None:
        self._call("POST", "/url", {"url": url})

    def run(self, script: str, *arguments: Any) -> Any:
        """Run *script* in the page and return what it returns."""
        return self._call("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def wait(self, script: str, *arguments: Any, seconds: float = 10) -> Any:
        """Return what *script* returns as soon as that is true."""
        deadline = time.monotonic() + seconds
        while not (value := self.run(script, *arguments)):
            assert time.monotonic() < deadline, f"this never became true: {script}"
            time.sleep(self.look_every)
        return value

    def click(self, css: str) -> None:
        found = self._call("POST", "/element", {"using": "css selector", "value": css})
        self._call("POST", f"/element/{found[ELEMENT]}/click")

    def press(self, text: str) -> None:
        """Type on the keyboard."""
        keys = [{"type": kind, "value": key} for key in text for kind in ("keyDown", "keyUp")]
        self._call("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": keys}]})

    def problems(self) -> list[str]:
        """What the console complains about, since the last call."""
        entries = self._call("POST", "/se/log", {"type": "browser"})
        return [entry["message"] for entry in entries if entry["level"] in ("SEVERE", "WARNING")]

    def close(self) -> None:
        self._call("DELETE", "")


@contextmanager
def chromedriver() -> Iterator[str]:
    """Run chromedriver on a free port and give its address."""
    process = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        port = next(found[1] for line in process.stdout if (found := re.search(r"successfully on port (\d+)", line)))
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def browsers(folder: Path) -> Iterator[Callable[..., Browser]]:
    """Give a function that opens a browser window of a size; all of them are closed at the end."""
    opened: list[Browser] = []
    with chromedriver() as url:

        def window(width: int = 1440, height: int = 900) -> Browser:
            opened.append(Browser(url, folder / f"profile-{len(opened)}", (width, height)))
            return opened[-1]

        try:
            yield window
        finally:
            for each in opened:
                each.close()
