# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every example that a reader can copy works: in check mode, for real, and again without a change.

What a YAML block of README.md and docs/*.md is shows from its content: a list of plays is run as it is, a list of tasks
(each has a key with dots, the name of its module) task by task, and a mapping with delivery_routes is a customer file for
the playbook mimecast.connect.connect. Any other block is a fragment, which only has to be YAML.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import bind_server
import dns_cases
import ews_server
import playbooks
import pop_server
import pytest
import slapd_server
import slow_mail
import yaml
from conftest import DEFINITIONS, MODULES, POLICIES
from mimecast_sandbox.control import Sandbox
from mimecast_sandbox.mail_control import MailServers
from playbooks import ROOT, Run

FENCE = re.compile(r"^( *)```yaml *\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
STAGES = ("check", "real", "again")
WRITES_EACH_TIME = {"mimecast_api"}  # nothing is known of what its calls do, so each write is a change
HOSTS = ["mx1.example.com", "mx2.example.com"]
# They would change this machine, or need a service that has seen a message or knows a directory. test_firewall_ansible.py,
# test_postfix_ansible.py, test_mail_message.py and test_directory.py try them.
ELSEWHERE = ("firewall_allowlist", "postfix_routing", "mail_message", "mimecast_directory_sync")
# What examples take for granted.
CUSTOMER = {"service": "both", "infrastructure": {"type": "exchange"}}
VARIABLES = {
    "vault_route_password": "route-password",
    "vault_master_mailbox_password": ews_server.PASSWORD,
    "vault_journal_password": pop_server.PASSWORD,
    "vault_ldap_password": "ldap-password",
    "vault_directory_password": slapd_server.READER_PASSWORD,
    "dkim_record": "v=DKIM1; k=rsa; p=" + dns_cases.KEY,
    "delivery_routes": [{"name": "Headquarters", "hostname": HOSTS[0]}, {"name": "Second site", "hostname": HOSTS[1]}],
}


class Example(NamedTuple):
    """A block of YAML and where it stands. ``kind`` is tasks, plays, customer, fragment, or elsewhere for what another test runs."""

    place: str
    kind: str
    content: Any


def _kind(content: Any) -> str:
    if any("mimecast.connect." + name in str(content) for name in ELSEWHERE):
        return "elsewhere"
    if isinstance(content, dict):
        return "customer" if "delivery_routes" in content else "fragment"
    items = content if isinstance(content, list) and all(isinstance(item, dict) for item in content) else []
    if items and all("hosts" in item or "import_playbook" in item or "ansible.builtin.import_playbook" in item for item in items):
        return "plays"
    return "tasks" if items and all(any("." in key for key in item) for item in items) else "fragment"


def _collect() -> list[Example]:
    found = []
    for path in sorted((ROOT / "plugins" / "modules").glob("[!_]*.py")):
        content = yaml.safe_load(import_module(MODULES + path.stem).EXAMPLES)
        found.append(Example(path.stem, _kind(content), content))
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        for match in FENCE.finditer(text):
            lines = [line[len(match[1]):] for line in match[2].splitlines()]
            content = yaml.safe_load("\n".join(lines))
            found.append(Example("{0}, line {1}".format(path.name, text.count("\n", 0, match.start()) + 1), _kind(content), content))
    return found


EXAMPLES = _collect()
TASKS, PLAYS, CUSTOMERS = ([example for example in EXAMPLES if example.kind == kind] for kind in ("tasks", "plays", "customer"))


def reachable(tasks: list[dict[str, Any]], where: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """The same, with an address for the checks of servers that are in no DNS, by type; a check that no server is there for is left out."""
    found = copy.deepcopy(tasks)
    for task in found:
        checks = task.get("mimecast.connect.connectivity_check", {}).get("checks", [])
        checks[:] = [{**check, **where[kind]} for check in checks for kind in [_kind_of(check)] if kind in where]
        records = task.get("mimecast.connect.mail_dns_records")
        if records:
            records.update(where.get(records.get("backend", "handover"), {}))
            task["when"] = "nsupdate" in where
        task.get("mimecast.connect.mail_dns_records_info", {}).update(where.get("dns", {}))
    return found


def _kind_of(check: dict[str, Any]) -> str:
    kind = check.get("type", "smtp")
    return "smtp by domain" if kind == "smtp" and "domain" in check else kind


class Bench:
    """The servers, and tenants that hold what examples take for granted."""

    def __init__(self, sandbox: Sandbox, mail: MailServers, others: dict[str, dict[str, Any]], base: Path) -> None:
        self.sandbox, self.base = sandbox, base
        self.mail = {"address": mail.address("trusted"), "ca_path": mail.ca}
        validating = {**self.mail, "address": mail.address("refuses_recipients")}  # all but postmaster
        self.where = {"smtp": validating, "tcp": {"address": "127.0.0.1:1"}, **others}
        sandbox.address_book({f"{name}:25": mail.address("trusted") for name in HOSTS})

    def tenant(self, code: str) -> dict[str, str]:
        """The environment that points at a new tenant."""
        made = self.sandbox.tenant(code, internal_domains=["example.com"], groups=["Sales"])
        return {"MIMECAST_CLIENT_ID": made["client_id"], "MIMECAST_CLIENT_SECRET": made["client_secret"], "MIMECAST_BASE_URL": self.sandbox.url}

    def folder(self, name: str) -> Path:
        path = self.base / name
        path.mkdir()
        return path

    def run_tasks(self) -> dict[str, list[tuple[str, list[dict[str, Any]]]]]:
        """By place: each task's name and its results in the three stages, one after the other."""
        tasks = []
        for number, example in enumerate(TASKS):
            env = self.tenant(f"CTASKS{number}")
            self.sandbox.insert(f"CTASKS{number}", DEFINITIONS, {"description": "Second site", "hostname": HOSTS[1], "port": 25})
            for task in reachable(example.content, self.where):
                tasks += [{**task, "environment": env, "check_mode": stage == "check"} for stage in STAGES]
        run = playbooks.run(self.folder("tasks"), tasks, "--diff", hosts={"localhost": CUSTOMER}, vars=VARIABLES)
        shown, found = iter(run.shown), {}
        for example in TASKS:
            found[example.place] = [(task["name"], [next(shown) for _stage in STAGES]) for task in example.content]
        return found

    def run_plays(self) -> list[Run]:
        """All plays of all blocks in one playbook, once for each stage."""
        folder, env = self.folder("plays"), self.tenant("CPLAYS")
        path = playbooks.write_yaml(folder / "plays.yml", [play for example in PLAYS for play in example.content])
        return [playbooks.playbook(folder, str(path), *stage, **env) for stage in (["--check", "--diff"], [], [])]

    def run_customers(self) -> list[Run]:
        """All customer files in one run of the playbook for each stage."""
        folder, env = self.folder("customers"), self.tenant("CCUSTOMERS")
        (folder / "files").mkdir()
        for number, example in enumerate(CUSTOMERS):
            content = copy.deepcopy(example.content)
            for check in content.get("route_checks", []):
                check.update(self.mail)
            playbooks.write_yaml(folder / "files" / f"customer{number}.yml", content)
        playbooks.write_yaml(folder / "hosts.mimecast_customers.yml", {"plugin": "mimecast.connect.customers", "src": "files"})
        options = ["-i", str(folder / "hosts.mimecast_customers.yml"), "mimecast.connect.connect", "-e", "connect_only=inbound"]
        return [playbooks.playbook(folder, *options, *stage, **env) for stage in (["--check", "--diff"], [], [])]


@contextmanager
def other_servers(folder: Path) -> Iterator[dict[str, dict[str, Any]]]:
    """By type of check, where its servers are; those that cannot run here are missing."""
    from mimecast_sandbox.mail_pki import Pki  # needs trustme, which is not everywhere

    pki = Pki(folder, ["mail.example.com", "pop.example.com", "dc1.example.com"])
    with ExitStack() as stack:
        slow = stack.enter_context(slow_mail.slow_mail(str(pki.pem("good"))))
        endpoint = stack.enter_context(ews_server.ews({"good": pki.context("good")}))
        found = {"ews": {"address": f"127.0.0.1:{endpoint.ports['good']}", "ca_path": str(pki.ca_path)}}
        found["smtp by domain"] = {"resolver": slow.dns, "port": slow.port, "ca_path": str(pki.ca_path)}
        if not pop_server.why_not():
            dovecot = stack.enter_context(pop_server.dovecot({"good": pki.pem("good")}))
            found["pop"] = {"address": dovecot.address("good", implicit_tls=True), "ca_path": str(pki.ca_path)}
        if not slapd_server.why_not():
            directory = stack.enter_context(slapd_server.slapd(slapd_server.people(3), pki.pem("good")))
            found["ldap"] = {"address": directory.secure, "ca_path": str(pki.ca_path)}
        if not bind_server.why_not():
            authority = stack.enter_context(bind_server.bind({**dns_cases.SERVICE, **dns_cases.EXAMPLE}))
            cache = stack.enter_context(bind_server.resolver(authority))
            found["dns"] = {"resolver": cache.address, "nameservers": {"ns1.example.com": authority.address}}
            zones = {**dns_cases.SERVICE, "example.net": '@ MX 5 mx.vendor.test.\n@ TXT "v=spf1 mx -all"\nmx1 A 192.0.2.25\n', "example.org": ""}
            primary = stack.enter_context(bind_server.bind(zones, updatable=True))
            cache = stack.enter_context(bind_server.resolver(primary))
            key = {"key_name": primary.key.name, "key_secret": primary.key.secret}
            found["nsupdate"] = {"resolver": cache.address, "server": "127.0.0.1", "port": primary.port, **key}
            found["handover"] = {"resolver": cache.address, "nameservers": {"ns1.example.org": primary.address}}
        yield found


@pytest.fixture(scope="module")
def ran(running_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    for package in ("aiosmtpd", "trustme"):
        pytest.importorskip(package, reason="the real mail servers need it")
    running_sandbox.reset()
    pki = tmp_path_factory.mktemp("pki")
    with MailServers(only=["trusted", "refuses_recipients"], names=HOSTS) as mail, other_servers(pki) as others, ThreadPoolExecutor() as pool:
        bench = Bench(running_sandbox, mail, others, tmp_path_factory.mktemp("examples"))
        futures = {name: pool.submit(getattr(bench, "run_" + name)) for name in ("tasks", "plays", "customers")}
        yield {name: future.result() for name, future in futures.items()}


@pytest.mark.parametrize("place", [example.place for example in TASKS])
def test_tasks(ran: dict[str, Any], place: str) -> None:
    for name, (planned, real, again) in ran["tasks"][place]:
        for result in (planned, real, again):
            assert not result.get("failed"), (name, result)
        assert planned["changed"] == real["changed"], f"{name}: check mode said {planned}, but it was {real}"
        assert planned.get("diff") == real.get("diff"), name
        assert again["changed"] is (real["changed"] and place in WRITES_EACH_TIME), f"{name}: a second run changes something again: {again.get('diff')}"


@pytest.mark.parametrize("kind", ["plays", "customers"])
def test_plays_and_customer_files(ran: dict[str, Any], running_sandbox: Sandbox, kind: str) -> None:
    hosts = ["localhost"] if kind == "plays" else [f"customer{number}" for number in range(len(CUSTOMERS))]
    if not (PLAYS if kind == "plays" else CUSTOMERS):
        pytest.skip("README.md and docs hold none")
    changed = []
    for run in ran[kind]:
        assert run.code == 0, run.output
        changed.append(sum(run.recap(host)["changed"] for host in hosts))
        assert "WARN" not in run.stderr, run.stderr
    assert changed[0] == changed[1] and changed[2] == 0, changed


def test_the_examples_did_something(ran: dict[str, Any], running_sandbox: Sandbox) -> None:
    code = "CTASKS{0}".format([example.place for example in TASKS].index("mimecast_tenant"))
    assert [row["description"] for row in running_sandbox.objects(code, POLICIES)] == ["Inbound to headquarters"]
    verdicts = ran["tasks"]["connectivity_check"][0][1][1]["verdicts"]
    assert [one["code"] for one in verdicts] == ["ok_strict"], verdicts
    if not bind_server.why_not():
        assert [real["changed"] for _name, (_planned, real, _again) in ran["tasks"]["mail_dns_records"]] == [True, True, True, False]


def test_fragments_are_known() -> None:
    """A block that is taken for a fragment by mistake would not be run: only those that are known may be one."""
    fragments = {example.place.partition(",")[0] for example in EXAMPLES if example.kind == "fragment"}
    assert fragments <= {"README.md", "sandbox.md", "customers.md", "connect.md", "rfi.md"}, fragments
