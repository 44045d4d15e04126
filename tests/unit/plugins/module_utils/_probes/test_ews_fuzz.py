# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever an EWS endpoint answers, and however a check is written, there is a verdict with a sentence and plain evidence."""

from __future__ import annotations

import base64
import json
import socket
from unittest import mock

import pytest
from ansible_collections.mimecast.connect.plugins.module_utils._probes import net, tls
from ansible_collections.mimecast.connect.plugins.module_utils._probes.ews import EwsCheck, check_ews
from ansible_collections.mimecast.connect.plugins.module_utils._probes.ews_http import Answer
from ansible_collections.mimecast.connect.plugins.module_utils._probes.ews_soap import question, read_answer
from ansible_collections.mimecast.connect.plugins.module_utils._probes.text import without
from ansible_collections.mimecast.connect.plugins.module_utils._probes.verdict import CODES

hypothesis = pytest.importorskip("hypothesis", reason="answers are generated")
from hypothesis import given, settings
from hypothesis import strategies as st

SECRET = "s3cretPa55"
SOAP = (b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types" '
        b'xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages"><s:Header><t:ServerVersionInfo MajorVersion="15" '
        b'MinorVersion="2" MajorBuildNumber="1" MinorBuildNumber="2"/></s:Header><s:Body><m:ResponseCode>NoError</m:ResponseCode></s:Body></s:Envelope>')
PARTS = [b"HTTP/1.1 401 no\r\n", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 302 x\r\n", b"HTTP/1.1 500 x\r\n", b"HTTP/1.1 100 x\r\n\r\n",
         b"WWW-Authenticate: Basic\r\n", b"Location: /owa/auth\r\n",
         b"Transfer-Encoding: chunked\r\n", b"Content-Length: -1\r\n", b"Content-Length: 9\r\n", b"\r\n", b"5\r\nhello\r\n0\r\n\r\n",
         b"X-FEServer: " + SECRET.encode() + b"\r\n", b"<!DOCTYPE a>", SOAP]
servers = st.lists(st.sampled_from(PARTS) | st.binary(max_size=20), max_size=10).map(b"".join)
words = st.text(max_size=20) | st.from_regex(r"https://[a-z0-9.:@\[\]/?%-]{0,20}", fullmatch=True)


class Plain:
    """Stands for a session whose socket is not encrypted: what is generated here comes after the handshake."""

    certificate = None
    protocol = "TLSv1.3"

    def __init__(self, sock):
        self.sock = sock

    def describe(self):
        return {}


def assert_sound(verdict):
    assert verdict.code in CODES
    assert verdict.code != "probe_error", verdict
    assert verdict.message.isprintable()
    assert len(json.dumps(verdict.as_dict())) < 40_000


@settings(max_examples=300, deadline=None)
@given(servers, servers)
def test_any_server(first, then):
    said, far_ends = iter([first]), []

    def connect(_addresses, _deadline, tried):
        near, far = socket.socketpair()
        far.sendall(next(said, then))
        far.shutdown(socket.SHUT_WR)
        far_ends.append(far)
        tried.append({"address": "192.0.2.1:443", "result": "connected"})
        return near

    check = EwsCheck("https://192.0.2.1/EWS/Exchange.asmx", username="a@b", password=SECRET, timeout=2)
    roots = mock.patch.object(tls, "strict_context", lambda _path: None)
    with mock.patch.object(net, "connect", connect), mock.patch.object(tls, "handshake", lambda sock, *_rest: Plain(sock)), roots:
        found = check_ews(check)
    for far in far_ends:
        far.close()
    assert_sound(found)
    assert SECRET not in json.dumps(found.as_dict())


@settings(max_examples=100, deadline=None)
@given(words, words, words, words, words)
def test_any_check(url, address, username, password, mailbox):
    def refuse(*_args):
        raise ConnectionRefusedError(111, "refused")

    found_addresses = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 443))]
    look_up = mock.patch.object(socket, "getaddrinfo", return_value=found_addresses)
    with look_up, mock.patch.object(net, "_connect_one", refuse):
        found = check_ews(EwsCheck(url, address=address or None, username=username, password=password, mailbox=mailbox, timeout=2))
    assert_sound(found)
    assert found.code in ("check_invalid", "host_name_invalid", "connection_refused"), found


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(SOAP)), st.binary(max_size=8), st.integers(0, 8))
def test_damaged_soap(position, inserted, removed):
    try:
        spoken = read_answer(SOAP[:position] + inserted + SOAP[position + removed:])
    except ValueError:
        return
    assert isinstance(spoken.code, str)


def test_sound_soap():
    spoken = read_answer(SOAP)
    assert (spoken.code, spoken.version, spoken.release, spoken.too_old) == ("NoError", (15, 2, 1, 2), "2019 or Subscription Edition", False)


@pytest.mark.parametrize(("version", "old"), [((8, 3), True), ((14, 0), True), ((14, 1), False), ((15, 0), False), ((16, 0), False)])
def test_versions(version, old):
    text = SOAP.replace(b'"15"', b'"%d"' % version[0]).replace(b'MinorVersion="2"', b'MinorVersion="%d"' % version[1])
    assert read_answer(text).too_old is old


def test_a_mailbox_cannot_break_out_of_the_question():
    asked = question("a<b>&@example.com", impersonate=True)
    assert b"a&lt;b&gt;&amp;@example.com" in asked
    assert b"Mailbox>" not in asked and b"ExchangeImpersonation" in asked


@pytest.mark.parametrize(
    ("values", "schemes"),
    [
        (["Negotiate", "NTLM", 'Basic realm="mail"'], ["Negotiate", "NTLM", "Basic"]),
        (["Negotiate, NTLM"], ["Negotiate", "NTLM"]),
        (['Basic realm="a", Bearer client_id="x", trusted_issuers="y@*"'], ["Basic", "Bearer"]),
        (['Digest nonce="x", qop="Basic, auth"'], ["Digest"]),
        (["NTLM TlRMTVNTUAAC"], ["NTLM"]),
        ([""], []),
        ([], []),
    ],
)
def test_schemes(values, schemes):
    assert Answer(401, {"www-authenticate": values}, b"").schemes() == schemes


@pytest.mark.parametrize("shape", ["{0}", "x{0}y", "{0}{0}"])
def test_secrets_are_cut_out(shape):
    for form in (SECRET, SECRET.upper(), base64.b64encode(SECRET.encode()).decode(), "p%26q"):
        assert form not in without(shape.format(form), [SECRET, "p&q"])
    assert without("nothing here", [""]) == "nothing here"
