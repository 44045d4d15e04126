# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The SMTP probe against real servers, hostile ones, and Postfix's own opinion."""

from __future__ import annotations

import json
import os
import ssl
import sys
import time
import tracemalloc
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from ansible_collections.mimecast.connect.plugins.module_utils._probes import tls
from ansible_collections.mimecast.connect.plugins.module_utils._probes.net import ProbeFailure
from ansible_collections.mimecast.connect.plugins.module_utils._probes.run import run_checks
from ansible_collections.mimecast.connect.plugins.module_utils._probes.smtp import SmtpCheck, check_smtp

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "extensions" / "sandbox")]
pytest.importorskip("aiosmtpd", reason="the real mail servers are aiosmtpd")
pytest.importorskip("trustme", reason="trustme makes the certificates of the mail servers")

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hostile_smtp import drips, encrypted_then, floods, full_backlog, hangs_up, hostile, says, starttls_then
from mimecast_sandbox.mail_control import MailServers
from mimecast_sandbox.mail_pki import Pki

NAME = "mx1.acme.example"
TIMEOUT = 0.5
GREETING, EHLO, EHLO_TLS = b"220 mx ESMTP\r\n", b"250-mx\r\n250 SIZE\r\n", b"250-mx\r\n250 STARTTLS\r\n"


@pytest.fixture(scope="module")
def mail():
    with MailServers(names=[NAME, "mx1.globex.example"]) as servers:
        yield servers
        assert servers.received() == {"total": 0, "servers": {}}, "a probe sent mail"


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    return Pki(tmp_path_factory.mktemp("pki"), [NAME])


def check(mail, server, **options):
    settings = {"host": NAME, "address": mail.address(server), "ca_path": mail.ca, "timeout": 5}
    return check_smtp(SmtpCheck(**{**settings, "implicit_tls": server == "implicit_tls", **options}))


@pytest.mark.parametrize(
    ("server", "strict", "relaxed", "none"),
    [
        ("trusted", "ok ok_strict", "ok ok_relaxed", "ok ok_plain"),
        ("tls_required", "ok ok_strict", "ok ok_relaxed", "ok ok_plain"),
        ("implicit_tls", "ok ok_strict", "ok ok_relaxed", "ok ok_relaxed"),
        ("self_signed", "failed certificate_self_signed", "ok ok_relaxed", "ok ok_plain"),
        ("other_ca", "failed certificate_untrusted", "ok ok_relaxed", "ok ok_plain"),
        ("wrong_name", "failed certificate_name_mismatch", "ok ok_relaxed", "ok ok_plain"),
        ("expired", "failed certificate_expired", "degraded certificate_expired", "ok ok_plain"),
        ("expires_soon", "degraded certificate_expires_soon", "degraded certificate_expires_soon", "ok ok_plain"),
        ("not_yet_valid", "failed certificate_not_yet_valid", "degraded certificate_not_yet_valid", "ok ok_plain"),
        ("no_tls", "failed tls_not_offered", "failed tls_not_offered", "degraded tls_not_offered"),
        ("tls10_only", "failed tls_version_too_old", "failed tls_version_too_old", "ok ok_plain"),
    ],
)
def test_verdict_per_server_and_mode(mail, server, strict, relaxed, none):
    for mode, expected in (("strict", strict), ("relaxed", relaxed), ("none", none)):
        found = check(mail, server, tls=mode)
        assert f"{found.verdict} {found.code}" == expected, (mode, found)
        assert NAME in found.message


@pytest.mark.parametrize(
    ("server", "options", "expected", "reply"),
    [
        ("trusted", {}, "ok ok_strict", 250),
        ("trusted", {"tls": "none", "sender": "probe@globex.example"}, "ok ok_plain", 250),
        ("self_signed", {"tls": "relaxed"}, "ok ok_relaxed", 250),
        ("refuses_recipients", {}, "failed recipient_refused", 550),
        ("refuses_recipients", {"recipient": "postmaster@acme.example"}, "ok ok_strict", 250),
        ("defers_recipients", {}, "degraded recipient_deferred", 451),
        ("tls_required", {"tls": "none"}, "failed tls_required", 530),
        ("expired", {}, "failed certificate_expired", None),
        ("trusted", {"recipient": None, "refused_recipient": "bob@acme.example"}, "failed takes_anything", None),
        ("defers_recipients", {"recipient": None, "refused_recipient": "bob@acme.example"}, "degraded refusal_deferred", None),
        ("defers_recipients", {"recipient": None, "relay_recipient": "bob@globex.example"}, "degraded relay_deferred", None),
    ],
)
def test_recipient(mail, server, options, expected, reply):
    found = check(mail, server, **{"recipient": "alice@acme.example", **options})
    assert f"{found.verdict} {found.code}" == expected, found
    assert found.evidence.get("rcpt", {}).get("code") == reply


def test_evidence(mail):
    found = check(mail, "wrong_name", tls="relaxed", recipient="alice@acme.example").as_dict()
    evidence = json.loads(json.dumps(found["evidence"]))
    address = mail.address("wrong_name")
    assert evidence["peer"] == address
    assert evidence["addresses"] == [{"address": address, "result": "connected"}]
    assert evidence["greeting"] == f"{NAME} ESMTP sandbox"
    assert "STARTTLS" in evidence["capabilities"]
    assert "STARTTLS" not in evidence["capabilities_tls"]
    assert evidence["tls"] == {"protocol": "TLSv1.3", "cipher": "TLS_AES_256_GCM_SHA384", "bits": 256, "aes256_capable": True}
    assert evidence["certificate"]["names"] == ["mail.elsewhere.example"]
    assert evidence["certificate"]["problems"] == ["certificate_name_mismatch"]
    assert evidence["verification"]["code"] == "certificate_name_mismatch"
    assert evidence["rcpt"] == {"command": "RCPT", "code": 250, "text": "2.1.5 Ok"}
    assert set(evidence["timings_ms"]) == {"resolve", "connect", "greeting", "starttls", "inspect", "rcpt"}


def test_the_host_may_be_an_address_or_a_name_with_umlauts(mail):
    port = mail.port("trusted")
    assert check_smtp(SmtpCheck("127.0.0.1", port=port, ca_path=mail.ca)).code == "ok_strict"
    assert check_smtp(SmtpCheck("localhost", port=port, ca_path=mail.ca)).code == "ok_strict"
    assert "xn--mnchen-3ya" not in check(mail, "trusted", host="m\u00fcnchen.example").message
    assert check(mail, "trusted", host="m\u00fcnchen.example").code == "certificate_name_mismatch"


def test_the_system_roots_do_not_know_the_test_ca(mail):
    assert check(mail, "trusted", ca_path=None).code == "certificate_untrusted"


def test_relaxed_does_without_trusted_roots(mail, monkeypatch):
    def empty(_ca_path):
        raise ProbeFailure("no_trusted_roots", reason="it is empty")

    monkeypatch.setattr(tls, "strict_context", empty)
    assert check(mail, "trusted", ca_path=None, tls="relaxed").code == "ok_relaxed"
    assert check(mail, "trusted", ca_path=None).code == "no_trusted_roots"


def test_every_problem_is_named_when_there_are_several(mail):
    found = check(mail, "expired", host="mx9.other.example", tls="relaxed")
    assert found.evidence["certificate"]["problems"] == ["certificate_expired", "certificate_name_mismatch"]


def test_warn_days(mail):
    assert check(mail, "expires_soon", warn_days=5).code == "ok_strict"
    assert check(mail, "expires_soon").evidence["certificate"]["days_left"] in (9, 10)


def test_plain_port_spoken_to_with_implicit_tls_and_the_reverse(mail):
    assert check(mail, "trusted", implicit_tls=True).code == "tls_handshake_failed"
    found = check(mail, "implicit_tls", implicit_tls=False, timeout=TIMEOUT)
    assert found.code == "greeting_timed_out"


def test_nobody_listens():
    with hostile(says(GREETING)) as address:
        pass
    assert check_smtp(SmtpCheck(NAME, address=address, timeout=2)).code == "connection_refused"


def test_nobody_answers():
    with full_backlog() as address:
        assert_bounded(address, {"connection_timed_out"})


def test_name_without_address():
    assert check_smtp(SmtpCheck("mx1.acme.invalid", timeout=5)).code in ("name_not_found", "name_resolution_failed")


def test_checks_run_side_by_side_in_order(mail):
    with hostile(says()) as silent:
        checks = [SmtpCheck(f"mx{n}.acme.example", address=silent, timeout=TIMEOUT) for n in range(8)]
        checks.insert(3, SmtpCheck(NAME, address=mail.address("trusted"), ca_path=mail.ca))
        start = time.monotonic()
        found = run_checks(checks, workers=9)
        assert time.monotonic() - start < 2 * TIMEOUT
    codes = ["greeting_timed_out"] * 8
    codes.insert(3, "ok_strict")
    assert [one.code for one in found] == codes
    assert all(one.message.startswith(check.host) for one, check in zip(found, checks))


HOSTILE = {
    "silent": (says(), {"greeting_timed_out"}),
    "slow drip": (drips(b"220-hello\r\n"), {"greeting_timed_out"}),
    "drip without a line": (drips(b"2"), {"greeting_timed_out"}),
    "endless line": (floods(b"220 " + b"x" * 4096), {"not_smtp"}),
    "endless banner": (floods(b"220-hello\r\n" * 300), {"not_smtp"}),
    "web server": (says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), {"not_smtp"}),
    "ssh server": (says(b"SSH-2.0-OpenSSH_9.2\r\n"), {"not_smtp"}),
    "noise": (says(bytes(range(256))), {"not_smtp"}),
    "escape sequences": (says(b"220 \x1b[2J\x1b]0;pwned\x07\r\n", b"554 \x1b[31mno\r\n"), {"ehlo_refused"}),
    "hangs up": (hangs_up(), {"connection_closed"}),
    "hangs up at EHLO": (hangs_up(GREETING), {"connection_closed"}),
    "busy": (says(b"421 4.7.0 Too many connections\r\n"), {"service_unavailable"}),
    "turned away": (says(b"554 5.7.1 Client host rejected\r\n"), {"service_unavailable"}),
    "greets with 250": (says(b"250 hello\r\n"), {"not_smtp"}),
    "EHLO unanswered": (says(GREETING), {"reply_timed_out"}),
    "EHLO of 10,000 lines": (says(GREETING, b"250-X\r\n" * 10_000), {"not_smtp"}),
    "EHLO without end": (floods(b"250-STARTTLS\r\n" * 99, GREETING), {"not_smtp"}),
    "EHLO refused": (says(GREETING, b"502 no\r\n"), {"ehlo_refused"}),
    "no STARTTLS": (says(GREETING, EHLO), {"tls_not_offered"}),
    "STARTTLS refused": (says(GREETING, EHLO_TLS, b"454 4.7.0 TLS not available\r\n"), {"starttls_refused"}),
    "STARTTLS unanswered": (says(GREETING, EHLO_TLS), {"reply_timed_out"}),
    "hangs up at STARTTLS": (hangs_up(GREETING, EHLO_TLS), {"connection_closed"}),
    "injection": (says(GREETING, EHLO_TLS, b"220 go\r\n250-injected\r\n"), {"starttls_injection"}),
    "injection of one byte": (says(GREETING, EHLO_TLS, b"220 go\r\n2"), {"starttls_injection"}),
    "garbage for TLS": (says(GREETING, EHLO_TLS, b"220 go\r\n", b"\x00garbage" * 50), {"tls_handshake_failed"}),
    "TLS unanswered": (says(GREETING, EHLO_TLS, b"220 go\r\n"), {"tls_handshake_failed"}),
    "TLS hung up": (starttls_then(lambda sock: sock.recv(9) and None), {"tls_handshake_failed"}),
    "TLS dripped": (starttls_then(drips(b"\x16\x03\x03\x40\x00", 0.05)), {"tls_handshake_failed", "starttls_injection"}),
}


def assert_bounded(address, codes, **options):
    start = time.monotonic()
    found = check_smtp(SmtpCheck(**{"host": NAME, "address": address, "timeout": TIMEOUT, **options}))
    assert time.monotonic() - start <= options.get("timeout", TIMEOUT) + 0.5
    assert found.verdict == "failed"
    assert found.code in codes, found
    shown = json.dumps(found.as_dict())
    assert len(shown) < 20_000
    assert found.message.isprintable()
    return found


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile(name):
    script, codes = HOSTILE[name]
    with hostile(script) as address:
        found = assert_bounded(address, codes)
    assert "\x1b" not in json.dumps(found.as_dict(), ensure_ascii=False)


def test_injection_that_comes_a_moment_later():
    """Not in the segment of the 220, but before the handshake can have begun: detected, or fatal for the handshake."""

    def late(sock):
        sock.sendall(b"250 injected\r\n")

    with hostile(starttls_then(late)) as address:
        assert_bounded(address, {"starttls_injection", "tls_handshake_failed"})


@pytest.mark.parametrize(
    ("action", "codes"),
    [
        (floods(b"250-STARTTLS\r\n" * 99), {"not_smtp"}),
        (drips(b"250-X\r\n"), {"reply_timed_out"}),
        (says(b"HTTP/1.1 200 OK\r\n"), {"not_smtp"}),
        (lambda sock: None, {"connection_closed"}),
    ],
    ids=["flood", "drip", "web server", "hangs up"],
)
def test_hostile_inside_tls(pki, action, codes):
    with hostile(encrypted_then(pki.context("good"), action)) as address:
        assert_bounded(address, codes, ca_path=str(pki.ca_path), timeout=1)


def test_a_flood_takes_little_memory():
    with hostile(floods(b"220-hello\r\n" * 300)) as address:
        check_smtp(SmtpCheck(NAME, address=address, timeout=2))
        tracemalloc.start()
        check_smtp(SmtpCheck(NAME, address=address, timeout=2))
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 4 * 1024 * 1024


def test_a_certificate_with_very_many_names(tmp_path):
    context = many_names(tmp_path, 5_000)
    with hostile(encrypted_then(context, says(EHLO))) as address:
        found = assert_bounded(address, {"certificate_self_signed"}, timeout=3)
        assert found.evidence["certificate"]["names_total"] == 5_000
        assert len(found.evidence["certificate"]["names"]) == 50
    with hostile(encrypted_then(many_names(tmp_path, 10_000), says(EHLO))) as address:
        # OpenSSL's own limit for a chain is 100 KB, so depending on the names the handshake fails instead.
        assert_bounded(address, {"certificate_self_signed", "tls_handshake_failed"}, timeout=3)


def many_names(folder, count):
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(timezone.utc)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "many")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(1), now + timedelta(90))
    names = [x509.DNSName(f"n{index}.example") for index in range(count)]
    certificate = builder.add_extension(x509.SubjectAlternativeName(names), False).sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / f"many{count}.pem"
    path.write_bytes(private + certificate.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def test_the_servers_end_with_their_context():
    with MailServers(only=["no_tls"]) as servers:
        folder, pid = Path(servers.ca).parent, servers.pid
        assert os.stat(servers._state_file).st_mode & 0o777 == 0o600
    assert not folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
