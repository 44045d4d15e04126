# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The mail servers of a domain: MX from a real BIND, servers at several loopback addresses, and a DNS that is down or lies."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.mimecast.connect.plugins.module_utils._jobs import connectivity as _connectivity
from ansible_collections.mimecast.connect.plugins.module_utils._probes.smtp import SmtpCheck, check_smtp
from ansible_collections.mimecast.connect.plugins.module_utils._runner import execute

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "extensions" / "sandbox")]
for library in ("trustme", "dns"):
    pytest.importorskip(library, reason="the certificates and the look-ups need it")

import bind_server
from hostile_dns import answering, hostile_dns, over_tcp, silent, truncated
from hostile_smtp import full_backlog
from mimecast_sandbox.mail_pki import Pki
from slow_mail import slow_mail

NAMES = ["*.acme.test", "mx1.acme.test"]
MANY = 1000
ZONE = """
mx1 A 127.0.0.1
mx2 A 127.0.0.2
mx3 A 127.0.0.3
mx4 A 127.0.0.4
mx5 A 127.0.0.5
text TXT "no address"
www CNAME mx1
one MX 10 mx1
two MX 20 mx1
two MX 10 mx2
bad MX 10 mx1
bad MX 20 mx2
bad MX 30 mx3
dead MX 10 mx4
dead MX 20 mx1
refusing MX 10 mx5
implicit A 127.0.0.1
empty TXT "neither MX nor address"
null MX 0 .
gone MX 10 nowhere
half MX 10 mx1
half MX 20 text
literal MX 10 127.0.0.1.
alias MX 10 www
circle1 CNAME circle2
circle2 CNAME circle1
looping MX 10 circle1
nameless CNAME one
""" + "".join(f"m{number} A 127.0.0.1\nmany MX {number} m{number}\n" for number in range(MANY))

pytestmark = pytest.mark.skipif(bool(bind_server.why_not()), reason=bind_server.why_not() or "-")


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    return Pki(tmp_path_factory.mktemp("pki"), NAMES)


@pytest.fixture(scope="module")
def mail(pki):
    others = {"127.0.0.2": str(pki.pem("self_signed")), "127.0.0.3": ""}
    with slow_mail(str(pki.pem("good")), others=others) as running:
        yield running
    assert running.connections and not running.messages


@pytest.fixture(scope="module")
def dns():
    with bind_server.bind({"acme.test": ZONE}, options="max-records-per-type 0;") as server:
        yield server


@pytest.fixture
def check(dns, mail, pki):
    def run(domain, **options):
        settings = {"domain": domain, "port": mail.port, "resolver": dns.address, "ca_path": str(pki.ca_path), "timeout": 6}
        return check_smtp(SmtpCheck(**{**settings, **options}))

    return run


@pytest.mark.parametrize(
    ("domain", "expected", "codes"),
    [
        ("one", "ok ok_strict", ["ok_strict"]),
        ("two", "failed certificate_self_signed", ["certificate_self_signed", "ok_strict"]),
        ("bad", "failed certificate_self_signed", ["ok_strict", "certificate_self_signed", "tls_not_offered"]),
        ("implicit", "ok ok_strict", ["ok_strict"]),
        ("alias", "ok ok_strict", ["ok_strict"]),
        ("nameless", "ok ok_strict", ["ok_strict"]),
        ("refusing", "failed connection_refused", ["connection_refused"]),
        ("gone", "failed mx_no_address", ["mx_no_address"]),
        ("half", "failed mx_no_address", ["ok_strict", "mx_no_address"]),
        ("literal", "failed mx_is_address", ["mx_is_address"]),
        ("looping", "failed dns_loop", ["dns_loop"]),
        ("empty", "failed no_mail_server", ["no_mail_server"]),
        ("null", "failed takes_no_mail", []),
        ("circle1", "failed dns_loop", []),
        ("nothing", "failed domain_not_found", []),
    ],
)
def test_domains(check, domain, expected, codes):
    name = f"{domain}.acme.test"
    found = check(name)
    assert f"{found.verdict} {found.code}" == expected, found
    assert [row["code"] for row in found.evidence.get("servers", [])] == codes
    assert name in found.message


def test_every_server_is_told_in_the_order_that_dig_shows(check, dns):
    found = check("bad.acme.test", tls="relaxed")
    rows = found.evidence["servers"]
    shown = [f"{row['preference']} {row['host']}." for row in rows]
    assert shown == dns.dig("bad.acme.test", "MX")
    assert [row["evidence"]["peer"].partition(":")[0] for row in rows] == ["127.0.0.1", "127.0.0.2", "127.0.0.3"]
    assert [row["verdict"] for row in rows] == ["ok", "ok", "failed"]
    assert "mx3.acme.test" in found.message
    assert found.as_dict()["verdict"] == "failed"


def test_all_servers_good(check):
    found = check("two.acme.test", tls="relaxed")
    assert (found.verdict, found.code) == ("ok", "ok_domain")
    assert "mx1.acme.test" in found.message and "mx2.acme.test" in found.message
    assert not found.evidence["implicit_mx"] and check("implicit.acme.test").evidence["implicit_mx"]


def test_a_dead_server_leaves_time_for_the_others(check, mail):
    with full_backlog("127.0.0.4", mail.port):
        start = time.monotonic()
        found = check("dead.acme.test", timeout=2)
        assert time.monotonic() - start < 2.5
    assert [row["code"] for row in found.evidence["servers"]] == ["connection_timed_out", "ok_strict"]
    assert found.code == "connection_timed_out"


def test_a_thousand_hosts(check, mail):
    start = time.monotonic()
    found = check("many.acme.test")
    assert time.monotonic() - start < 6.5
    assert (found.verdict, found.code) == ("degraded", "mx_unchecked"), found
    assert found.evidence["mx_total"] == MANY
    assert [row["host"] for row in found.evidence["servers"]] == [f"m{number}.acme.test" for number in range(20)]
    assert "980" in found.message


def test_no_time_left_is_no_verdict(check):
    found = check("many.acme.test", timeout=0.05)
    assert found.verdict in ("unknown", "failed") and len(found.evidence.get("servers", [])) < 20


@pytest.mark.parametrize(
    ("reply", "stream", "code"),
    [
        (silent, None, "resolver_silent"),
        (lambda question: [b"garbage"], None, "resolver_broken"),
        (lambda question: [question[:2] + b"\x85\x80\xff\xff\xff\xff\0\0\0\0" + b"\xff" * 300], None, "resolver_broken"),
        (lambda question: [question[:2] + b"\x85\x85" + question[4:]], None, "resolver_refused"),
        (lambda question: [question[:2] + b"\x85\x82" + question[4:]], None, "dns_unresolved"),
        (truncated, None, "resolver_silent"),
        (truncated, lambda sock: time.sleep(5), "resolver_silent"),
        (truncated, over_tcp(answering(b"\xc0\x0c\x00\x0f\x00\x01\0\0\0\0\x00\x04\x00\x0a\xc0\xff")), "resolver_broken"),
    ],
    ids=["silent", "garbage", "malformed", "refused", "servfail", "no TCP", "silent TCP", "pointer beyond the end"],
)
def test_a_resolver_that_is_no_use(check, reply, stream, code):
    with hostile_dns(reply, stream) as address:
        start = time.monotonic()
        found = check("one.acme.test", resolver=address, timeout=1)
        assert time.monotonic() - start < 1.5
    assert (found.verdict, found.code) == ("unknown", code), found
    assert "one.acme.test" in json.dumps(found.as_dict()) and found.message.isprintable()


def test_a_resolver_that_is_down(check):
    with hostile_dns(silent) as address:
        pass
    assert check("one.acme.test", resolver=address, timeout=1).code == "resolver_silent"


def test_an_answer_that_sends_the_check_elsewhere_is_harmless(check):
    """An MX whose host would break out of a line."""
    with hostile_dns(answering(b"\xc0\x0c\x00\x0f\x00\x01\0\0\0\x10\x00\x0b\x00\x0a\x07a\r\nQUIT\x00")) as address:
        found = check("one.acme.test", resolver=address)
    assert found.verdict == "failed" and found.message.isprintable()
    assert "\\r" not in json.dumps(found.as_dict())


@pytest.mark.parametrize(
    "options",
    [
        {"host": "mx1.acme.test"},
        {"address": "127.0.0.1"},
        {"resolver": "not an address"},
        {"timeout": 0},
        {"recipient": "a@b\r\nDATA"},
        {"tls": "maybe"},
    ],
    ids=str,
)
def test_bad_checks(check, options):
    found = check("one.acme.test", **options)
    assert (found.verdict, found.code) == ("unknown", "check_invalid")


def run_module(**check):
    params = ArgumentSpecValidator(_connectivity.JOB.argument_spec).validate({"checks": [check]}).validated_parameters
    return execute(_connectivity.JOB, params, True)[0]


def test_as_a_task(dns, mail, pki):
    done = run_module(domain="one.acme.test", resolver=dns.address, port=mail.port, ca_path=str(pki.ca_path))
    assert [(one["name"], one["code"]) for one in done["verdicts"]] == [("one.acme.test", "ok_strict")]
    assert "give host or domain" in run_module(tls="relaxed")["msg"]


def test_only_a_domain_needs_dnspython(monkeypatch, mail, pki):
    monkeypatch.setattr(_connectivity, "find_spec", lambda name: None)
    done = run_module(domain="one.acme.test")
    assert done["failed"] and "dnspython" in done["msg"] and "one.acme.test" in done["msg"]
    assert run_module(host="127.0.0.1", port=mail.port, ca_path=str(pki.ca_path))["worst"] == "ok"
