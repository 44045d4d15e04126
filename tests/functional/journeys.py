# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Customers for whole journeys against the sandbox, as files of an inventory, and what the playbook connect made of them."""

from __future__ import annotations

import contextlib
import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import playbooks
import yaml
from mimecast_sandbox.control import Sandbox
from playbooks import Run

PLAYBOOK = "mimecast.connect.connect"
LIMIT_S = 600
DAY, FOREVER = "2026-11-02", "2199-12-31"
# Which role a task belongs to that ran, and what the account says in the end.
CALLBACK = """
import json
import os
import signal
from ansible.plugins.callback import CallbackBase

class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "journey"
    started = 0

    def _write(self, **row):
        with open(os.environ["JOURNEY_ROWS"], "a") as file:
            file.write(json.dumps(row, default=str) + chr(10))

    def v2_playbook_on_task_start(self, task, is_conditional):
        self.started += 1
        if self.started == int(os.environ.get("JOURNEY_KILL", "0")):
            os.kill(os.getpid(), signal.SIGKILL)
        self._write(started=task.get_name(), role=getattr(task._role, "_role_name", ""))

    def _ran(self, result, how):
        task = getattr(result, "task", None) or result._task
        host = getattr(result, "host", None) or result._host
        shown = getattr(result, "result", None) or result._result
        facts = shown.get("ansible_facts") or {}
        self._write(how=how, host=host.get_name(), role=getattr(task._role, "_role_name", "").rpartition(".")[2], task=task.get_name(),
                    path=task.get_path(), action=str(task.action),
                    changed=bool(shown.get("changed")), account=facts.get("connect_account"), msg=shown.get("msg"))

    def v2_runner_on_ok(self, result):
        self._ran(result, "ok")

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._ran(result, "failed")

    def v2_runner_on_unreachable(self, result):
        self._ran(result, "unreachable")

    def v2_runner_on_skipped(self, result):
        self._ran(result, "skipped")
"""


@dataclass
class Journey:
    """One run of the playbook, by customer."""

    run: Run
    rows: list[dict[str, Any]]
    requests: list[dict[str, Any]] = field(default_factory=list)

    def account(self, name: str) -> dict[str, Any]:
        """The account of a customer."""
        return next(row["account"] for row in reversed(self.rows) if row.get("host") == name and row.get("account"))

    def states(self, name: str) -> dict[str, str]:
        """The state of each step that is part of the journey."""
        return {row["step"]: row["state"] for row in self.account(name)["steps"] if row["state"] != "not_part"}

    def why(self, name: str, step: str) -> str:
        """What the account says of a step."""
        return next(row["why"] for row in self.account(name)["steps"] if row["step"] == step)

    def roles(self, name: str) -> list[str]:
        """The roles of steps in the order in which their tasks ran, without the record, which is a part of acceptance that is no step."""
        found = [row["role"] for row in self.tasks(name) if "include" not in row["action"] and "/keep.yml:" not in row["path"]]
        return list(dict.fromkeys(role for role in found if role not in ("", "connect")))

    def tasks(self, name: str) -> list[dict[str, Any]]:
        """The tasks that ran."""
        return [row for row in self.rows if row.get("host") == name and row.get("how") in ("ok", "failed")]

    def writes(self) -> int:
        """Writes at the service."""
        return sum(one["wrote"] for one in self.requests)


class Fleet:
    """A folder of customer files with tenants in the sandbox."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox, self.folder = sandbox, folder
        (folder / "customers").mkdir(parents=True)
        playbooks.write_yaml(folder / "hosts.mimecast_customers.yml", {"plugin": "mimecast.connect.customers"})
        self._runs = 0

    def add(self, name: str, code: str, customer: dict[str, Any], **tenant: Any) -> dict[str, Any]:
        """A tenant and the file of its customer."""
        made = self.sandbox.tenant(code, **tenant)
        connection = {"client_id": made["client_id"], "client_secret": made["client_secret"]}
        self.write(name, {"account_code": code, "mimecast_connection": connection, **customer})
        return made

    def write(self, name: str, customer: dict[str, Any]) -> None:
        """The file alone."""
        playbooks.write_yaml(self.folder / "customers" / (name + ".yml"), customer)

    def change(self, name: str, **keys: Any) -> None:
        """Change keys of a file; None takes one away."""
        path = self.folder / "customers" / (name + ".yml")
        whole = {**yaml.safe_load(path.read_text()), **keys}
        self.write(name, {key: value for key, value in whole.items() if value is not None})

    def connect(self, *options: str, **env: str) -> Journey:
        """Run the playbook."""
        self._runs += 1
        place = self.folder / "run{0}".format(self._runs)
        (place / "callbacks").mkdir(parents=True)
        (place / "callbacks" / "journey.py").write_text(CALLBACK)
        rows = place / "rows.jsonl"
        self.sandbox.clear_requests()
        process = playbooks.start(
            place, PLAYBOOK, "-i", str(self.folder / "hosts.mimecast_customers.yml"), *options,
            **{"MIMECAST_BASE_URL": self.sandbox.url, "ANSIBLE_CALLBACKS_ENABLED": "journey", "JOURNEY_ROWS": str(rows), **env})
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(LIMIT_S)  # thirty customers take longer than one
        run = playbooks.finish(process, place)
        found = [json.loads(line) for line in rows.read_text().splitlines()] if rows.exists() else []
        return Journey(run, found, self.sandbox.requests())


def acknowledged(*titles: str) -> list[dict[str, str]]:
    """Somebody's word on handovers."""
    return [{"title": title, "by": "Grace Hopper", "on": DAY, "until": FOREVER} for title in titles]


# Nothing but the sandbox and the DNS is there, so servers are not looked at; that has tests of its own.
UNPROVED = {"rfi_allow_documentation": True, "rfi_verify": False, "outbound_verify": False, "journaling_verify": False, "inbound_verify": False}
PRODUCTS = ("Microsoft Exchange", "Exchange Online", "Google Workspace", "HCL Domino", "Postfix")
WORDS = [template.format(product) for product in PRODUCTS for template in (
    "Let {0} send mail out through Mimecast", "Let {0} send copies of mail to the archive")]


def parts(infrastructure: str, domain: str) -> dict[str, Any]:
    """The smallest infrastructure of its type."""
    found: dict[str, Any] = {"type": infrastructure}
    if infrastructure == "hybrid":
        found.update(on_premises="exchange", cloud="microsoft_365")
    if "microsoft_365" in found.values():
        found["tenant_domain"] = domain
    return found


def customer(service: str, infrastructure: str, domain: str, dns: dict[str, Any], **more: Any) -> dict[str, Any]:
    """One who can go to the lock-down, whose switch is not set. ``None`` leaves a key out."""
    whole: dict[str, Any] = {
        "service": service, "infrastructure": parts(infrastructure, domain), "done": {"rfi": DAY},
        "contacts": [{"name": "Grace Hopper", "email": "grace@example.com"}],
        "domains": [{"name": domain, "inbound_type": "known"}], "directory": {"type": "import"}, "users": [{"email": "ada@" + domain, "name": "Ada"}],
        "dns": dns, "acknowledged": acknowledged(*WORDS), "variables": dict(UNPROVED),
    }
    if service != "archiving":
        whole.update({
            "outbound_addresses": {"addresses": {"set": ["203.0.113.{0}".format(len(domain))]}}, "outbound": {"soak_days": 0},
            "delivery_routes": [{"name": "HQ", "hostname": "mx1.example.com"}], "mx": {"cut_over": True, "old_hosts": ["mx.vendor.test"]},
            "firewall": {"vendor": {"vendor": "fortios"}, "ranges": ["170.10.128.0/24"]},
        })
    if service != "email_security":
        address = "archive@journal." + domain
        whole.update({
            "journaling": {"domain": "journal." + domain, "email": address},
            "journaling_services": [{"name": "Journal", "smtp": {"email": address, "tls": True}}],
        })
    if infrastructure == "postfix":
        whole["variables"]["outbound_servers"] = []  # whoever runs this cares for them
    variables = {**whole["variables"], **more.pop("variables", {})}
    return {key: value for key, value in {**whole, "variables": variables, **more}.items() if value is not None}
