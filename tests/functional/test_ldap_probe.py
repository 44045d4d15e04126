# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The LDAP probe against real slapds, and the opinion of ldapsearch and of ldap3 on each of them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mimecast.connect.plugins.module_utils._probes.ldap import LdapCheck, check_ldap
from ansible_collections.mimecast.connect.plugins.module_utils._probes.verdict import Verdict

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "extensions" / "sandbox")]
pytest.importorskip("ldap3", reason="the ldap probe needs it")
pytest.importorskip("trustme", reason="trustme makes the certificates of the directories")

import case_tables
import ldap_opinions
import slapd_server
from mimecast_sandbox.mail_pki import Pki
from slapd_server import BASE, READABLE, READER, READER_PASSWORD, Slapd, people, slapd

pytestmark = pytest.mark.skipif(bool(slapd_server.why_not()), reason=slapd_server.why_not() or "-")

NAME = "dc1.example.com"
PEOPLE = 150
LIMIT = f'limits dn.exact="{READER}" size.soft=10 size.hard=10 '
# How the servers differ: certificate, and what is configured.
SERVERS: dict[str, tuple[str, dict[str, str]]] = {
    "good": ("rsa", {}),
    "self-signed": ("self_signed", {}),
    "expired": ("expired", {}),
    "not yet valid": ("not_yet_valid", {}),
    "wrong name": ("wrong_name", {}),
    "other CA": ("other_ca", {}),
    "no TLS": ("", {}),
    "TLS required": ("rsa", {"settings": "security simple_bind=128"}),
    "no simple binds": ("rsa", {"settings": "disallow bind_simple"}),
    "small pages only": ("rsa", {"limits": f'limits dn.exact="{READER}" size.pr=100'}),
    "no pages": ("rsa", {"limits": f'limits dn.exact="{READER}" size=unlimited size.prtotal=disabled'}),
    "no pages, size limit": ("rsa", {"limits": LIMIT + "size.prtotal=disabled"}),
    "size limit with pages": ("rsa", {"limits": f'limits dn.exact="{READER}" size=120 size.pr=100 size.prtotal=120'}),
    "nothing readable": ("rsa", {"access": "access to * by * none"}),
    "base not shown": ("rsa", {"access": "access to * by * search"}),
    "addresses not readable": ("rsa", {"access": "access to attrs=mail,proxyAddresses by * none\n" + READABLE}),
}
# The first part of a case is its server; what is said after it, or instead of it, is what the check has otherwise.
STARTTLS = {"implicit_tls": False}
OPTIONS: dict[str, dict[str, Any]] = {
    "STARTTLS": STARTTLS,
    "wrong password": {"password": "wr0ng"},
    "unknown user": {"username": f"cn=nobody,{BASE}"},
    "user name is no DN": {"username": "mimecast@example.com"},
    "unknown base": {"base_dn": "dc=example,dc=net"},
    "base is no DN": {"base_dn": "example"},
    "domain without addresses": {"internal_domains": ["example.com", "example.net"]},
}
ROWS = [row for row in case_tables.rows("ldap") if not row[0].startswith("Samba")]


class Directories:
    """Every server, started when it is first asked for."""

    def __init__(self, stack: ExitStack, pki: Pki) -> None:
        self.ca = str(pki.ca_path)
        self._stack, self._pki = stack, pki
        self._running: dict[str, Slapd] = {}

    def __getitem__(self, name: str) -> Slapd:
        if name not in self._running:
            kind, options = SERVERS[name]
            self._running[name] = self._stack.enter_context(slapd(people(PEOPLE), self._pki.pem(kind) if kind else None, **options))
        return self._running[name]

    def check(self, server: str, **options: Any) -> LdapCheck:
        running = self[server]
        secure = options.get("tls") != "none" and options.get("implicit_tls") is not False
        settings = {"host": NAME, "address": running.secure if secure else running.plain, "ca_path": self.ca, "timeout": 20}
        return LdapCheck(**{**settings, "username": READER, "password": READER_PASSWORD, "base_dn": BASE, **options})


@pytest.fixture(scope="module")
def directories(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Directories]:
    with ExitStack() as stack:
        yield Directories(stack, Pki(tmp_path_factory.mktemp("pki"), [NAME]))


def check_of(directories: Directories, case: str, tls: str) -> LdapCheck:
    server = case if case in SERVERS else case.rpartition(", ")[0]
    options = OPTIONS.get(case if case in OPTIONS else case.rpartition(", ")[2], {})
    return directories.check(server if server in SERVERS else "good", tls=tls, **options)


def outcome(verdict: Verdict) -> str:
    return f"{verdict.verdict} {verdict.code}"


@pytest.mark.parametrize(("case", "tls", "expected", "search", "bare"), ROWS, ids=[" ".join(row[:2]) for row in ROWS])
def test_case(directories: Directories, case: str, tls: str, expected: str, search: str, bare: str) -> None:
    check = check_of(directories, case, tls)
    found = check_ldap(check)
    assert outcome(found) == expected, found
    assert ldap_opinions.ldapsearch(check) == search
    assert ldap_opinions.bare_ldap3(check) == bare
    assert NAME in found.message and READER_PASSWORD not in json.dumps(found.as_dict())


def test_every_server_and_option_has_a_case() -> None:
    said = {part for case, *_rest in ROWS for part in (case, case.rpartition(", ")[0], case.rpartition(", ")[2])}
    assert {*SERVERS, *OPTIONS} <= said


def test_counts_are_those_of_ldap3(directories: Directories) -> None:
    check = directories.check("good", internal_domains=["example.com", "old.example.com"])
    found = check_ldap(check)
    coverage = found.evidence["coverage"]
    entries, values = ldap_opinions.count(check, ["mail", "proxyAddresses"])
    assert coverage["entries"] == coverage["entries_with_address"] == entries == PEOPLE
    assert coverage["mail_addresses"] == values["mail"] == PEOPLE
    assert coverage["proxy_addresses"] == values["proxyAddresses"] - PEOPLE == 2 * PEOPLE  # each has one X500: too
    assert coverage["disabled_accounts"] == PEOPLE // 10
    assert coverage["domains"] == [{"domain": "example.com", "addresses": PEOPLE}, {"domain": "old.example.com", "addresses": PEOPLE}]
    assert coverage["uncovered"] == coverage["unknown"] == []
    assert found.evidence["search"] == {"pages": 1, "referrals": 0, "code": 0, "name": "success", "text": "", "complete": True}
    assert "user1" not in json.dumps(found.as_dict())


def test_domains_that_nobody_declared_are_told(directories: Directories) -> None:
    found = check_ldap(directories.check("good", internal_domains=["EXAMPLE.com."]))
    assert outcome(found) == "ok ok_directory" and found.evidence["coverage"]["unknown"] == ["old.example.com"]
    assert "domains_unknown" in [one["code"] for one in found.evidence["findings"]]


def test_a_base_that_is_missing_comes_with_those_that_exist(directories: Directories) -> None:
    found = check_ldap(directories.check("good", base_dn="dc=example,dc=net"))
    assert found.evidence["naming_contexts"] == [BASE] and found.message.endswith(f"The server has {BASE}")


def test_what_is_not_declared_is_not_done(directories: Directories) -> None:
    nobody = {"username": None, "password": None, "base_dn": None}
    assert outcome(check_ldap(directories.check("good", **nobody))) == "ok ok_strict"
    assert outcome(check_ldap(directories.check("good", **nobody, tls="none"))) == "ok ok_plain_ldap"
    only_user = check_ldap(directories.check("good", base_dn=None))
    assert outcome(only_user) == "ok ok_bound" and "coverage" not in only_user.evidence


def test_no_password_is_told_where_the_certificate_fails(directories: Directories) -> None:
    assert "bind" not in check_ldap(directories.check("expired")).evidence
    assert "bind" in check_ldap(directories.check("expired", tls="relaxed")).evidence


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"password": None}, "username and password go together"),
        ({"base_dn": None, "internal_domains": ["example.com"]}, "internal_domains need a base_dn"),
        ({"internal_domains": ["exa mple"]}, "'exa mple' of internal_domains is no domain"),
        ({"tls": "maybe"}, "tls is one of strict, relaxed, none"),
        ({"password": "a\x07b"}, "the bind cannot be written in LDAP"),
        ({"port": 70000}, "a port is a number"),
    ],
)
def test_a_check_that_makes_no_sense(directories: Directories, options: dict[str, Any], reason: str) -> None:
    found = check_ldap(directories.check("good", **options))
    assert outcome(found) == "unknown check_invalid" and reason in found.message


@pytest.mark.parametrize(
    ("options", "port", "implicit"),
    [
        ({}, 636, True),
        ({"tls": "none"}, 389, False),
        ({"implicit_tls": False}, 389, False),
        ({"tls": "none", "implicit_tls": True}, 636, True),
        ({"port": 389}, 389, False),
        ({"port": 3269}, 3269, True),
        ({"port": 636, "tls": "none"}, 636, False),
        ({"port": 1636, "implicit_tls": True}, 1636, True),
    ],
)
def test_port_and_implicit_tls_follow_from_each_other(options: dict[str, Any], port: int, implicit: bool) -> None:
    check = LdapCheck(NAME, **options)
    assert (check.port, check.implicit_tls) == (port, implicit)
