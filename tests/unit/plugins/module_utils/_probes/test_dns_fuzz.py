# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever the DNS says, and however a check is written, there is a verdict with a sentence and plain evidence."""

from __future__ import annotations

import json
from itertools import cycle
from unittest import mock

import pytest

dns = pytest.importorskip("dns", reason="the dns probe needs dnspython")
hypothesis = pytest.importorskip("hypothesis", reason="the probe is tested with generated answers")
import dns.message
import dns.query
from ansible_collections.mimecast.connect.plugins.module_utils._dns import authority, lookup
from ansible_collections.mimecast.connect.plugins.module_utils._dns.lookup import Answer
from ansible_collections.mimecast.connect.plugins.module_utils._probes.dns import DnsCheck, check_dns
from ansible_collections.mimecast.connect.plugins.module_utils._probes.verdict import CODES
from hypothesis import given, settings
from hypothesis import strategies as st

PARTS = ["mx", "spf", "verification", "dkim", "dmarc"]
STATUSES = ["found", "found", "found", "nodata", "nxdomain", "loop", "servfail", "refused", "broken", "silent"]
WORDS = st.sampled_from([
    "v=spf1", "V=DKIM1", "v=DKIM1;", "v=DMARC1;", "p=none", "p=", "p=QUJD", ";", "t=y", "include:acme.test", "redirect=a.test", "exists:%{i}", "a/24", "mx",
    "-all", "+all", "ptr", "ip4:192.0.2.1", "ip6:::", "token", '"', "\\", "k=", "=", "pct=1000", "rua=x",
])
TEXTS = st.lists(WORDS | st.text(max_size=8), max_size=8).map(" ".join) | st.text(max_size=300)
HOSTS = st.sampled_from(["mx.test", ".", "192.0.2.1", "eu-smtp-inbound-1.mimecast.com", "eu-smtp-outbound-1.mimecast.com", "xn--", "\\000.test", "a" * 70])


def assert_sound(verdict):
    assert verdict.code in CODES and verdict.code != "probe_error", verdict
    assert verdict.message.isprintable()
    assert len(json.dumps(verdict.as_dict())) < 100_000


@st.composite
def answers(draw, kind):
    status = draw(st.sampled_from(STATUSES))
    values = {"TXT": TEXTS, "MX": st.tuples(st.integers(0, 65535), HOSTS), "A": st.just("192.0.2.1"), "AAAA": st.just("2001:db8::1")}.get(kind, HOSTS)
    records = draw(st.lists(values, min_size=1, max_size=4)) if status == "found" else ()
    aliases = draw(st.lists(HOSTS, max_size=2))
    zone = draw(st.sampled_from(["", "test", "."]))
    return Answer(status, tuple(records), draw(st.integers(0, 2**31)), draw(HOSTS), tuple(aliases), "192.0.2.53:53", draw(st.booleans()), zone)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_any_answer(data):
    said = {kind: cycle(data.draw(st.lists(answers(kind), min_size=1, max_size=4))) for kind in ("TXT", "MX", "A", "AAAA", "NS", "CNAME")}

    def ask(_server, _name, kind, _left, recursive=True):
        return next(said[kind])

    check = DnsCheck(
        "acme.test", region="eu", verification_token="token", dkim_selector="s1", dkim_record="p=QUJD", dmarc=True, old_mx=["mx.test"], resolver="192.0.2.53",
        authoritative=data.draw(st.booleans()), timeout=5,
    )
    with mock.patch.object(lookup, "ask", ask), mock.patch.object(authority, "ask", ask):
        assert_sound(check_dns(check))


def test_zones_in_a_circle():
    """Negative answers whose SOA records name each other's zones."""
    def ask(_server, name, _kind, _left, recursive=True):
        return Answer("nodata", name=name, server="192.0.2.53:53", zone="test" if name == "." else ".")

    with mock.patch.object(lookup, "ask", ask), mock.patch.object(authority, "ask", ask):
        assert_sound(check_dns(DnsCheck("acme.test", region="eu", resolver="192.0.2.53", authoritative=True, timeout=5)))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=120), st.sampled_from([b"\x84\x00", b"\x80\x00", b"\x84\x03", b"\x82\x00"]), st.integers(0, 3), st.sampled_from(PARTS))
def test_any_datagram(tail, flags, count, part):
    """Sections of random bytes behind a valid header and question."""
    def exchange(query, _server, _left):
        wire = query.to_wire()
        end = wire.index(b"\0", 12) + 5
        header = wire[:2] + flags + b"\0\1" + count.to_bytes(2, "big") + b"\0\0\0\0"
        return dns.message.from_wire(header + wire[12:end] + tail, ignore_trailing=True)

    check = DnsCheck("acme.test", region="eu", records=[part], verification_token="token", dkim_selector="s1", resolver="192.0.2.53", timeout=5)
    with mock.patch.object(lookup, "_exchange", exchange):
        assert_sound(check_dns(check))


texts = st.text(max_size=30) | st.from_regex(r"[a-z0-9.:@\[\]*%-]{0,20}", fullmatch=True)


@settings(max_examples=100, deadline=None)
@given(texts, texts, st.lists(texts, max_size=2), texts, texts, texts, texts, st.lists(texts, max_size=1), st.dictionaries(texts, texts, max_size=1))
def test_any_check(domain, region, hosts, include, token, selector, resolver, records, nameservers):
    silent = mock.Mock(return_value=Answer("silent"))
    with mock.patch.object(lookup, "ask", silent), mock.patch.object(authority, "ask", silent):
        assert_sound(check_dns(DnsCheck(
            domain, region or None, hosts, hosts, include or None, token or None, selector or None, token or None, True, records, resolver or "192.0.2.1",
            True, nameservers, 5)))
