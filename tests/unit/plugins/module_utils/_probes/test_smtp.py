# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names, addresses, time limits, and input that no server ever sees."""

from __future__ import annotations

import errno
import json
import socket
import time

import pytest
from ansible_collections.mimecast.connect.plugins.module_utils._probes import net
from ansible_collections.mimecast.connect.plugins.module_utils._probes.net import Deadline, ProbeFailure
from ansible_collections.mimecast.connect.plugins.module_utils._probes.run import run_checks
from ansible_collections.mimecast.connect.plugins.module_utils._probes.smtp import SmtpCheck, check_smtp
from ansible_collections.mimecast.connect.plugins.module_utils._probes.smtp_recipient import mail_path


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("MX1.Acme.Example.", "mx1.acme.example"),
        ("m\u00fcnchen.example", "xn--mnchen-3ya.example"),
        ("_dmarc.acme.example", "_dmarc.acme.example"),
        ("2001:db8::1", "2001:db8::1"),
        ("192.0.2.1", "192.0.2.1"),
    ],
)
def test_to_alabel(host, expected):
    assert net.to_alabel(host) == expected


@pytest.mark.parametrize(
    "host", ["", ".", "a..b", "a b", "a\r\nb", "a\x00b", "x" * 64, "x." * 200, "\u00fc" * 70, "mx/1", "a:25"], ids=ascii
)
def test_to_alabel_refuses(host):
    with pytest.raises(ProbeFailure) as failure:
        net.to_alabel(host)
    assert failure.value.code == "host_name_invalid"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("192.0.2.1", ("192.0.2.1", 25)),
        ("192.0.2.1:2525", ("192.0.2.1", 2525)),
        ("[2001:db8::1]:2525", ("2001:db8::1", 2525)),
        ("[2001:db8::1]", ("2001:db8::1", 25)),
        ("2001:db8::1", ("2001:db8::1", 25)),
        ("localhost:2525", ("localhost", 2525)),
    ],
)
def test_split_address(text, expected):
    assert net.split_address(text, 25) == expected
    assert net.split_address(net.join_address(*expected), 25) == expected


@pytest.mark.parametrize("text", ["h:0", "h:65536", "h:x", "h:-1", "[::1", "[::1]25", "h:\u0662"])
def test_split_address_refuses(text):
    with pytest.raises(ProbeFailure) as failure:
        net.split_address(text, 25)
    assert failure.value.code == "check_invalid"


@pytest.mark.parametrize(
    ("error", "code", "verdict"),
    [
        (socket.gaierror(socket.EAI_NONAME, "unknown"), "name_not_found", "failed"),
        (socket.gaierror(socket.EAI_AGAIN, "try again"), "name_resolution_failed", "unknown"),
    ],
)
def test_resolver_errors(monkeypatch, error, code, verdict):
    def fail(*_args, **_kwargs):
        raise error

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    found = check_smtp(SmtpCheck("mx1.acme.example"))
    assert (found.verdict, found.code) == (verdict, code)


def test_a_silent_resolver_is_left_alone(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: time.sleep(1.5))
    start = time.monotonic()
    assert check_smtp(SmtpCheck("mx1.acme.example", timeout=0.3)).code == "name_resolution_failed"
    assert time.monotonic() - start < 0.8


@pytest.mark.parametrize(
    ("errors", "code"),
    [
        ([errno.ENETUNREACH], "network_unreachable"),
        ([errno.EHOSTUNREACH, errno.ECONNREFUSED], "connection_refused"),
        ([errno.ENETUNREACH, errno.ETIMEDOUT], "connection_timed_out"),
        ([errno.EPERM], "network_unreachable"),
    ],
)
def test_connect_tells_the_address_that_could_be_reached(monkeypatch, errors, code):
    remaining = iter(errors)

    def fail(*_args):
        raise OSError(next(remaining), "reason")

    monkeypatch.setattr(net, "_connect_one", fail)
    tried = []
    with pytest.raises(ProbeFailure) as failure:
        net.connect([(socket.AF_INET, ("192.0.2.1", 25))] * len(errors), Deadline(1), tried)
    assert failure.value.code == code
    assert len(tried) == len(errors)


@pytest.mark.parametrize("address", ["", "postmaster", "a.b+c@acme.example", "x@[192.0.2.1]", "o'hara@acme.example"])
def test_mail_path_keeps(address):
    assert mail_path(address) == address


@pytest.mark.parametrize(
    "address", ["a b@c", "a>@c", "a\r\nDATA@c", "@c", "a@c\r\nDATA", "x" * 65 + "@c", "\u00fc@c", "a@[1]2", "a@"], ids=ascii
)
def test_mail_path_refuses(address):
    with pytest.raises(ProbeFailure):
        mail_path(address)


@pytest.mark.parametrize(
    "options",
    [
        {"tls": "maybe"},
        {"port": 0},
        {"timeout": 0},
        {"timeout": float("nan")},
        {"timeout": float("inf")},
        {"helo": "a\r\nRSET"},
        {"recipient": "a@b\r\nDATA"},
        {"sender": "a b@c"},
        {"address": "h:x"},
        {"ca_path": "/does/not/exist"},
        {"port": "25"},
        {"host": None},
        {"address": 7},
    ],
    ids=str,
)
def test_bad_checks_are_unknown_and_connect_to_nothing(monkeypatch, options):
    def refuse(*_args):
        raise AssertionError("it connected")

    monkeypatch.setattr(net, "_connect_one", refuse)
    found = check_smtp(SmtpCheck(**{"host": "localhost", "timeout": 1, **options}))
    assert found.verdict == "unknown"
    assert found.code in ("check_invalid", "no_trusted_roots", "probe_error")
    json.dumps(found.as_dict())


def test_run_checks_answers_in_order_and_survives_strangers():
    found = run_checks([SmtpCheck("a..b"), "no check", SmtpCheck("localhost", port=0)], workers=2)
    assert [one.code for one in found] == ["host_name_invalid", "probe_error", "check_invalid"]
    assert run_checks([]) == []
