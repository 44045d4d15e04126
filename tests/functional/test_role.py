# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook connect and the role inbound, with customers who make every mistake beside one who makes none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import playbooks
import pytest
import yaml
from conftest import DEFINITIONS
from mimecast_sandbox.control import Sandbox
from mimecast_sandbox.mail_control import MailServers
from playbooks import Run

PLAYBOOK = "mimecast.connect.connect"
NAME = "mx1.acme.example"
ROUTE = {"name": "HQ", "hostname": NAME}

# What is no customer is the inventory's to say.
HEAD = {"service": "email_security", "region": "eu", "infrastructure": {"type": "postfix"}}
# File name, what it holds instead of {delivery_routes: [ROUTE], route_checks: [a check that passes]}, what the run says of it.
CUSTOMERS: list[tuple[str, Any, str]] = [
    ("good", {}, ""),
    ("nothing", {"delivery_routes": [], "route_checks": []}, ""),
    ("missing", {"delivery_routes": None}, "the customer file says nothing of delivery_routes, which this step needs."),
    ("check_typo", {"route_checks": [{"route": "HQ", "tsl": "strict"}]}, "module: checks.tsl. Supported parameters include: address"),
    ("wrong_port", {"delivery_routes": [{**ROUTE, "port": 70000}]}, "Delivery route 'HQ': port is 70000: it must be a number from 1 to 65535"),
    ("other_route", {"route_checks": [{"route": "HX"}]}, "Check 'HX': route 'HX' is not among delivery_routes (these are: 'HQ')"),
    ("unproved", {"server": "no_tls"}, "1 of 1 checks did not pass. HQ: mx1.acme.example:25 (at "),
    ("wrong_secret", {"client_secret": "wrong-secret"}, "was refused (client id or secret is wrong [invalid_client]); check client_id and client_secret"),
    ("wrong_alternate", {"delivery_routes": [{**ROUTE, "alternate_route": "Moon"}]},
     "Cannot create delivery route 'HQ': alternate_route is 'Moon', but the tenant has no such delivery route (it has none at all)"),
]
NAMES = [name for name, _content, _text in CUSTOMERS]
BAD = [(name, text) for name, _content, text in CUSTOMERS if text]


class Bench:
    """A tenant and a file for each customer."""

    def __init__(self, sandbox: Sandbox, mail: MailServers, base: Path) -> None:
        self.sandbox, self.mail, self.base = sandbox, mail, base
        self.env = {"MIMECAST_BASE_URL": sandbox.url}
        sandbox.address_book({NAME + ":25": mail.address("trusted")})

    def customers(self, folder: Path) -> None:
        for name, content, _text in CUSTOMERS:
            made = self.sandbox.tenant("C" + name.replace("_", ""), internal_domains=["example.com"])
            connection = {"client_id": made["client_id"], "client_secret": content.get("client_secret", made["client_secret"])}
            whole = {"mimecast_connection": connection, "delivery_routes": [ROUTE], "route_checks": [self.check(content.get("server", "trusted"))]}
            whole.update({key: value for key, value in content.items() if key in whole})
            folder.joinpath(name + ".yml").write_text(yaml.safe_dump({**HEAD, **{key: value for key, value in whole.items() if value is not None}}))

    def check(self, server: str) -> dict[str, Any]:
        return {"route": "HQ", "address": self.mail.address(server), "ca_path": self.mail.ca}

    def folder(self, name: str) -> Path:
        path = self.base / name
        path.mkdir()
        return path

    def written(self) -> int:
        return sum(request["wrote"] for request in self.sandbox.requests())

    def connect(self) -> dict[str, Any]:
        """All customers, in check mode and for real, as the README does."""
        folder = self.folder("connect")
        (folder / "customers").mkdir()
        self.customers(folder / "customers")
        playbooks.write_yaml(folder / "hosts.mimecast_customers.yml", {"plugin": "mimecast.connect.customers"})
        options = ["-i", "hosts.mimecast_customers.yml", PLAYBOOK, "-e", "connect_only=inbound", "--diff"]
        before = self.written()
        planned = playbooks.playbook(folder, *options, "--check", **self.env)
        return {"planned": planned, "writes of the plan": self.written() - before, "applied": playbooks.playbook(folder, *options, **self.env)}

    def role(self) -> Run:
        """The role by itself: proved, then without proof, then with an argument missing."""
        made = self.sandbox.tenant("CROLE")
        connection = {name: made[name] for name in ("client_id", "client_secret")}
        shared = {"gather_facts": False, "connection": "local", "module_defaults": {"group/mimecast.connect.mimecast": connection}}
        kinds = {
            "proved": {"inbound_delivery_routes": [ROUTE], "inbound_checks": [self.check("trusted")]},
            "unproved": {"inbound_delivery_routes": [{**ROUTE, "port": 26}], "inbound_verify": False},
            "argument": {"inbound_verify": False},
        }
        folder = self.folder("role")
        plays = [{"hosts": name, **shared, "roles": [{"role": "mimecast.connect.inbound", "vars": variables}]} for name, variables in kinds.items()]
        path = playbooks.write_yaml(folder / "play.yml", plays)
        inventory = playbooks.write_yaml(folder / "hosts.yml", {"all": {"hosts": dict.fromkeys(kinds)}})
        return playbooks.playbook(folder, str(path), "-i", str(inventory), **self.env)


@pytest.fixture(scope="module")
def ran(running_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    for package in ("aiosmtpd", "trustme"):
        pytest.importorskip(package, reason="the real mail servers need it")
    running_sandbox.reset()
    with MailServers(only=["trusted", "no_tls"], names=[NAME]) as mail:
        bench = Bench(running_sandbox, mail, tmp_path_factory.mktemp("role"))
        connected = bench.connect()
        yield {**connected, "role": bench.role(), "mail": mail.received()["total"]}


def said_of(run: Run, customer: str) -> str:
    """The last failure of a customer."""
    lines = [line for line in run.stdout.splitlines() if line.startswith(f"fatal: [{customer}]: ")]
    return lines[-1] if lines else ""


@pytest.mark.parametrize("stage", ["planned", "applied"])
@pytest.mark.parametrize(("customer", "text"), BAD, ids=[name for name, _text in BAD])
def test_a_mistake_is_named_and_stops_its_customer(
    ran: dict[str, Any], running_sandbox: Sandbox, customer: str, text: str, stage: str
) -> None:
    run = ran[stage]
    said = said_of(run, customer)
    assert '"inbound: ' in said and text in said, said
    assert run.recap(customer)["failed"] == 1 and run.recap(customer)["changed"] == 0
    assert running_sandbox.objects("C" + customer.replace("_", ""), DEFINITIONS) == []


def test_a_mistake_stops_nobody_else(ran: dict[str, Any], running_sandbox: Sandbox) -> None:
    for stage in ("planned", "applied"):
        run = ran[stage]
        assert run.code == 2 and "Traceback" not in run.output
        counts = [(run.recap(name)["changed"], run.recap(name)["failed"]) for name in ("good", "nothing")]
        assert counts == [(1, 0), (0, 0)]
    assert [row["hostname"] for row in running_sandbox.objects("Cgood", DEFINITIONS)] == [NAME]


def test_check_mode_writes_nothing_and_shows_the_plan(ran: dict[str, Any]) -> None:
    assert ran["writes of the plan"] == 0
    marks = ("Bring the routes to their declared state", "changed: [good]")
    shown = [ran[stage].stdout.partition(marks[0])[2].partition(marks[1])[0] for stage in ("planned", "applied")]
    plans = [text.rpartition("--- before")[2] for text in shown]
    assert plans[0] == plans[1] and f'"hostname": "{NAME}"' in plans[0]


def test_no_mail_is_sent(ran: dict[str, Any]) -> None:
    assert ran["mail"] == 0


def test_the_role_by_itself(ran: dict[str, Any], running_sandbox: Sandbox) -> None:
    run = ran["role"]
    counts = {name: tuple(run.recap(name)[word] for word in ("changed", "failed")) for name in ("proved", "unproved", "argument")}
    assert counts == {"proved": (1, 0), "unproved": (1, 0), "argument": (0, 1)}, run.output
    assert "missing required arguments: inbound_delivery_routes" in said_of(run, "argument")
    assert [row["port"] for row in running_sandbox.objects("CROLE", DEFINITIONS)] == [26]
    proof = next(one for one in run.shown if "verdicts" in one)
    assert proof["worst"] == "ok" and proof["verdicts"][0]["service"]["evidence"]["answer"]["result"]


@pytest.mark.parametrize("playbook", ["connect", "rollback"])
def test_an_inventory_without_customers_is_no_success(tmp_path: Path, playbook: str) -> None:
    playbooks.write_yaml(tmp_path / "wrong.yml", {"plugin": "mimecast.connect.customers"})
    run = playbooks.playbook(tmp_path, "-i", "wrong.yml", f"mimecast.connect.{playbook}")
    assert run.code == 2 and "a file that ends with mimecast_customers.yml" in run.stdout, run.output
