# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real ansible-playbook runs: a list of tasks goes in, the list of their results comes out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
LIMIT_S = 120
LOCAL = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}

# Registered results lack the invocation; callbacks get it.
CALLBACK = """
import json
import os
from ansible.plugins.callback import CallbackBase

class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "shown"

    def v2_runner_on_ok(self, result, **_more):
        self._write(result)

    # From ansible-core 2.19 on, what a callback gets does not say so itself.
    def v2_runner_on_failed(self, result, **_more):
        self._write(result, failed=True)

    def _write(self, result, **more):
        shown = dict(getattr(result, "result", None) or result._result, **more)
        with open(os.environ["SHOWN_RESULTS"], "a") as file:
            file.write(json.dumps(shown, default=str) + chr(10))
"""


class Vaulted(str):
    """A text that stands in the playbook as a !vault value."""


class _Dumper(yaml.SafeDumper):
    """Knows vaulted texts, and writes no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


_Dumper.add_representer(Vaulted, lambda dumper, text: dumper.represent_scalar("!vault", str(text), style="|"))


@dataclass
class Run:
    """What one ansible-playbook left behind.

    ``results`` are those of the tasks as they were registered, ``shown`` as callbacks got them, in their order.
    """

    code: int
    stdout: str
    stderr: str
    folder: Path
    results: list[dict[str, Any]] = field(default_factory=list)
    shown: list[dict[str, Any]] = field(default_factory=list)

    @property
    def output(self) -> str:
        return self.stdout + self.stderr

    def recap(self, host: str) -> dict[str, int]:
        """The host's line of the play recap; {} when it has none."""
        _head, _mark, tail = self.stdout.rpartition("PLAY RECAP")
        for line in tail.splitlines():
            name, _colon, counts = line.partition(":")
            if name.strip() == host:
                return {word: int(number) for word, number in (part.split("=") for part in counts.split())}
        return {}


def collections_path() -> Path:
    """The folder that holds ansible_collections/mimecast/connect: the installed one, or the one around this file."""
    named = os.environ.get("MIMECAST_TEST_COLLECTIONS")
    places = [Path(named)] if named else [ROOT / ".build" / "collections", *ROOT.parents]
    for place in places:
        if (place / "ansible_collections" / "mimecast" / "connect" / "plugins").is_dir():
            return place
    raise AssertionError(f"Found the collection below none of {places}; set MIMECAST_TEST_COLLECTIONS")


def environment(folder: Path, **more: str) -> dict[str, str]:
    """What a user with a fresh machine has: nothing of this one's Ansible, Mimecast and Python settings."""
    strange = ("ANSIBLE_", "MIMECAST_", "PYTHON", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
    found = {name: value for name, value in os.environ.items() if not name.upper().startswith(strange)}
    for name in ("tmp", "callbacks"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "callbacks" / "shown.py").write_text(CALLBACK)
    return found | {
        "ANSIBLE_COLLECTIONS_PATH": str(collections_path()),
        "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false",
        "ANSIBLE_ASYNC_DIR": str(folder / "async"),
        "ANSIBLE_CALLBACK_PLUGINS": str(folder / "callbacks"),
        "ANSIBLE_CALLBACKS_ENABLED": "shown",
        "ANSIBLE_HOME": str(folder / "ansible"),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INJECT_INVOCATION": "true",  # from ansible-core 2.21 on, which leaves it out otherwise
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_NOCOLOR": "true",
        "ANSIBLE_REMOTE_TMP": str(folder / "remote"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "SHOWN_RESULTS": str(folder / "shown.jsonl"),
        "TMPDIR": str(folder / "tmp"),
    } | more


def start(folder: Path, *arguments: str, **env: str) -> subprocess.Popen[bytes]:
    """Start ansible-playbook, the one beside this Python, in ``folder``."""
    with open(folder / "stdout", "wb") as stdout, open(folder / "stderr", "wb") as stderr:
        return subprocess.Popen(
            [str(BIN / "ansible-playbook"), *arguments], cwd=folder, env=environment(folder, **env),
            stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr)


def finish(process: subprocess.Popen[bytes], folder: Path) -> Run:
    """Wait for it; the results are there if its playbook came to the end."""
    try:
        process.wait(LIMIT_S)
    finally:
        process.kill()
    results, shown = folder / "results.json", folder / "shown.jsonl"
    return Run(
        process.returncode, (folder / "stdout").read_text(), (folder / "stderr").read_text(), folder,
        json.loads(results.read_text()) if results.exists() else [],
        [json.loads(line) for line in shown.read_text().splitlines()] if shown.exists() else [])


def playbook(folder: Path, *arguments: str, **env: str) -> Run:
    """Run ansible-playbook with just these arguments."""
    return finish(start(folder, *arguments, **env), folder)


def write_yaml(path: Path, content: Any) -> Path:
    """Write plain data, and Vaulted texts, as YAML."""
    path.write_text(yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return path


def write_play(folder: Path, tasks: list[dict[str, Any]], hosts: dict[str, dict[str, Any]] | None = None, **play: Any) -> list[str]:
    """A play of these tasks, each registered and none ending it. Returns the arguments that run it.

    ``hosts`` maps further hosts to their variables; ``play`` are keywords of the play, such as vars.
    """
    listed = [{"name": f"task {number}", "register": f"r{number}", **task, "ignore_errors": True} for number, task in enumerate(tasks)]
    last = {
        "name": "The results",
        "ansible.builtin.copy": {
            "dest": str(folder / "results.json"), "mode": "0600",
            "content": "{{ [" + ", ".join(task["register"] for task in listed) + "] | to_json }}",
        },
        "check_mode": False, "diff": False, "delegate_to": "localhost", "no_log": True,
    }
    write_yaml(folder / "inventory.yml", {"all": {"hosts": {"localhost": {}, **(hosts or {})}, "vars": LOCAL}})
    whole = {"hosts": "localhost", "gather_facts": False, **play, "tasks": [*listed, last]}
    return ["-i", str(folder / "inventory.yml"), str(write_yaml(folder / "play.yml", [whole]))]


def run(folder: Path, tasks: list[dict[str, Any]], *options: str, hosts: dict[str, dict[str, Any]] | None = None,
        env: dict[str, str] | None = None, **play: Any) -> Run:
    """Run the tasks; see ``write_play``."""
    folder.mkdir(parents=True, exist_ok=True)
    return playbook(folder, *write_play(folder, tasks, hosts, **play), *options, **(env or {}))
