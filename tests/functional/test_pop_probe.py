# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The POP3 probe against Dovecot, with poplib and openssl as judges, and against hostile servers."""

from __future__ import annotations

import base64
import json
import poplib
import re
import shutil
import socket
import ssl
import subprocess
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from ansible_collections.mimecast.connect.plugins.module_utils._probes.pop import PopCheck, check_pop
from ansible_collections.mimecast.connect.plugins.module_utils._probes.verdict import Verdict
from case_tables import rows
from conftest import Tenant

pytest.importorskip("trustme", reason="trustme makes the certificates of the servers")
import pop_server
from hostile_smtp import drips, floods, full_backlog, hangs_up, hostile, says
from mimecast_sandbox.mail_pki import Pki
from pop_server import MESSAGES, PASSWORD, USER, Running

NAME = "pop.example.com"
TIMEOUT = 0.5
CERTIFICATES = ("good", "self_signed", "expired", "not_yet_valid", "wrong_name", "other_ca", "expires_soon")
# case of the table -> behaviour of the server and options of the check
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "trusted certificate": ("good", {}),
    "trusted certificate, POP3S": ("good", {"implicit_tls": True}),
    "wrong password": ("good", {"password": "wrong"}),
    "self-signed": ("self_signed", {}),
    "self-signed, POP3S": ("self_signed", {"implicit_tls": True}),
    "expired": ("expired", {}),
    "not yet valid": ("not_yet_valid", {}),
    "wrong name": ("wrong_name", {}),
    "other CA": ("other_ca", {}),
    "no STLS": ("no_tls", {}),
    "no clear-text log-in": ("no_clear_login", {}),
}
TABLE = rows("pop")


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return Pki(tmp_path_factory.mktemp("pki"), [NAME])


@pytest.fixture(scope="module")
def dovecot(pki: Pki) -> Iterator[Running]:
    if pop_server.why_not():
        pytest.skip(pop_server.why_not())
    with pop_server.dovecot({kind: pki.pem(kind) for kind in CERTIFICATES}) as running:
        yield running
        sessions = running.sessions()
        assert sessions and all(re.match(rf"top=0/0, retr=0/0, del=0/{MESSAGES}, ", one) for one in sessions), sessions


def check_of(dovecot: Running, pki: Pki, behaviour: str, **options: Any) -> PopCheck:
    address = dovecot.address(behaviour, options.get("implicit_tls", False))
    settings = {"address": address, "ca_path": str(pki.ca_path), "username": USER, "password": PASSWORD, "timeout": 5}
    return PopCheck(NAME, **{**settings, **options})


def word(verdict: Verdict) -> str:
    return f"{verdict.verdict} {verdict.code}"


def test_the_table_has_all_cases() -> None:
    assert {row[0] for row in TABLE} == set(CASES)


@pytest.mark.parametrize("row", TABLE, ids=" ".join)
def test_verdict_and_parity(dovecot: Running, pki: Pki, row: list[str]) -> None:
    case, mode, verdict, poplib_says, openssl_says = row
    behaviour, options = CASES[case]
    check = check_of(dovecot, pki, behaviour, tls=mode, **options)
    found = check_pop(check)
    assert word(found) == verdict, found
    assert NAME in found.message and PASSWORD not in json.dumps(found.as_dict())
    assert poplib_opinion(check) == poplib_says
    assert openssl_opinion(check) == openssl_says
    opened = "mailbox" in found.evidence
    assert opened == (poplib_says == f"{MESSAGES} messages")


def poplib_opinion(check: PopCheck) -> str:
    """How many messages Python's own client sees, or the name of its exception."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(check.ca_path)
    if check.tls != "strict":
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    where, _colon, port = str(check.address).partition(":")
    client: Any = None
    try:
        client = poplib.POP3(where, int(port), timeout=5) if not check.implicit_tls else _Pop3s(where, int(port), context)
        client.host = NAME  # the name that its STLS verifies
        if not check.implicit_tls and check.tls != "none":
            client.stls(context)
        client.user(check.username)
        client.pass_(check.password)
        return f"{client.stat()[0]} messages"
    except (poplib.error_proto, OSError) as error:
        return type(error).__name__
    finally:
        with suppress(OSError, AttributeError):
            client.close()


class _Pop3s(poplib.POP3_SSL):
    """POP3S to an address, with the certificate verified for NAME."""

    def __init__(self, where: str, port: int, context: ssl.SSLContext) -> None:
        self._where = where
        super().__init__(NAME, port, timeout=5, context=context)

    def _create_socket(self, timeout: float) -> ssl.SSLSocket:
        sock = socket.create_connection((self._where, self.port), timeout)
        return self.context.wrap_socket(sock, server_hostname=NAME)


def openssl_opinion(check: PopCheck) -> str:
    """What openssl's client says of chain, dates and name."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is the judge")
    command = ["openssl", "s_client", "-connect", str(check.address), "-servername", NAME, "-verify_hostname", NAME, "-CAfile", str(check.ca_path)]
    done = subprocess.run(command if check.implicit_tls else [*command, "-starttls", "pop3"],
                          input="QUIT\r\n", capture_output=True, text=True, timeout=15, check=False)
    found = re.findall(r"Verif(?:y return code|ication error): (?:\d+ \()?([^)\n]*)", done.stdout)
    return found[-1].lower() if found and "BEGIN CERTIFICATE" in done.stdout else "no TLS"


def test_evidence(dovecot: Running, pki: Pki) -> None:
    evidence = json.loads(json.dumps(check_pop(check_of(dovecot, pki, "good")).evidence))
    assert evidence["mailbox"]["messages"] == MESSAGES and evidence["mailbox"]["bytes"] > 0
    assert "STLS" in evidence["capabilities"] and "STLS" not in evidence["capabilities_tls"]
    assert evidence["greeting"].startswith("Dovecot")
    assert [one["code"] for one in evidence["findings"]] == ["ok_strict", "ok_mailbox"]
    assert set(evidence["timings_ms"]) == {"resolve", "connect", "greeting", "stls", "login"}
    refused = check_pop(check_of(dovecot, pki, "good", password="wrong"))
    assert "[AUTH] Authentication failed" in refused.message and refused.evidence["login"]["command"] == "PASS"


def test_without_credentials(dovecot: Running, pki: Pki) -> None:
    alone = {"username": None, "password": None}
    assert word(check_pop(check_of(dovecot, pki, "good", **alone))) == "ok ok_strict"
    assert word(check_pop(check_of(dovecot, pki, "good", tls="none", **alone))) == "ok ok_pop"
    assert word(check_pop(check_of(dovecot, pki, "expires_soon", **alone))) == "degraded certificate_expires_soon"
    assert word(check_pop(check_of(dovecot, pki, "good", implicit_tls=False, address=dovecot.address("good", True), timeout=TIMEOUT))) \
        == "failed greeting_timed_out"


def test_ports() -> None:
    assert [PopCheck(NAME).port, PopCheck(NAME, implicit_tls=True).port, PopCheck(NAME, port=1100, implicit_tls=True).port] == [110, 995, 1100]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"tls": "maybe"}, "tls is one of strict, relaxed, none"),
        ({"username": USER}, "username and password go together"),
        ({"username": USER, "password": "s3cret\r\nDELE 1"}, "line breaks"),
        ({"port": 0}, "a port is a number"),
    ],
)
def test_a_check_that_makes_no_sense(options: dict[str, Any], reason: str) -> None:
    found = check_pop(PopCheck(NAME, **options))
    assert word(found) == "unknown check_invalid"
    assert reason in found.message and "s3cret" not in found.message


HI, CAPA, CAPA_TLS = b"+OK hi\r\n", b"+OK\r\nUSER\r\n.\r\n", b"+OK\r\nUSER\r\nSTLS\r\n.\r\n"
HOSTILE: dict[str, tuple[Any, set[str]]] = {
    "silent": (says(), {"greeting_timed_out"}),
    "slow drip": (drips(b"+OK hello\r\n", 0.2), {"greeting_timed_out", "reply_timed_out"}),
    "drip without a line": (drips(b"+"), {"greeting_timed_out"}),
    "endless line": (floods(b"+OK " + b"x" * 4096), {"not_pop"}),
    "mail server": (says(b"220 mx ESMTP\r\n"), {"not_pop"}),
    "noise": (says(bytes(range(256))), {"not_pop"}),
    "escape sequences": (says(b"-ERR \x1b[2J\x1b]0;pwned\x07\r\n"), {"pop_turned_away"}),
    "hangs up": (hangs_up(), {"connection_closed"}),
    "turned away": (says(b"-ERR [SYS/TEMP] too many connections\r\n"), {"pop_turned_away"}),
    "CAPA unanswered": (says(HI), {"reply_timed_out"}),
    "CAPA unknown": (says(HI, b"-ERR what\r\n"), {"stls_not_offered"}),
    "CAPA without end": (floods(b"+OK\r\n" + b"X\r\n" * 99, HI), {"not_pop"}),
    "CAPA of 10,000 lines": (says(HI, b"+OK\r\n" + b"X\r\n" * 10_000), {"not_pop"}),
    "no STLS": (says(HI, CAPA), {"stls_not_offered"}),
    "STLS refused": (says(HI, CAPA_TLS, b"-ERR no\r\n"), {"stls_refused"}),
    "STLS unanswered": (says(HI, CAPA_TLS), {"reply_timed_out"}),
    "injection": (says(HI, CAPA_TLS, b"+OK go\r\n+OK injected\r\n"), {"stls_injection"}),
    "injection of one byte": (says(HI, CAPA_TLS, b"+OK go\r\n+"), {"stls_injection"}),
    "garbage for TLS": (says(HI, CAPA_TLS, b"+OK go\r\n", b"\x00garbage" * 50), {"tls_handshake_failed"}),
    "TLS unanswered": (says(HI, CAPA_TLS, b"+OK go\r\n"), {"tls_handshake_failed"}),
    "hangs up at STLS": (hangs_up(HI, CAPA_TLS), {"connection_closed"}),
}
# In clear text, since what TLS would carry is the same.
LOGIN = {"tls": "none", "username": USER, "password": PASSWORD}
AT_LOGIN: dict[str, tuple[Any, str]] = {
    "USER refused": (says(HI, CAPA, b"-ERR no\r\n"), "failed pop_login_refused"),
    "too soon": (says(HI, CAPA_TLS, b"+OK\r\n", b"-ERR [LOGIN-DELAY] wait\r\n"), "degraded pop_login_deferred"),
    "busy": (says(HI, CAPA_TLS, b"+OK\r\n", b"-ERR [SYS/TEMP] wait\r\n"), "degraded pop_login_deferred"),
    "in use": (says(HI, CAPA_TLS, b"+OK\r\n", b"-ERR [in-use] locked\r\n"), "degraded mailbox_in_use"),
    "STAT refused": (says(HI, CAPA, b"+OK\r\n", b"+OK\r\n", b"-ERR no\r\n"), "failed stat_refused"),
    "STAT of words": (says(HI, CAPA, b"+OK\r\n", b"+OK\r\n", b"+OK many\r\n"), "failed stat_refused"),
    "STAT without end": (says(HI, CAPA, b"+OK\r\n", b"+OK\r\n", b"+OK " + b"9" * 5000), "failed not_pop"),
    "garbage for PASS": (says(HI, CAPA, b"+OK\r\n", b"you said " + PASSWORD.encode() + b"\r\n"), "failed not_pop"),
    "hangs up at PASS": (hangs_up(HI, CAPA, b"+OK\r\n"), "failed connection_closed"),
}


def assert_bounded(address: str, **options: Any) -> Verdict:
    start = time.monotonic()
    found = check_pop(PopCheck(NAME, address=address, **{"timeout": TIMEOUT, **options}))
    assert time.monotonic() - start <= options.get("timeout", TIMEOUT) + 0.5
    shown = json.dumps(found.as_dict(), ensure_ascii=False)
    assert len(shown) < 20_000 and "\x1b" not in shown and PASSWORD not in shown and found.message.isprintable()
    return found


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile(name: str) -> None:
    script, codes = HOSTILE[name]
    with hostile(script) as address:
        found = assert_bounded(address)
    assert found.verdict == "failed" and found.code in codes, found


@pytest.mark.parametrize("name", AT_LOGIN)
def test_hostile_at_the_log_in(name: str) -> None:
    script, expected = AT_LOGIN[name]
    with hostile(script) as address:
        found = assert_bounded(address, **LOGIN)
    assert word(found) == expected, found


def test_nobody_answers() -> None:
    with full_backlog() as address:
        assert assert_bounded(address).code == "connection_timed_out"


@pytest.mark.parametrize("secret", [PASSWORD, base64.b64encode(PASSWORD.encode()).decode(), base64.b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode()])
def test_an_echo_shows_no_password(secret: str) -> None:
    filler = "x" * 470  # so that the reply is shortened within the second echo
    refusal = f"-ERR you said {secret} {filler} {secret}\r\n".encode()
    with hostile(says(HI, CAPA, b"+OK\r\n", refusal)) as address:
        shown = json.dumps(assert_bounded(address, **LOGIN).as_dict())
    assert secret[:6] not in shown and "you said ***" in shown


def test_a_password_is_not_sent_where_it_is_refused_in_clear_text() -> None:
    heard: list[bytes] = []

    def listens(sock: Any) -> None:
        sock.sendall(HI)
        heard.append(sock.recv(4096))
        sock.sendall(b"+OK\r\nSTLS\r\n.\r\n")
        heard.append(sock.recv(4096))

    with hostile(listens) as address:
        assert assert_bounded(address, **LOGIN).code == "clear_login_disabled"
    assert b"".join(heard) in (b"CAPA\r\n", b"CAPA\r\nQUIT\r\n")


def test_a_flood_takes_little_memory() -> None:
    with hostile(floods(b"+OK\r\n" + b"X\r\n" * 99, HI)) as address:
        assert_bounded(address)
        tracemalloc.start()
        assert_bounded(address, timeout=2)
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 4 * 1024 * 1024


def test_the_module(tenant: Tenant, dovecot: Running, pki: Pki) -> None:
    check = {"type": "pop", "host": NAME, "implicit_tls": True, "address": dovecot.address("good", True), "ca_path": str(pki.ca_path),
             "username": USER, "password": PASSWORD}
    result = tenant.call("connectivity_check", checks=[check])
    assert [(one["name"], one["code"], one["evidence"]["mailbox"]["messages"]) for one in result["verdicts"]] == [(NAME, "ok_mailbox", MESSAGES)]
    result = tenant.call("connectivity_check", checks=[{**check, "recipient": "a@example.com"}])
    assert "recipient does not go with type pop" in result["msg"]
