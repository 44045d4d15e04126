# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Our evaluation of SPF against pyspf's, for every SPF record of the table of cases, at the same resolver."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

dns = pytest.importorskip("dns", reason="the evaluation is fed by dnspython")
spf = pytest.importorskip("spf", reason="pyspf is the judge")

import bind_server
import dns.exception
import dns.resolver
from ansible_collections.mimecast.connect.plugins.module_utils._dns.lookup import Resolver
from ansible_collections.mimecast.connect.plugins.module_utils._dns.spf_evaluate import evaluate
from dns_cases import CASES, DOMAINS, ZONES

pytestmark = pytest.mark.skipif(bool(bind_server.why_not()), reason=bind_server.why_not())
SPF_CASES = [name for name, case in CASES.items() if case.options.get("records") == ["spf"]]
STRANGER = "233.252.0.1"  # in no record, so that pyspf walks as far as we do
REFUSALS = {"permerror", "temperror", "none"}
REVERSE = {"252.233.in-addr.arpa": "1.0 PTR mx.vendor.test.", "100.51.198.in-addr.arpa": "", "113.0.203.in-addr.arpa": ""}


@pytest.fixture(scope="module")
def cache() -> Iterator[bind_server.Dns]:
    with bind_server.bind({**ZONES, **REVERSE}) as authority, bind_server.resolver(authority) as found:
        yield found


@pytest.fixture
def judge(cache: bind_server.Dns, monkeypatch: pytest.MonkeyPatch) -> Any:
    """pyspf's query for (address, domain), with all its questions going to our resolver."""
    asked = dns.resolver.Resolver(configure=False)
    asked.nameservers, asked.port, asked.lifetime = ["127.0.0.1"], cache.port, 5

    def look_up(name: str, kind: str, *_more: Any, **_options: Any) -> list[Any]:
        try:
            answer = asked.resolve(name.rstrip("."), kind, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except dns.exception.DNSException as error:
            raise spf.TempError(str(error)) from error
        return [((name, kind), _value(record, kind)) for record in answer]

    monkeypatch.setattr(spf, "DNSLookup", look_up)
    return lambda address, domain: spf.query(address, "somebody@" + domain, "client.test", strict=True, timeout=10)


def _value(record: Any, kind: str) -> Any:
    if kind in ("TXT", "SPF"):
        return tuple(record.strings)
    return (record.preference, record.exchange.to_text(True)) if kind == "MX" else record.to_text()


@pytest.mark.parametrize("name", SPF_CASES)
def test_pyspf_agrees(cache: bind_server.Dns, judge: Any, name: str) -> None:
    ours = evaluate(DOMAINS[name], Resolver([("127.0.0.1", cache.port)], lambda: 5).ask)
    query = judge(STRANGER, DOMAINS[name])
    result = query.check()[0]
    assert (result in REFUSALS) == bool(ours.problems), (result, ours.problems)
    if ours.problems:
        return
    assert (query.lookups, query.void_lookups) == (ours.lookups, ours.voids)
    assert result == {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral", "": "neutral"}[ours.end]
    for network in ours.networks:
        for address in (network[0], network[-1]):
            assert judge(str(address), DOMAINS[name]).check()[0] == "pass", address
