# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Directories that lie, drip, flood and hang up: a verdict in time, in little memory, without the password."""

from __future__ import annotations

import json
import sys
import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mimecast.connect.plugins.module_utils._probes.ldap import LdapCheck, check_ldap
from ansible_collections.mimecast.connect.plugins.module_utils._probes.verdict import Verdict

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "extensions" / "sandbox")]
pytest.importorskip("ldap3", reason="the ldap probe needs it")
pytest.importorskip("trustme", reason="trustme makes certificates")

from hostile_ldap import (
    BASE_SHOWN, BIND, BOUND, DONE, ENTRY, EXTENDED, REFERENCE, after, answers, ber, encrypted, entry, floods, message, next_page,
    pages_without_end, result,
)
from hostile_smtp import drips, full_backlog, hangs_up, hostile, says
from mimecast_sandbox.mail_pki import Pki

NAME, PASSWORD = "dc1.example.com", "S3cret+Pass/w0rd"
BASE64 = "UzNjcmV0K1Bhc3MvdzByZA"
TIMEOUT = 0.7
HELD = (BOUND, BASE_SHOWN)
TOO_LARGE = b"\x30\x84\x06\x40\x00\x00"  # announces 100 MB
MANY = b"".join(message(3, entry(b"mail", b"user@d%d.example.com" % number)) for number in range(200))

HOSTILE = {
    "silent": (says(), "reply_timed_out"),
    "hangs up at once": (lambda sock: None, "connection_closed"),
    "hangs up at the bind": (lambda sock: sock.recv(9) and None, "connection_closed"),
    "hangs up at the base": (after((BOUND,), lambda sock: None), "connection_closed"),
    "hangs up at the search": (after(HELD, lambda sock: None), "connection_closed"),
    "hangs up amid an entry": (answers(*HELD, message(3, entry())[:-3]), "reply_timed_out"),
    "drips a bind answer": (drips(b"\x30\x81\x80", 0.05), "reply_timed_out"),
    "drips in the search": (after(HELD, drips(message(3, entry(b"mail", b"a@example.com")), 0.01)), "search_unfinished reply_timed_out"),
    "web server": (says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "not_ldap"),
    "mail server": (says(b"220 mx ESMTP\r\n"), "not_ldap"),
    "noise": (says(bytes(range(256)) * 20), "not_ldap"),
    "an answer of 100 MB": (after((), floods(TOO_LARGE + b"\x04" * 65536)), "not_ldap"),
    "100 MB announced, in the search": (after(HELD, floods(TOO_LARGE + b"\x04" * 65536)), "not_ldap"),
    "length of eight bytes": (answers(b"\x30\x88" + b"\xff" * 8), "not_ldap"),
    "length of no bytes": (answers(b"\x30\x80\x02\x01\x01\x00\x00"), "not_ldap"),
    "empty message": (answers(b"\x30\x00"), "not_ldap"),
    "number of 200 kB": (answers(ber(0x30, ber(0x02, b"\x7f" * 200_000))), "not_ldap"),
    "result of 200 kB": (answers(message(1, ber(BIND, ber(0x0A, b"\x7f" * 200_000), ber(0x04), ber(0x04)))), "not_ldap"),
    "deeply nested": (answers(message(1, ber(BIND, b"\x30\x80" * 1000))), "not_ldap"),
    "parts that are too long": (answers(b"\x30\x0c\x02\x01\x01\x61\x07\x0a\x7f\x00\x04\x00\x04\x00"), "not_ldap"),
    "answer to nobody": (answers(message(77, result(BIND))), "not_ldap"),
    "search answer to a bind": (answers(message(1, result(DONE))), "not_ldap"),
    "entry to a bind": (answers(message(1, entry())), "not_ldap"),
    "notice of disconnection": (answers(message(0, result(EXTENDED, 52))), "connection_closed"),
    "unknown result": (answers(message(1, result(BIND, 123))), "bind_refused"),
    "negative result": (answers(message(1, result(BIND, 0xFF))), "bind_refused"),
    "busy": (answers(message(1, result(BIND, 51))), "directory_busy"),
    "escape sequences": (answers(message(1, result(BIND, 49, b"\x1b[2J\x1b]0;pwned\x07"))), "bind_credentials_wrong"),
    "text that is no UTF-8": (answers(message(1, result(BIND, 49, b"\xff\xfe" * 5000))), "bind_credentials_wrong"),
    "garbage for an entry": (answers(*HELD, message(3, ber(ENTRY, b"\x04\x09no"))), "not_ldap"),
    "values that are none": (answers(*HELD, message(3, ber(ENTRY, ber(0x04), ber(0x30, b"\x02\x01\x01")))), "not_ldap"),
    "garbage for a cookie": (answers(*HELD, message(3, result(DONE), next_page(b"")[:-9] + b"\x00" * 9)), "not_ldap"),
    "entries without end": (after(HELD, floods(MANY)), "search_unfinished"),
    "referrals without end": (after(HELD, floods(message(3, ber(REFERENCE, ber(0x04, b"ldap://x"))) * 999)), "reply_timed_out"),
    "pages without end": (after(HELD, pages_without_end(lambda number: b"")), "reply_timed_out"),
    "no addresses": (answers(*HELD, message(3, entry(b"mail", b"nobody")) + message(3, result(DONE))), None),
    "base entries without end": (after((BOUND,), floods(message(2, entry()) * 999)), "reply_timed_out"),
    "operations error": (answers(BOUND, message(2, result(DONE, 1))), "search_not_allowed"),
    "other domain": (answers(BOUND, message(2, result(DONE, 10))), "base_dn_missing"),
}


def assert_bounded(address: str, **options: Any) -> Verdict:
    settings = {
        "host": NAME, "address": address, "tls": "none", "timeout": TIMEOUT, "username": "cn=a", "password": PASSWORD, "base_dn": "dc=example",
    }
    start = time.monotonic()
    found = check_ldap(LdapCheck(**{**settings, **options}))
    assert time.monotonic() - start <= options.get("timeout", TIMEOUT) + 0.8
    shown = json.dumps(found.as_dict())
    assert len(shown) < 20_000 and found.message.isprintable()
    assert PASSWORD not in shown and BASE64 not in shown
    return found


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile(name: str) -> None:
    script, code = HOSTILE[name]
    with hostile(script) as address:
        found = assert_bounded(address)
    assert found.verdict == "failed" or code is None
    assert code is None or found.code in code.split(), found
    assert "\x1b" not in json.dumps(found.as_dict(), ensure_ascii=False)


def test_nobody_answers() -> None:
    with full_backlog() as address:
        assert assert_bounded(address).code == "connection_timed_out"


def test_every_reason_of_active_directory() -> None:
    reasons = {
        "525": "bind_user_unknown", "52e": "bind_credentials_wrong", "530": "bind_hours", "531": "bind_workstation",
        "532": "bind_password_expired", "533": "bind_account_disabled", "701": "bind_account_expired",
        "773": "bind_password_must_change", "775": "bind_account_locked", "57": "bind_credentials_wrong",
    }
    for data, code in reasons.items():
        text = f"80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, data {data}, v4563\0"
        with hostile(answers(message(1, result(BIND, 49, text.encode())))) as address:
            found = assert_bounded(address)
        assert found.code == code and f"data {data}, v4563;" in found.message


@pytest.mark.parametrize("form", [PASSWORD, PASSWORD.upper(), BASE64, f"x{PASSWORD}y"])
def test_the_password_is_cut_out_of_what_the_server_says(form: str) -> None:
    said = form.encode()
    refused = message(1, result(BIND, 49, b"no: " * 73 + said))
    root = message(3, entry(b"namingContexts", said)) + message(3, result(DONE))
    shown = message(3, entry(b"mail", b"a@" + said, b"a@example.com")) + message(3, result(DONE))
    for parts in ((refused,), (BOUND, message(2, result(DONE, 32, said)), root), (*HELD, shown)):
        with hostile(answers(*parts)) as address:
            found = json.dumps(assert_bounded(address).as_dict())
        assert form.lower() not in found.lower() and PASSWORD[:8].lower() not in found.lower()


STARTTLS = {
    "refused": (answers(message(1, result(EXTENDED, 52, b"no certificate"))), "starttls_refused"),
    "unknown": (answers(message(1, result(EXTENDED, 2))), "tls_not_offered"),
    "injection": (answers(message(1, result(EXTENDED)) + message(2, result(BIND))), "ldap_injection"),
    "garbage for TLS": (answers(message(1, result(EXTENDED)), b"\x00garbage" * 50), "tls_handshake_failed"),
    "TLS unanswered": (answers(message(1, result(EXTENDED))), "tls_handshake_failed"),
    "hangs up": (hangs_up(), "connection_closed"),
}


@pytest.mark.parametrize("name", STARTTLS)
def test_hostile_at_starttls(name: str) -> None:
    script, code = STARTTLS[name]
    with hostile(script) as address:
        found = assert_bounded(address, tls="strict", implicit_tls=False)
    assert (found.verdict, found.code) == ("failed", code) and "bind" not in found.evidence


def test_hostile_inside_tls(tmp_path: Path) -> None:
    pki = Pki(tmp_path, [NAME])
    options = {"tls": "strict", "ca_path": str(pki.ca_path), "timeout": 1.5}
    for action, code in ((floods(b"x" * 4096), "not_ldap"), (after(HELD, floods(MANY)), "search_unfinished"), (says(), "reply_timed_out")):
        with hostile(encrypted(pki.context("good"), action)) as address:
            assert assert_bounded(address, **options).code == code


@pytest.mark.parametrize("name", ["an answer of 100 MB", "entries without end", "result of 200 kB", "referrals without end"])
def test_a_flood_takes_little_memory(name: str) -> None:
    with hostile(HOSTILE[name][0]) as address:
        assert_bounded(address)
        tracemalloc.start()
        try:
            assert_bounded(address, timeout=2)
            _now, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 6 * 1024 * 1024


def test_very_many_domains_take_little_memory() -> None:
    """300,000 domains: the first are told apart, the declared one among the last is not lost, and the rest is counted."""
    entries = b"".join(message(3, entry(b"mail", *(b"a@d%d.example" % (number * 100 + part) for part in range(100)))) for number in range(3000))
    last = message(3, entry(b"mail", b"a@declared.example")) + message(3, result(DONE))
    with hostile(answers(*HELD, entries + last)) as address:
        tracemalloc.start()
        try:
            found = assert_bounded(address, timeout=60, internal_domains=["declared.example"])
            _now, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    coverage = found.evidence["coverage"]
    assert coverage["uncovered"] == [] and coverage["domains_total"] == 10_001 and len(coverage["domains"]) == 50
    assert coverage["addresses_in_further_domains"] == 290_000
    assert peak < 10 * 1024 * 1024
