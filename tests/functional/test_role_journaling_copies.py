# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role journaling up to the mail server: copies of real messages leave Postfix and arrive at a journal host, and other products are rendered."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

for package in ("aiosmtpd", "trustme"):
    pytest.importorskip(package, reason="the real servers need it")

import journaling_customers
import postfix_host
from journaling_customers import HOSTS, Customer, Service, facts
from mimecast_sandbox.control import Sandbox
from postfix_host import PostfixHost

ALICE, BOB = "alice@acme.example", "bob@acme.example"
DOMAIN, ADDRESS = "journal.acme.example", "journaling@journal.acme.example"
needs_postfix = pytest.mark.skipif(bool(postfix_host.why_not()), reason=postfix_host.why_not() or "-")


@pytest.fixture(scope="module")
def at() -> Iterator[Service]:
    with Sandbox("--mail") as sandbox:
        yield Service(sandbox)


@contextmanager
def mail_server(at: Service) -> Iterator[PostfixHost]:
    """A Postfix that finds the journal hosts at the sandbox."""
    with postfix_host.postfix_host(names=dict.fromkeys(HOSTS, "127.0.0.1"), mailboxes=[ALICE, BOB]) as host:
        yield host


def customer(at: Service, **changes: Any) -> Customer:
    # From which address a mail server comes is known to the service as an outbound address or as this range.
    service = {"name": "Journal", "smtp": {"email": ADDRESS, "tls": True, "source_ranges": {"set": ["127.0.0.1/32"]}}}
    options = {"domain": DOMAIN, "email": ADDRESS, "services": [service], "region": "eu", "checks": [at.journal_check()], **changes}
    return Customer(options, domain="acme.example")


def reached(folder: Path, name: str) -> dict[str, Any]:
    """A host of the inventory that is this machine, and a file that is there once its own Python was used."""
    python = folder / ("python-" + name)
    python.write_text(f'#!/bin/sh\n: > "{folder}/used-{name}"\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    return {"ansible_connection": "local", "ansible_python_interpreter": str(python), "ansible_become": False}


@needs_postfix
def test_a_copy_of_a_real_message_arrives_at_the_journal_host(at: Service, tmp_path: Path) -> None:
    port = int(at.sandbox.mail["journal"].rpartition(":")[2])
    with mail_server(at) as host:
        before = host.settings()
        right = customer(at, mail_servers=["mail-1"], port=port, tls_ca_file=at.sandbox.mail["ca"], config_directory=str(host.config))
        unreached = customer(at, mail_servers=["mail-1"], config_directory=str(host.config), checks=[{"address": "127.0.0.1:1"}])
        hosts = {"acme": {**journaling_customers.host(at, "acme", right), "mimecast_in_process": False},
                 "unreached": journaling_customers.host(at, "unreached", unreached)}
        arguments = journaling_customers.write(tmp_path, hosts, {"mail-1": reached(tmp_path, "mail-1")})

        planned = journaling_customers.run(arguments, tmp_path / "planned", "--check")
        assert planned.recap("acme")["failed"] == 0, planned.output
        assert (tmp_path / "used-mail-1").exists() and host.settings() == before, "the mail server was asked, and nothing was changed there"
        assert "refuses the connection" in planned.stdout and planned.recap("unreached")["failed"] == 1
        given = [one["invocation"]["module_args"] for shown in planned.shown for one in shown.get("results", [shown]) if "verdicts" in one]
        assert given and not any(one.get("client_secret") for one in given), "no mail server gets the credential"

        applied = journaling_customers.run(arguments, tmp_path / "applied", "--limit", "acme")
        assert [one.recap("acme")["changed"] for one in (planned, applied)] == [3, 3], applied.output
        result = facts(applied, "acme")
        assert facts(planned, "acme")["result"] == result["result"] and {"domains", "journaling_services", "postfix_parameter"} <= {
            one["kind"] for one in result["result"]["changes"]}
        assert [one["code"] for one in result["proof"]["verdicts"]] == ["ok_strict", "ok_strict"]
        assert (result["seen"]["arrives"], result["handovers"]) == (False, [])

        host.send(ALICE, BOB, subject="between colleagues")
        host.wait_until_gone()
        assert any("between colleagues" in one for one in host.mailbox(BOB))
        copy = next(one for one in at.sandbox.mail_log() if one["to"] == [ADDRESS])
        assert (copy["listener"], copy["from"], copy["tls"], copy["tenant"]) == ("journal", ALICE, True, "Cacme")

        again = journaling_customers.run(arguments, tmp_path / "again", "--limit", "acme")
        assert again.recap("acme")["changed"] == 0 and again.recap("acme")["failed"] == 0, again.output
        assert facts(again, "acme")["seen"]["arrives"]


def test_other_mail_servers_are_rendered_and_handed_over_until_copies_arrive(at: Service, tmp_path: Path) -> None:
    settings = {"products": ["exchange", "google_workspace"], "version": "2019", "dest": str(tmp_path / "renderings")}
    (tmp_path / "renderings").mkdir()
    cases = {
        "hybrid.example": settings, "google.example": {"products": ["google_workspace"]},
        "old.example": {"products": ["exchange"], "version": "2007", "services": []},
    }
    hosts = {name: journaling_customers.host(at, name, renamed(customer(at, **options), name)) for name, options in cases.items()}
    arguments = journaling_customers.write(tmp_path, hosts)
    planned = journaling_customers.run(arguments, tmp_path / "planned", "--check")
    assert not list((tmp_path / "renderings").iterdir())
    applied = journaling_customers.run(arguments, tmp_path / "applied")
    assert [facts(one, "google.example")["result"]["changed"] for one in (planned, applied)] == [True, True]
    script = (tmp_path / "renderings" / "exchange-journaling.ps1").read_text()
    assert "journaling@journal.hybrid.example" in script and HOSTS[1] in script
    titles = [one["title"] for one in facts(applied, "hybrid.example")["handovers"]]
    assert len(titles) == 2 and "Exchange" in titles[0] and "Google" in titles[1]
    assert "no journaling service has the address" in applied.stdout and applied.recap("old.example")["failed"] == 1

    for name in ("hybrid.example", "google.example"):
        (row,) = at.sandbox.objects(journaling_customers.code(name), journaling_customers.SERVICES)
        at.sandbox.patch(journaling_customers.code(name), journaling_customers.SERVICES, row["ref"], statusInfo={
            "status": "ok", "lastReceivedDateTime": time.strftime("%Y-%m-%dT%H:%M:%S+0000")})
    again = journaling_customers.run(arguments, tmp_path / "again")
    assert facts(again, "google.example")["handovers"] == []
    assert len(facts(again, "hybrid.example")["handovers"]) == 2, "copies do not say which of the two they are from"
    assert [again.recap(name)["changed"] for name in ("hybrid.example", "google.example")] == [0, 0]


def renamed(one: Customer, domain: str) -> Customer:
    """The same customer with a domain of its own."""
    service = {"name": "Journal", "smtp": {"email": "journaling@journal." + domain, "tls": True}}
    services = [service] if one.options["services"] else []
    return Customer({**one.options, "domain": "journal." + domain, "email": service["smtp"]["email"], "services": services}, domain=domain)


def test_a_windows_host_gets_the_script_for_exchange(at: Service, tmp_path: Path) -> None:
    """What win_powershell gets is looked at by a stand-in, since no Windows can be had."""
    module = tmp_path / "collections" / "ansible_collections" / "ansible" / "windows" / "plugins" / "modules"
    module.mkdir(parents=True)
    (module / "win_powershell.py").write_text(STAND_IN.replace("FILE", repr(str(tmp_path / "ran.ps1"))))
    domain = "windows.example"
    one = renamed(customer(at, products=["exchange"], windows_host="exchange-1"), domain)
    arguments = journaling_customers.write(tmp_path, {domain: journaling_customers.host(at, domain, one)}, {"exchange-1": reached(tmp_path, "exchange-1")})
    paths = f"{tmp_path / 'collections'}:{journaling_customers.playbooks.collections_path()}"
    for stage, options, changed in (("planned", ["--check"], True), ("applied", [], True), ("again", [], False)):
        place = tmp_path / stage
        place.mkdir()
        run = journaling_customers.playbooks.playbook(place, *arguments, "-e", f"facts_folder={place}", *options, ANSIBLE_COLLECTIONS_PATH=paths)
        assert run.code == 0, run.output
        found = facts(run, domain)
        assert (found["result"]["changed"], found["handovers"]) == (changed, [])
    assert "journaling@journal.windows.example" in (tmp_path / "ran.ps1").read_text()


STAND_IN = '''
from ansible.module_utils.basic import AnsibleModule

module = AnsibleModule({"script": {"type": "str", "required": True}}, supports_check_mode=True)
path = FILE
try:
    before = open(path, newline="").read()
except OSError:
    before = ""
if not module.check_mode:
    open(path, "w", newline="").write(module.params["script"])
module.exit_json(changed=before != module.params["script"])
'''
