"""The command ``robosms-sandbox``."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .demo_sheet import DEMO_ID, DEMO_SHEET
from .door import HOST, Door, bind

if TYPE_CHECKING:
    from .control import Sandbox

DEFAULT_PORT = 8099
DEFAULT_DATA_DIR = Path.home() / ".robosms-sandbox"
#: Written into the data folder when the server is ready: its process id and addresses, as JSON.
ADDRESS_FILE = "server.json"
KEY_FILE = "service-account.json"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except _ProblemError as problem:
        print(f"robosms-sandbox: {problem}", file=sys.stderr)
        return 2


class _ProblemError(Exception):
    """Something that the person who started the command can fix, in one sentence."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="robosms-sandbox", description="A stand-in for the RoboSMS gateway and Google Sheets on this machine."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="run the sandbox until Ctrl-C")
    serve.add_argument("--port", type=_port, default=DEFAULT_PORT, help="main port, 0 picks a free one (default: 8099)")
    serve.add_argument(
        "--data-dir",
        type=Path,
        default=DEFAULT_DATA_DIR,
        metavar="DIR",
        help=f"folder for the Google key (default: {DEFAULT_DATA_DIR})",
    )
    serve.set_defaults(run=_serve)

    return parser


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise ValueError
    return port


def _serve(options: argparse.Namespace) -> int:
    try:
        main_socket = bind(options.port)
    except OSError as error:
        raise _ProblemError(f"Port {options.port} is not free ({error.strerror}): choose another --port.") from None
    main_port: int = main_socket.getsockname()[1]
    try:
        door = Door(main_port + 1 if options.port else 0)
    except (OSError, OverflowError):
        door = Door(0)

    # Loading the web framework takes a second, which nobody waits for whose options are wrong.
    try:
        from .app import create_app
        from .listener import Server
    except ModuleNotFoundError as missing:
        raise _ProblemError(
            f"The module {missing.name} is not installed: run pip install '.[sandbox]' in a clone."
        ) from None

    app = create_app(door=door)
    sandbox: Sandbox = app.state.sandbox
    url, gateway_url = f"http://{HOST}:{main_port}", f"http://{HOST}:{door.port}"
    sandbox.sheets.create(DEMO_SHEET)
    data_dir: Path = options.data_dir.resolve()
    data_dir.mkdir(parents=True, exist_ok=True)
    key_path = data_dir / KEY_FILE
    _write_private(key_path, sandbox.sheets.accounts.key_file(url))

    def announce() -> None:
        address = {"url": url, "gateway_url": gateway_url, "key_file": str(key_path)}
        _write_private(data_dir / ADDRESS_FILE, address)
        print(greeting(sandbox, url, gateway_url, key_path), flush=True)

    try:
        Server(app, door, announce).run([main_socket])
    finally:
        (data_dir / ADDRESS_FILE).unlink(missing_ok=True)
    return 0


def _write_private(path: Path, content: dict[str, Any]) -> None:
    """Replace a file as a whole by one that only its owner can read, whatever stood there."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(content, file, indent=2)
    draft.replace(path)


def greeting(sandbox: Sandbox, url: str, gateway_url: str, key_path: Path) -> str:
    """Build the block that ``serve`` prints: where everything is and how to point Airflow at it."""
    settings = sandbox.ledger.settings
    extra = json.dumps({"mask": settings.masks[0]} if settings.masks else {})
    login = shlex.join(["--conn-login", settings.email, "--conn-password", settings.key, "--conn-host", gateway_url])
    google = shlex.quote(json.dumps({"key_path": str(key_path), "api_endpoint": url}))
    lines = [
        "",
        "RoboSMS sandbox: nothing leaves this machine.",
        "",
        f"  Page           {url}/",
        f"  Gateway        {gateway_url}  (also at {url})",
        f"  Google Sheets  {url}",
        f"  E-mail         {settings.email}",
        f"  API key        {settings.key}",
        f"  Masks          {', '.join(settings.masks)}",
        f"  Balance        {sandbox.ledger.balance:.2f} at {settings.rate:.2f} a part",
        f"  Google key     {key_path}",
        f"  Demo sheet     {url}/spreadsheets/d/{DEMO_ID}/edit",
        "",
        "  Point Airflow at it:",
        f"    airflow connections add robosms_default --conn-type robosms {login} --conn-extra {shlex.quote(extra)}",
        f"    airflow connections add google_cloud_default --conn-type google_cloud_platform --conn-extra {google}",
        "",
        "  Ctrl-C ends it.",
        "",
    ]
    return "\n".join(lines)
