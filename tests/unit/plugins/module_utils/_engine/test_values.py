# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Canonical forms: what is equal becomes the same, what is canonical stays, nonsense is refused with a sentence."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

import pytest
from ansible_collections.mimecast.connect.plugins.module_utils._engine import values

hypothesis = pytest.importorskip("hypothesis", reason="hypothesis is not installed")
st = pytest.importorskip("hypothesis.strategies")

SAME = [
    (values.domain, "Example.COM.", "example.com"),
    (values.domain, "b\u00fccher.Example", "xn--bcher-kva.example"),
    (values.host, "MX1.example.com", "mx1.example.com"),
    (values.host, " 198.51.100.7 ", "198.51.100.7"),
    (values.host, "mx-1.1and1.example", "mx-1.1and1.example"),
    (values.address, "Post.Master@B\u00fccher.example", "post.master@xn--bcher-kva.example"),
    (values.cidr, "198.51.100.7", "198.51.100.7/32"),
    (values.cidr, "2001:DB8::/32", "2001:db8::/32"),
    (values.date, "2030-01-31T23:59:59+0000", "2030-01-31"),
    (values.number, "1,000", 1000),
    (values.name, "  Headquarters ", "Headquarters"),
    (values.port, "25", 25),
]
WRONG = [
    (values.domain, "", "not a domain name"),
    (values.domain, "-a.example", "not a domain name"),
    (values.domain, "a..example", "not a domain name"),
    (values.domain, "a" * 64 + ".example", "not a domain name"),
    (values.domain, ".".join(["abcdefghi"] * 26), "not a domain name"),
    (values.domain, "stra\u00dfe.example", "xn-- form"),
    (values.domain, "@example.com", "without @"),
    (values.host, "2001:db8::1", "IPv6"),
    (values.host, "mx1.example.com:25", "port goes into its own option"),
    (values.host, "198.51.100.256", "not an IPv4 address"),
    (values.host, "1.2.3", "not an IPv4 address"),
    (values.address, "example.com", "not a mail address"),
    (values.address, "a b@example.com", "not a mail address"),
    (values.cidr, "198.51.100.7/24", "198.51.100.0/24"),
    (values.cidr, "everywhere", "not a network"),
    (values.date, "31.01.2030", "not a day"),
    (values.date, "2030-02-30", "not a day"),
    (values.date, "2030-01-31 or so", "not a day"),
    (values.domain, "mx.\u2488com", "not a domain name"),
    (values.host, "https://mx1.example.com", "bare host name"),
    (values.name, " ", "empty"),
    (values.name, "x" * 256, "at most 255"),
    (values.text, "a\nb", "control characters"),
    (values.port, 0, "1 to 65535"),
    (values.port, 65536, "1 to 65535"),
]


@pytest.mark.parametrize("form, given, wanted", SAME)
def test_canonical(form: Callable, given: object, wanted: object) -> None:
    assert form(given) == wanted
    assert form(form(given)) == wanted


@pytest.mark.parametrize("form, given, sentence", WRONG)
def test_refused(form: Callable, given: object, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        form(given)


@pytest.mark.parametrize("form", [values.domain, values.host, values.address, values.cidr, values.date, values.name])
@hypothesis.settings(max_examples=200, deadline=None)
@hypothesis.given(given=st.text(max_size=80))
def test_any_text_is_canonical_or_refused(form: Callable, given: str) -> None:
    try:
        found = form(given)
    except ValueError as error:
        assert str(error)
    else:
        assert form(found) == found


@hypothesis.given(address=st.ip_addresses(), length=st.integers(0, 32))
def test_networks_keep_their_meaning(address: ipaddress.IPv4Address, length: int) -> None:
    network = ipaddress.ip_network((address, length), strict=False)
    assert ipaddress.ip_network(values.cidr(str(network))) == network
