# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The LDAP probe against an Active Directory domain controller, which Samba is in a network namespace."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mimecast.connect.plugins.module_utils._probes.ldap import LdapCheck, check_ldap

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "extensions" / "sandbox")]
pytest.importorskip("ldap3", reason="the ldap probe needs it")
pytest.importorskip("trustme", reason="trustme makes the certificate of the domain controller")

import case_tables
import ldap_opinions
import samba_server
from mimecast_sandbox.mail_pki import Pki
from samba_server import BASE, DOMAIN, PASSWORD, SERVER, samba

NAME = "dc1.samdom.example.test"
USER, GONE = "reader@samdom.example.test", "gone@samdom.example.test"
# A case is called "Samba, ..." in the documentation.
OPTIONS: dict[str, dict[str, Any]] = {
    "LDAPS": {},
    "STARTTLS": {"port": 389},
    "global catalog": {"port": 3269},
    "DOMAIN\\user": {"username": DOMAIN + "\\reader"},
    "DN": {"username": f"CN=reader,CN=Users,{BASE}"},
    "clear text": {"tls": "none"},
    "wrong password": {"password": "wr0ng"},
    "unknown user": {"username": "nobody@samdom.example.test"},
    "disabled user": {"username": GONE},
    "unknown base": {"base_dn": f"OU=none,{BASE}"},
}
ROWS = [row for row in case_tables.rows("ldap") if row[0].startswith("Samba")]

Check = Callable[..., LdapCheck]


@pytest.fixture(scope="session")
def controller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Check]:
    """A check of a domain controller with one user and one disabled user, who both have addresses."""
    reason = samba_server.why_not()
    if reason:
        pytest.skip(reason)
    pki = Pki(tmp_path_factory.mktemp("pki"), [NAME, SERVER])
    with samba(pki.pem("rsa")) as running:
        running.user("reader", "--mail-address=reader@example.com", addresses=("SMTP:reader@example.com", "smtp:r@old.example.com"))
        running.user("gone", "--mail-address=gone@example.com")
        running.disable("gone")

        def check(**options: Any) -> LdapCheck:
            settings = {"host": NAME, "address": running.address, "ca_path": str(pki.ca_path), "timeout": 30}
            return LdapCheck(**{**settings, "username": USER, "password": PASSWORD, "base_dn": BASE, **options})

        yield check


@pytest.mark.parametrize(("case", "tls", "expected", "search", "bare"), ROWS, ids=[row[0] for row in ROWS])
def test_case(controller: Check, case: str, tls: str, expected: str, search: str, bare: str) -> None:
    check = controller(**{"tls": tls, **OPTIONS[case.partition(", ")[2]]})
    found = check_ldap(check)
    assert f"{found.verdict} {found.code}" == expected, found
    assert ldap_opinions.ldapsearch(check) == search
    assert ldap_opinions.bare_ldap3(check) == bare


def test_every_option_has_a_case() -> None:
    assert set(OPTIONS) == {case.partition(", ")[2] for case, *_rest in ROWS}


def test_the_reason_is_that_of_active_directory(controller: Check) -> None:
    assert "data 52e" in check_ldap(controller(password="wr0ng")).message
    disabled = check_ldap(controller(username=GONE))
    assert "data 533" in disabled.message and "enable it" in disabled.message


def test_referrals_are_counted_and_not_followed(controller: Check) -> None:
    """Samba refers to three more parts of its tree, as AD does; the entries are those of this part."""
    evidence = check_ldap(controller()).evidence
    assert evidence["search"]["referrals"] == 3
    coverage = evidence["coverage"]
    assert (coverage["entries"], coverage["disabled_accounts"], coverage["mail_addresses"], coverage["proxy_addresses"]) == (2, 1, 2, 2)
    assert coverage["domains"] == [{"domain": "example.com", "addresses": 2}, {"domain": "old.example.com", "addresses": 1}]


def test_the_trees_that_exist_are_told(controller: Check) -> None:
    assert BASE in check_ldap(controller(base_dn="DC=other,DC=test")).evidence["naming_contexts"]
