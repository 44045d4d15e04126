# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The EWS probe against a real HTTPS endpoint and hostile ones; exchangelib and curl look at each case as well."""

from __future__ import annotations

import base64
import gzip
import json
import shutil
import time
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.mimecast.connect.plugins.module_utils._probes.ews import EwsCheck, check_ews
from ansible_collections.mimecast.connect.plugins.module_utils._probes.verdict import Verdict
from case_tables import rows
from conftest import Tenant

pytest.importorskip("trustme", reason="trustme makes the certificates of the endpoint")
import ews_judges
import ews_server
from ews_server import LOCAL, MASTER, PASSWORD, READER, UNKNOWN_MAILBOX, WITHOUT_BOX, Running
from hostile_smtp import CHUNK, Script, drips, floods, full_backlog, hostile, says
from mimecast_sandbox.mail_pki import Pki

ALICE = {"mailbox": "alice@example.com", "impersonate": True}
NOBODY = {"username": None, "password": None, "mailbox": None, "impersonate": False}
TIMEOUT = 0.8
# case of the table -> behaviour of the endpoint, its certificate, and options of the check besides MASTER and ALICE
CASES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "impersonation": ("good", "good", {}),
    "own mailbox": ("good", "good", {"mailbox": None, "impersonate": False}),
    "no credentials": ("good", "good", NOBODY),
    "answer in chunks": ("chunked", "good", {}),
    "Exchange 2010 SP1": ("sp1", "good", {}),
    "Exchange 2010": ("rtm2010", "good", {}),
    "Exchange 2007": ("old2007", "good", {}),
    "version not told": ("untold", "good", {}),
    "user name ends in .local": ("good", "good", {"username": LOCAL}),
    "self-signed, strict": ("good", "self_signed", {}),
    "expired, strict": ("good", "expired", {}),
    "expired, relaxed": ("good", "expired", {"tls": "relaxed"}),
    "wrong name, strict": ("good", "wrong_name", {}),
    "other CA, strict": ("good", "other_ca", {}),
    "other CA, relaxed": ("good", "other_ca", {"tls": "relaxed"}),
    "only NTLM and Negotiate": ("ntlm", "good", {}),
    "401 without a scheme": ("mute", "good", {}),
    "wrong password": ("good", "good", {"password": "wrong"}),
    "forms page": ("forms_page", "good", {}),
    "forms page after the log-in": ("forms_after", "good", {}),
    "forms page with 440": ("forms_timeout", "good", {}),
    "redirect to OWA": ("forms_redirect", "good", {}),
    "redirect to AD FS": ("adfs", "good", {}),
    "redirect elsewhere": ("moved", "good", {}),
    "wrong path": ("missing", "good", {}),
    "forbidden": ("forbidden", "good", {}),
    "service down": ("down", "good", {}),
    "application error": ("crash", "good", {}),
    "another status": ("teapot", "good", {}),
    "no EWS": ("text", "good", {}),
    "unknown mailbox": ("good", "good", {"mailbox": UNKNOWN_MAILBOX}),
    "unknown mailbox, own rights": ("good", "good", {"mailbox": UNKNOWN_MAILBOX, "impersonate": False}),
    "impersonation not allowed": ("good", "good", {"username": READER}),
    "no rights on the mailbox": ("good", "good", {"username": READER, "impersonate": False}),
    "account without a mailbox": ("good", "good", {"username": WITHOUT_BOX, "mailbox": None, "impersonate": False}),
    "server busy": ("busy", "good", {}),
    "several servers": ("wanders", "good", {}),
}
TABLE = {row[0]: row[1:] for row in rows("ews")}
# What exchangelib does not look at.
MORE_THAN_EXCHANGELIB = {"Exchange 2010", "Exchange 2007", "user name ends in .local", "several servers", "expired, relaxed"}


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return Pki(tmp_path_factory.mktemp("pki"), ["mail.example.com"])


@pytest.fixture(scope="module")
def endpoints(pki: Pki) -> Iterator[Running]:
    kinds = sorted({certificate for _behaviour, certificate, _options in CASES.values()} | {"expires_soon"})
    with ews_server.ews({kind: pki.context(kind) for kind in kinds}) as running:
        yield running


@pytest.fixture
def running(endpoints: Running) -> Running:
    """The endpoints, as if nobody had asked them yet."""
    endpoints.log.clear()
    return endpoints


def case_of(name: str, running: Running, pki: Pki) -> EwsCheck:
    behaviour, certificate, options = CASES[name]
    settings = {"ca_path": str(pki.ca_path), "username": MASTER, "password": PASSWORD, **ALICE, **options}
    return EwsCheck(running.url(behaviour, certificate), timeout=5, **settings)


def word(verdict: Verdict) -> str:
    return f"{verdict.verdict} {verdict.code}"


def codes(verdict: Verdict) -> list[str]:
    return [row["code"] for row in verdict.evidence["findings"]]


def test_the_table_has_all_cases() -> None:
    assert list(TABLE) == list(CASES)


@pytest.mark.parametrize("name", CASES)
def test_verdict(running: Running, pki: Pki, name: str) -> None:
    check = case_of(name, running, pki)
    found = check_ews(check)
    assert word(found) == TABLE[name][0], found
    assert found.message.startswith(check.url) and found.message.isprintable()
    shown = json.dumps(found.as_dict())
    for secret in (PASSWORD, base64.b64encode(PASSWORD.encode()).decode(), base64.b64encode(f"{MASTER}:{PASSWORD}".encode()).decode()):
        assert secret not in shown


@pytest.mark.parametrize("name", CASES)
def test_parity_with_exchangelib(running: Running, pki: Pki, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("exchangelib", reason="exchangelib is the judge")
    verdict, theirs, _curl = TABLE[name]
    assert ews_judges.exchangelib_says(case_of(name, running, pki), monkeypatch) == theirs
    ours = verdict in ("ok ok_ews", "degraded ews_local_name", "degraded certificate_expired") or name in MORE_THAN_EXCHANGELIB
    assert ours == (theirs == "opens")


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is the judge")
@pytest.mark.parametrize("name", CASES)
def test_parity_with_curl(running: Running, pki: Pki, name: str) -> None:
    assert ews_judges.curl_says(case_of(name, running, pki)) == TABLE[name][2]


def test_evidence(running: Running, pki: Pki) -> None:
    found = check_ews(case_of("impersonation", running, pki))
    evidence = json.loads(json.dumps(found.evidence))
    assert evidence["auth_offered"] == ["Basic"]
    assert evidence["exchange"] == {"version": "15.2.1544.4", "release": "2019 or Subscription Edition"}
    assert evidence["answers"] == [{"said": "200 NoError", "servers": {"x-feserver": "CAS1", "x-beserver": "MBX1"}}] * 3
    assert evidence["same_server"] is True
    assert evidence["tls"]["protocol"] == "TLSv1.3"
    assert set(evidence["timings_ms"]) == {"resolve", "connect", "tls", "answer", "login"}
    assert codes(found) == ["ok_strict", "ok_basic_offered", "ok_ews"]


def test_only_as_many_log_ins_as_needed(running: Running, pki: Pki) -> None:
    check_ews(case_of("impersonation", running, pki))
    assert running.log == [("good", ""), *[("good", MASTER)] * 3]
    running.log.clear()
    check_ews(case_of("wrong password", running, pki))
    assert running.log == [("good", ""), ("good", "")], "a wrong password is tried once: more may lock the account"
    running.log.clear()
    check_ews(case_of("self-signed, strict", running, pki))
    assert ("good", MASTER) not in running.log, "credentials went to a server that strict does not trust"


def test_servers_without_credentials(running: Running, pki: Pki) -> None:
    settings = {"ca_path": str(pki.ca_path), "timeout": 5}
    found = check_ews(EwsCheck(running.url("wanders"), **settings))
    assert word(found) == "failed ews_affinity" and "CAS1" in found.message and "CAS2" in found.message
    assert running.log == [("wanders", "")] * 3
    alone = check_ews(EwsCheck(running.url("wanders"), connections=1, **settings))
    assert word(alone) == "ok ok_basic_offered" and alone.evidence["same_server"] is None


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [("ntlm_from_2", "ews_basic_not_offered"), ("ntlm_from_3", "ews_answers_differ")],
)
def test_not_every_server_takes_basic(running: Running, pki: Pki, behaviour: str, code: str) -> None:
    settings = {"username": MASTER, "password": PASSWORD, **ALICE}
    found = check_ews(EwsCheck(running.url(behaviour), ca_path=str(pki.ca_path), timeout=5, **settings))
    assert word(found) == f"failed {code}"


def test_name_and_address(running: Running, pki: Pki) -> None:
    """The URL's host names the certificate, the address is where it is looked for."""
    address = f"127.0.0.1:{running.ports['good']}"
    settings = {"address": address, "ca_path": str(pki.ca_path), "timeout": 5}
    found = check_ews(EwsCheck("https://mail.example.com/good/EWS/Exchange.asmx", **settings))
    assert word(found) == "ok ok_basic_offered"
    assert found.message.startswith(f"https://mail.example.com/good/EWS/Exchange.asmx (at {address}) ")
    found = check_ews(EwsCheck("https://owa.example.com/good/EWS/Exchange.asmx", **settings))
    assert word(found) == "failed certificate_name_mismatch"
    soon = {**settings, "address": f"127.0.0.1:{running.ports['expires_soon']}"}
    assert word(check_ews(EwsCheck("https://mail.example.com/good/EWS/Exchange.asmx", **soon))) == "degraded certificate_expires_soon"


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"url": "http://mail.example.com/EWS/Exchange.asmx"}, "url is like https://"),
        ({"url": "https://user:s3cret@mail.example.com/EWS/Exchange.asmx"}, "url is like https://"),
        ({"url": "https://mail.example.com/EWS/Exchange.asmx\r\nX: y"}, "url is like https://"),
        ({"url": "https://mail.example.com:99999/"}, "url is like https://"),
        ({"url": "mail.example.com"}, "url is like https://"),
        ({"tls": "none"}, "tls is one of strict, relaxed"),
        ({"username": "a"}, "username and password go together"),
        ({"username": "a:b", "password": "s3cret"}, "colon"),
        ({"username": "a", "password": "s3cret\r\nx"}, "line breaks"),
        ({"mailbox": "a@example.com"}, "mailbox needs a username"),
        ({"username": "a", "password": "s3cret", "impersonate": True}, "impersonate needs a mailbox"),
        ({"connections": 0}, "connections is a number from 1 to 10"),
    ],
)
def test_a_check_that_makes_no_sense(options: dict[str, Any], reason: str) -> None:
    found = check_ews(EwsCheck(**{"url": "https://mail.example.com/EWS/Exchange.asmx", **options}))
    assert word(found) == "unknown check_invalid"
    assert reason in found.message and "s3cret" not in json.dumps(found.as_dict())


def http(body: bytes, head: bytes = b"200 OK\r\nContent-Type: text/xml") -> bytes:
    return b"HTTP/1.1 " + head + b"\r\nContent-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body


ASKS = http(b"", b"401 Unauthorized\r\nWWW-Authenticate: Basic")
ENVELOPE = b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">'
BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)) + b"]>" + ENVELOPE + b"&j;</s:Envelope>"
OUTSIDE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + ENVELOPE + b"&a;</s:Envelope>"
CLOSED = {"connection_closed", "tls_handshake_failed"}


def pours(start: bytes, chunk: bytes) -> Script:
    """A start, and then the chunk for ever."""

    def script(sock: Any) -> None:
        sock.sendall(start)
        while True:
            sock.sendall(chunk)

    return script


def quits(last: bytes = b"") -> Script:
    return lambda sock: sock.sendall(last)


# What an endpoint does after the handshake; the second part, if any, answers the log-in.
HOSTILE: dict[str, tuple[Script, Script | None, set[str]]] = {
    "silent": (says(), None, {"reply_timed_out"}),
    "hangs up": (quits(), None, CLOSED),
    "garbage": (says(bytes(range(256)) * 9), None, {"not_ews"}),
    "slow drip": (drips(b"HTTP/1.1 401 no\r\n"), None, {"reply_timed_out", "not_ews"}),
    "drip of headers": (drips(b"X: y\r\n", 0.01), None, {"reply_timed_out", "not_ews"}),
    "endless status line": (floods(CHUNK), None, {"not_ews"}),
    "endless header": (pours(b"HTTP/1.1 200 OK\r\nX: ", CHUNK), None, {"not_ews"}),
    "endless headers": (pours(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 500), None, {"not_ews"}),
    "endless 100": (floods(b"HTTP/1.1 100 Continue\r\n\r\n" * 99), None, {"not_ews"}),
    "endless page": (pours(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", CHUNK), None, {"ews_forms_page"}),
    "endless 401": (pours(b"HTTP/1.1 401 no\r\nWWW-Authenticate: NTLM\r\n\r\n", CHUNK), None, {"ews_basic_not_offered"}),
    "bad chunks": (says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), None, {"not_ews"}),
    "cut chunks": (quits(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nx"), None, {"not_ews", "reply_timed_out"}),
    "a page of 10 GB": (says(b"HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\nx"), None, {"reply_timed_out"}),
    "XML bomb": (says(ASKS), says(http(BOMB)), {"not_ews"}),
    "external entity": (says(ASKS), says(http(OUTSIDE)), {"not_ews"}),
    "bomb in UTF-16": (says(ASKS), says(http(BOMB.decode().encode("utf-16"))), {"not_ews"}),
    "deep XML": (says(ASKS), says(http(ENVELOPE + b"<a>" * 50_000)), {"not_ews"}),
    "endless XML": (says(ASKS), pours(b"HTTP/1.1 200 OK\r\n\r\n" + ENVELOPE, b"<a/>" * 999), {"not_ews"}),
    "broken XML": (says(ASKS), says(http(ENVELOPE + b"<a>")), {"not_ews"}),
    "compressed": (says(ASKS), says(http(gzip.compress(b"x"), b"200 OK\r\nContent-Encoding: gzip")), {"not_ews"}),
    "no envelope": (says(ASKS), says(http(b"<a/>")), {"not_ews"}),
    "empty envelope": (says(ASKS), says(http(ENVELOPE + b"</s:Envelope>")), {"not_ews"}),
    "escape sequences": (says(http(b"", b"302 \x1b[2J\r\nLocation: https://x/\x1b[31mno")), None, {"ews_redirected"}),
}


def in_turn(pki: Pki, first: Script, then: Script | None) -> Script:
    """Honest TLS, and the first script for the first connection."""
    context, connections = pki.context("good"), iter([first])

    def script(sock: Any) -> None:
        with context.wrap_socket(sock, server_side=True) as encrypted:
            encrypted.recv(4096)
            (next(connections, None) or then or first)(encrypted)

    return script


def assert_bounded(address: str, pki: Pki, allowed: set[str], **options: Any) -> Verdict:
    settings = {"ca_path": str(pki.ca_path), "username": MASTER, "password": PASSWORD, "timeout": TIMEOUT, **options}
    start = time.monotonic()
    found = check_ews(EwsCheck("https://mail.example.com/EWS/Exchange.asmx", address=address, **settings))
    assert time.monotonic() - start <= settings["timeout"] + 0.5
    assert found.verdict == "failed" and found.code in allowed, found
    shown = json.dumps(found.as_dict(), ensure_ascii=False)
    assert len(shown) < 20_000 and "\x1b" not in shown and PASSWORD not in shown and "root:" not in shown
    return found


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile(pki: Pki, name: str) -> None:
    first, then, allowed = HOSTILE[name]
    with hostile(in_turn(pki, first, then)) as address:
        assert_bounded(address, pki, allowed)


@pytest.mark.parametrize(
    ("script", "allowed"),
    [(script, {"tls_handshake_failed"}) for script in (says(b"HTTP/1.1 400 Bad\r\n\r\n"), says(), drips(b"\x16\x03\x03\x40\x00"))],
    ids=["plain HTTP", "silent", "dripped"],
)
def test_hostile_before_tls(pki: Pki, script: Script, allowed: set[str]) -> None:
    with hostile(script) as address:
        assert_bounded(address, pki, allowed)


def test_nobody_answers(pki: Pki) -> None:
    with full_backlog() as address:
        assert_bounded(address, pki, {"connection_timed_out"})
    with hostile(says()) as address:
        pass
    assert_bounded(address, pki, {"connection_refused"})


@pytest.mark.parametrize("name", ["endless page", "endless headers", "XML bomb", "endless XML"])
def test_a_flood_takes_little_memory(pki: Pki, name: str) -> None:
    first, then, allowed = HOSTILE[name]
    with hostile(in_turn(pki, first, then)) as address:
        assert_bounded(address, pki, allowed)
    with hostile(in_turn(pki, first, then)) as address:
        tracemalloc.start()
        assert_bounded(address, pki, allowed, timeout=3)
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 4 * 1024 * 1024


@pytest.mark.parametrize("place", ["Location: https://x/{0}", "X-FEServer: {0}", "text"])
def test_an_echo_shows_no_password(pki: Pki, place: str) -> None:
    token = base64.b64encode(f"{MASTER}:{PASSWORD}".encode()).decode()
    fault = (ENVELOPE.decode() + "<s:Body><s:Fault><faultstring>no {0}, " + "x" * 240 + " {0}</faultstring><detail>"
             '<e:ResponseCode xmlns:e="http://schemas.microsoft.com/exchange/services/2006/errors">ErrorX{0}</e:ResponseCode></detail>'
             "</s:Fault></s:Body></s:Envelope>")
    for secret in (PASSWORD, token, base64.b64encode(PASSWORD.encode()).decode()):
        status, text = ("302 no\r\n", "") if "Location" in place else ("500 no\r\n", fault.format(secret))
        head = status + ("X: y" if place == "text" else place.format(secret))
        with hostile(in_turn(pki, says(ASKS), says(http(text.encode(), head.encode())))) as address:
            found = assert_bounded(address, pki, {"ews_redirected", "ews_refused", "ews_forms_redirect"})
        shown = json.dumps(found.as_dict())
        assert secret[:6] not in shown and "***" in shown


def test_the_module(tenant: Tenant, running: Running, pki: Pki) -> None:
    check = {"type": "ews", "url": running.url(), "ca_path": str(pki.ca_path), "username": MASTER, "password": PASSWORD, **ALICE}
    result = tenant.call("connectivity_check", checks=[check])
    assert [(one["name"], one["code"]) for one in result["verdicts"]] == [(running.url(), "ok_ews")]
    result = tenant.call("connectivity_check", checks=[{**check, "host": "mail.example.com"}])
    assert "host does not go with type ews" in result["msg"]
    result = tenant.call("connectivity_check", checks=[{"type": "ews"}])
    assert "Check 'number 1': give url" in result["msg"]
    result = tenant.call("connectivity_check", checks=[{"type": "ews", "url": "https://u:s3cret@mail.example.com/"}], **{"assert": True})
    assert result["failed"] and "s3cret" not in json.dumps(result)
