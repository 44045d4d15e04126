# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The SMTP probe against a real Postfix with a real Dovecot for its log-ins; posttls-finger and smtplib have a say."""

from __future__ import annotations

import base64
import json
import smtplib
import ssl
import sys
import time
from pathlib import Path

import pytest
from ansible_collections.mimecast.connect.plugins.module_utils._probes.smtp import SmtpCheck, check_smtp

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "extensions" / "sandbox")]
pytest.importorskip("trustme", reason="the certificates are made with it")

import case_tables
import postfix_listeners
import sasl_server
from hostile_smtp import encrypted_then, hostile
from mimecast_sandbox.mail_pki import Pki
from postfix_listeners import LEVELS
from sasl_server import PASSWORD, USER

NAME = "mx1.acme.example"
WHY_NOT = postfix_listeners.why_not() or sasl_server.why_not()
CASES = case_tables.rows("smtp")
ELEVEN = {"good", "self_signed", "expired", "not_yet_valid", "wrong_host", "other_ca", "no_starttls", "tls10_only", "tls_required", "implicit_tls", "auth"}
TRUST = {"may": {"Verified", "Trusted", "Untrusted", "no TLS"}, "encrypt": {"Verified", "Trusted", "Untrusted"}, "secure": {"Verified"}}

pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "-")


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    return Pki(tmp_path_factory.mktemp("pki"), [NAME])


@pytest.fixture(scope="module")
def mail(pki):
    """Postfix; in the end no check has sent anything, and a message would have been seen."""
    with sasl_server.sasl() as socket, postfix_listeners.postfix(pki, socket) as running:
        yield running
        assert running.mail_seen() == []
        with smtplib.SMTP("127.0.0.1", running.ports["good"]) as client:
            client.sendmail("", ["alice@acme.example"], "Subject: seen\r\n\r\n")
        time.sleep(0.2)
        assert running.mail_seen(), "this Postfix shows no traces of mail, so that there are none proves nothing"


@pytest.fixture
def check(mail, pki):
    def run(listener, **options):
        settings = {"host": NAME, "address": mail.address(listener), "ca_path": str(pki.ca_path), "timeout": 8}
        return check_smtp(SmtpCheck(**{**settings, "implicit_tls": listener == "implicit_tls", **options}))

    return run


@pytest.fixture
def client(mail, pki):
    """An independent client on an encrypted connection to a listener."""
    opened = []

    def connect(listener):
        context = ssl.create_default_context(cafile=str(pki.ca_path))
        context.check_hostname = False
        opened.append(smtplib.SMTP("127.0.0.1", mail.ports[listener], timeout=8))
        opened[-1].starttls(context=context)
        opened[-1].ehlo()
        return opened[-1]

    yield connect
    for one in opened:
        one.close()


@pytest.mark.parametrize(("listener", "mode", "expected", "opinion"), CASES, ids=[f"{case[0]}-{case[1]}" for case in CASES])
def test_parity(mail, pki, check, listener, mode, expected, opinion):
    found, level = check(listener, tls=mode), LEVELS[mode]
    theirs = mail.judge(listener, level, NAME, str(pki.ca_path))
    assert theirs == opinion
    assert f"{found.verdict} {found.code}" == expected, found
    assert (found.verdict in ("ok", "degraded")) == (theirs in TRUST[level])


def test_the_table_holds_every_listener_in_every_mode():
    shown = {(case[0], case[1]) for case in CASES}
    assert shown >= {(listener, mode) for listener in ELEVEN for mode in LEVELS}
    assert ELEVEN <= set(postfix_listeners.LISTENERS)


# --- AES-256


def test_a_server_without_aes256(check):
    found = check("aes128_only")
    assert found.evidence["tls"]["aes256_capable"] is False
    assert "AES128" in found.evidence["tls"]["cipher"] and found.evidence["tls"]["cipher"] in found.message
    assert found.evidence["certificate"]["problems"] == []


def test_a_server_that_merely_likes_aes128_better(pki):
    context = pki.context("good")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE
    context.set_ciphers("ECDHE+AES128:ECDHE+AES256")
    with hostile(encrypted_then(context, lambda sock: sock.sendall(b"250-mx\r\n250 SIZE\r\n") or sock.recv(99))) as address:
        found = check_smtp(SmtpCheck(NAME, address=address, ca_path=str(pki.ca_path), timeout=5))
    assert (found.verdict, found.code) == ("ok", "ok_strict")
    assert "AES128" in found.evidence["tls"]["cipher"] and found.evidence["tls"]["aes256_capable"] is True


# --- recipients


@pytest.mark.parametrize(
    ("listener", "options", "expected", "reply"),
    [
        ("good", {"recipient": "alice@acme.example"}, "ok ok_strict", 250),
        ("good", {"recipient": "nobody@acme.example"}, "failed recipient_refused", 550),
        ("good", {"refused_recipient": "nobody@acme.example"}, "ok ok_recipient_refused", 550),
        ("good", {"refused_recipient": "alice@acme.example"}, "failed takes_anything", 250),
        ("good", {"refused_recipient": "nobody@globex.example"}, "degraded refused_otherwise", 554),
        ("good", {"relay_recipient": "carol@globex.example"}, "ok ok_relay_refused", 554),
        ("open_relay", {"relay_recipient": "carol@globex.example"}, "failed open_relay", 250),
        ("tls_required", {"relay_recipient": "carol@globex.example", "tls": "none"}, "failed tls_required", 530),
    ],
)
def test_recipients(check, client, listener, options, expected, reply):
    found = check(listener, **options)
    assert f"{found.verdict} {found.code}" == expected, found
    (purpose, address), = [(name, value) for name, value in options.items() if name != "tls"]
    key = {"recipient": "rcpt", "refused_recipient": "rcpt_refused", "relay_recipient": "rcpt_relay"}[purpose]
    assert found.evidence[key]["code"] == reply
    if listener != "tls_required":
        judge = client(listener)
        judge.mail("")
        assert judge.rcpt(address)[0] == reply


def test_all_at_once_and_each_is_told(check):
    found = check("good", recipient="alice@acme.example", refused_recipient="nobody@acme.example", relay_recipient="carol@globex.example")
    assert found.verdict == "ok"
    assert [one["code"] for one in found.evidence["findings"]] == ["ok_strict", "ok_relay_refused", "ok_recipient_refused"]


# --- the log-in


def test_a_log_in(check, client):
    client("auth").login(USER, PASSWORD)
    found = check("auth", username=USER, password=PASSWORD, relay_recipient="carol@globex.example")
    assert (found.verdict, found.code) == ("ok", "ok_auth"), found
    auth = found.evidence["auth"]
    assert (auth["mechanism"], auth["code"], set(auth["mechanisms"])) == ("PLAIN", 235, {"PLAIN", "LOGIN"})
    assert found.evidence["rcpt_relay"]["code"] == 554, "relaying is asked for as a stranger"
    assert PASSWORD not in json.dumps(found.as_dict())


def test_what_a_user_may_is_asked_after_the_log_in(check):
    assert check("auth", username=USER, password=PASSWORD, recipient="carol@globex.example").code == "ok_auth"
    assert check("auth", recipient="carol@globex.example").code == "recipient_refused"


def test_login_where_there_is_no_plain(check):
    found = check("auth_login", username=USER, password=PASSWORD)
    assert (found.code, found.evidence["auth"]["mechanism"]) == ("ok_auth", "LOGIN"), found
    assert check("auth_login", username=USER, password="wrong").code == "auth_refused"


def test_a_wrong_password(check, client):
    with pytest.raises(smtplib.SMTPAuthenticationError) as theirs:
        client("auth").login(USER, "another password")
    found = check("auth", username=USER, password="another password", tls="relaxed")
    assert (found.verdict, found.code) == ("failed", "auth_refused")
    assert found.evidence["auth"]["code"] == theirs.value.smtp_code == 535
    assert "authentication failed" in found.message and USER in found.message
    assert "another password" not in json.dumps(found.as_dict())


def test_no_log_in_is_offered(check):
    found = check("good", username=USER, password=PASSWORD)
    assert (found.verdict, found.code) == ("failed", "auth_not_offered")


def test_no_password_in_clear_text(mail, check):
    log = mail.folder / "maillog"
    before = log.read_text()
    found = check("auth", username=USER, password=PASSWORD, tls="none")
    assert (found.verdict, found.code) == ("unknown", "auth_needs_tls")
    assert log.read_text() == before, "it connected"


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
@pytest.mark.parametrize("code", [b"535", b"454", b"421", b"334", b"not a reply:"])
def test_a_server_that_repeats_what_it_was_told(pki, mechanism, code):
    def echo(sock):
        sock.sendall(f"250-mx\r\n250 AUTH {mechanism}\r\n".encode())
        while told := sock.recv(4096):
            words = told.strip()
            if words == b"AUTH LOGIN":
                sock.sendall(b"334 VXNlcm5hbWU6\r\n")
                continue
            try:
                plain = base64.b64decode(words.split()[-1])
            except ValueError:
                plain = b""
            sock.sendall(code + b" you said " + words + b" which is " + plain.replace(b"\0", b" ") + b"\r\n")

    with hostile(encrypted_then(pki.context("good"), echo)) as address:
        found = check_smtp(SmtpCheck(NAME, address=address, ca_path=str(pki.ca_path), username=USER, password=PASSWORD, timeout=3))
    shown = json.dumps(found.as_dict())
    for secret in (PASSWORD, f"\0{USER}\0{PASSWORD}"):
        assert secret not in shown
        assert base64.b64encode(secret.encode()).decode().rstrip("=") not in shown
    assert found.verdict != "ok" and found.code != "probe_error"
    expected = {b"535": "auth_refused", b"454": "auth_deferred", b"421": "service_unavailable", b"334": "auth_refused"}
    assert found.code == expected.get(code, "not_smtp"), found
