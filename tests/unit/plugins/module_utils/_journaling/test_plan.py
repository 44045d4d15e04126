# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What journaling asks for: what is not met in one sentence each, and otherwise hosts, checks and handovers."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mimecast.connect.plugins.module_utils._journaling.plan import plan

EMAIL = "journaling@journal.example.com"
SMTP = {"name": "Journal", "smtp": {"email": EMAIL, "tls": True}}
POP3 = {"name": "Journal", "pop3": {"email": EMAIL, "host": "pop.example.com", "mailbox": "journal", "password": "pw", "pop3s": True}}
WANTED: dict[str, Any] = {
    "method": "smtp", "domain": "journal.example.com", "email": EMAIL, "services": [SMTP], "domains": [], "region": "eu", "hosts": [], "port": 25,
    "products": [], "version": "", "tenant_domain": "", "mail_servers": ["mail-1"], "checks": [], "verify": True,
}
TENANT: dict[str, Any] = {"domains": [{"name": "example.com"}, {"name": "journal.example.com"}], "journaling_services": []}
REGION = ["eu-smtp-journal-1.mimecast.com", "eu-smtp-journal-2.mimecast.com"]


def planned(tenant: dict[str, Any] | None = None, **wanted: Any) -> dict[str, Any]:
    return plan({**WANTED, **wanted}, {**TENANT, **(tenant or {})})


def stored(**row: Any) -> dict[str, Any]:
    """A tenant whose service is there, with what the service says of it."""
    return {"journaling_services": [{"name": "Journal", "enabled": True, "smtp": {"email": EMAIL, "tls": True}, "pop3": {}, **row}]}


PROBLEMS: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "no address": ({"email": "", "services": []}, {}, "the journaling address is not known: give journaling_email"),
    "no mail address": ({"email": "nobody", "domain": ""}, {}, "journaling_email is 'nobody': it is not a mail address"),
    "address elsewhere": ({"domain": "example.com"}, {}, f"the journaling address {EMAIL} is not in the journaling domain example.com"),
    "domain elsewhere": ({}, {"domains": [{"name": "example.org"}]},
                         "the journaling domain journal.example.com is neither an internal domain of the tenant nor below one (it has example.org)"),
    "no end of one": ({}, {"domains": [{"name": "nal.example.com"}]}, "nor below one (it has nal.example.com)"),
    "no service": ({"services": []}, {}, f"no journaling service has the address {EMAIL}"),
    "a service that goes": ({"services": [{**SMTP, "state": "absent"}]}, stored(), f"no journaling service has the address {EMAIL}"),
    "two services": ({"services": [SMTP, {**SMTP, "name": "Second"}]}, {}, f"the journaling services 'Journal' and 'Second' all have the address {EMAIL}"),
    "one more there": ({"services": [{**SMTP, "name": "Second"}]}, stored(), "the journaling services 'Second' and 'Journal' all have"),
    "other method": ({"method": "pop3"}, {}, "journaling_method is pop3, but the journaling service 'Journal' is declared with smtp"),
    "2003": ({"products": ["exchange"], "version": "2003"}, {}, "Exchange 2003 cannot journal by SMTP: set journaling_method to pop3"),
    "2003 by number": ({"products": ["exchange"], "version": 2003}, {}, "Exchange 2003 cannot journal by SMTP"),
    "no tenant domain": ({"products": ["exchange_online"]}, {}, "give it as journaling_tenant_domain"),
    "tenant domain elsewhere": ({"products": ["exchange_online"], "tenant_domain": "Contoso.example"}, {},
                                "contoso.example, the own domain of the tenant at Microsoft, is no internal domain"),
    "no hosts": ({"region": ""}, {}, "the journal hosts are not known: give journaling_region or journaling_hosts"),
    "hosts not published": ({"region": "CSA12A34"}, {}, "the journal hosts of region za are not published"),
    "no region": ({"region": "xx"}, {}, "journaling_region: 'xx' is no region and no account code"),
    "no host": ({"hosts": ["a b"]}, {}, "journal host 'a b': "),
    "no password": ({"method": "pop3", "services": [{"name": "Journal", "pop3": {**POP3["pop3"], "password": None}}]}, {},
                    "journaling service 'Journal' needs password in its pop3"),
    "pop3s not said": ({"method": "pop3", "services": [{"name": "Journal", "pop3": {**POP3["pop3"], "pop3s": None}}]}, {}, "has to say pop3s"),
    "check of nobody": ({"checks": [{"host": "other.example", "tls": "none"}]}, {}, "journaling_checks names other.example, which is none of the servers"),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_what_is_not_met_is_one_sentence(name: str) -> None:
    wanted, tenant, words = PROBLEMS[name]
    (problem,) = planned(tenant, **wanted)["problems"]
    assert words in problem


def test_who_is_right_has_no_problem() -> None:
    found = planned()
    assert found["problems"] == [] and found["hosts"] == REGION and not found["register"]
    assert found["checks"] == {"mail-1": [{"type": "smtp", "host": host, "port": 25, "tls": "strict"} for host in REGION]}
    assert planned(mail_servers=[])["checks"] == {"": found["checks"]["mail-1"]}
    assert planned(services=[], tenant=stored(), email=EMAIL.upper())["problems"] == []
    assert planned(email="", domain="")["domain"] == "journal.example.com"


def test_a_subdomain_is_registered_with_what_is_declared_of_it() -> None:
    found = planned({"domains": [{"name": "example.com"}]}, domains=[{"name": "Journal.example.com", "inbound_type": "any"}])
    assert (found["problems"], found["register"], found["inbound_type"]) == ([], True, "any")
    assert planned({"domains": [{"name": "example.com"}]})["inbound_type"] == ""


def test_the_hosts_are_those_given_then_those_of_the_service_then_those_of_the_region() -> None:
    told = stored(hostnames=["j1.example", "j2.example"])
    assert planned(told)["hosts"] == ["j1.example", "j2.example"]
    assert planned(told, hosts=["J3.example"])["hosts"] == ["j3.example"]
    assert planned(stored(hostnames=[]), region="CUK1A1")["hosts"] == REGION
    assert planned(region="za", hosts=["j3.example"])["problems"] == []


def test_how_strict_a_connection_is_follows_from_the_service_and_what_is_said_of_it() -> None:
    assert planned(services=[{"name": "Journal", "smtp": {"email": EMAIL, "tls": False}}])["tls"] == "none"
    relaxed = planned(checks=[{"tls": "relaxed", "timeout": 3}, {"host": REGION[1], "address": "127.0.0.1:25", "timeout": 5}])
    assert relaxed["tls"] == "relaxed"
    first, second = relaxed["checks"]["mail-1"]
    assert (first["tls"], first["timeout"], second["address"], second["timeout"]) == ("relaxed", 3, "127.0.0.1:25", 5)
    assert planned(verify=False)["checks"] == {"mail-1": []}


@pytest.mark.parametrize(("options", "words"), [
    ({}, {"implicit_tls": True, "tls": "strict"}),
    ({"relaxed": True}, {"implicit_tls": True, "tls": "relaxed"}),
    ({"pop3s": False}, {"implicit_tls": False, "tls": "none"}),
    ({"port": 1995}, {"implicit_tls": True, "tls": "strict", "port": 1995}),
])
def test_a_mailbox_is_proved_as_the_service_will_fetch_it(options: dict[str, Any], words: dict[str, Any]) -> None:
    found = planned(method="pop3", services=[{"name": "Journal", "pop3": {**POP3["pop3"], **options}}], mail_servers=[], region="")
    assert found["problems"] == [] and found["hosts"] == []
    assert found["checks"] == {"": [{"type": "pop", "host": "pop.example.com", "username": "journal", "password": "pw", **words}]}


def titles(found: dict[str, Any]) -> list[str]:
    return [one["title"] for one in found["handovers"]]


def test_journaling_to_a_mailbox_is_switched_on_after_a_message_was_fetched() -> None:
    wanted = {"method": "pop3", "services": [POP3], "mail_servers": []}
    before = ["Prove that the service fetches from the journal mailbox journal"]
    assert titles(planned(**wanted)) == before and not planned(**wanted)["sends"]
    row = {"smtp": {}, "pop3": {"email": EMAIL, "host": "pop.example.com", "mailbox": "journal"}}
    assert titles(planned(stored(**row, last_received=None, status="ok"), **wanted)) == before
    assert titles(planned(stored(**row, last_received="2026-11-20T09:00:00+0000", status="error"), **wanted)) == before
    after = planned(stored(**row, last_received="2026-11-20T09:00:00+0000", status="ok"), **wanted)
    assert titles(after) == ["Switch on journaling to the mailbox journal"]
    assert after["seen"]["arrives"] and "pw" not in str(after["handovers"])


def test_what_a_person_does_is_gone_when_copies_arrive_from_the_only_server() -> None:
    arrives = stored(last_received="2026-11-20T09:00:00+0000", status="ok")
    assert planned(products=["exchange"], mail_servers=[])["hands_over"]
    assert not planned(arrives, products=["exchange"], mail_servers=[])["hands_over"]
    assert planned(arrives, products=["exchange"])["hands_over"], "copies of Postfix say nothing about Exchange"
    assert titles(planned(mail_servers=[])) == [f"Have the mail server send copies to {EMAIL}"]
    assert titles(planned(arrives, mail_servers=[])) == []


def test_a_service_that_is_switched_off_leaves_the_mail_server_alone() -> None:
    found = planned(services=[{**SMTP, "enabled": False}], mail_servers=[])
    assert (found["sends"], found["hands_over"], found["handovers"]) == (False, False, [])


def test_a_mailbox_is_tried_from_here_even_where_there_are_mail_servers() -> None:
    found = planned(method="pop3", services=[POP3])
    assert found["problems"] == [] and [one["host"] for one in found["checks"][""]] == ["pop.example.com"]
