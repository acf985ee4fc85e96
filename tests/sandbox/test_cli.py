"""``robosms-sandbox``: what it prints, what it refuses, how it ends."""

from __future__ import annotations

import json
import re
import shlex
import socket
import subprocess
import sys

import pytest
import requests

from airflow_provider_robosms.sandbox.server import running_sandbox

COMMAND = [sys.executable, "-m", "airflow_provider_robosms.sandbox"]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=30, check=False)


def test_serve_prints_how_to_use_it_and_ends_on_sigterm(tmp_path):
    (tmp_path / "service-account.json").write_text("open to all")
    (tmp_path / "service-account.json").chmod(0o644)
    with running_sandbox(tmp_path) as sandbox:
        printed = (tmp_path / "sandbox.log").read_text()
        robosms, google = (shlex.split(line) for line in re.findall(r"airflow connections add.*", printed))
        options = dict(zip(robosms[6::2], robosms[7::2], strict=True))
        assert robosms[:6] == ["airflow", "connections", "add", "robosms_default", "--conn-type", "robosms"]
        login = (options["--conn-login"], options["--conn-password"], options["--conn-host"])
        assert login == ("demo@example.pk", "sandbox-key", sandbox.gateway_url)
        assert json.loads(options["--conn-extra"]) == {"mask": "SMS-ALERT"}
        extra = json.loads(google[-1])
        assert extra == {"key_path": str(sandbox.key_file), "api_endpoint": sandbox.url}
        assert json.loads(sandbox.key_file.read_text())["token_uri"].startswith(sandbox.url)
        assert sandbox.key_file.stat().st_mode & 0o077 == 0
        link = re.search(r"Demo sheet +(\S+)", printed).group(1)
        assert "<title>RoboSMS sandbox</title>" in requests.get(link, timeout=5).text

        assert sandbox.stop() == 0
        assert not (tmp_path / "server.json").exists()


def test_sigterm_ends_it_although_a_request_hangs(tmp_path):
    with running_sandbox(tmp_path) as sandbox:
        sandbox.set_fault("hang")
        body = {
            "email": "demo@example.pk",
            "key": "sandbox-key",
            "mask": "RoboSMS",
            "to": "923001234567",
            "message": "x",
        }
        with pytest.raises(requests.ReadTimeout):
            requests.post(sandbox.gateway_url + "/api/send-message", json=body, timeout=0.2)
        assert sandbox.stop() == 0


def test_a_taken_port_is_one_sentence(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = run("serve", "--port", port, "--data-dir", str(tmp_path))
        assert result.returncode == 2
        assert re.fullmatch(
            rf"robosms-sandbox: Port {port} is not free \(.*\): choose another --port\.\n", result.stderr
        )


def test_without_the_extra_it_says_what_to_install(tmp_path):
    # A module that is None in sys.modules is one that is not installed.
    program = (
        "import sys; sys.modules['fastapi'] = None; from airflow_provider_robosms.sandbox.cli import main; "
        f"sys.exit(main(['serve', '--port', '0', '--data-dir', {str(tmp_path)!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert done.stderr == (
        "robosms-sandbox: The module fastapi is not installed: run pip install '.[sandbox]' in a clone.\n"
    )
