# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What mail_dns_records_info tells, mail_dns_records brings back: BIND is the judge."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytest.importorskip("dns", reason="the module needs dnspython")

import bind_server
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.mimecast.connect.plugins.module_utils._dns import update as update_module
from ansible_collections.mimecast.connect.plugins.module_utils._runner import execute
from ansible_collections.mimecast.connect.plugins.modules.mail_dns_records_info import JOB
from bind_server import Dns
from mail_dns import ACME, call, refused, serving, to

pytestmark = pytest.mark.skipif(bool(bind_server.why_not()), reason=bind_server.why_not())
ZONES = {
    "acme.test": '@ 77 MX 5 mx.vendor.test.\n@ 77 MX 6 mx2.vendor.test.\n@ TXT "v=spf1 mx" " -all"\n@ TXT "\\000\\255" "a;b\\"c\\\\"\n',
    "bare.test": "",
    "two.test": '@ 99 TXT "v=spf1 -all"\n@ 99 TXT "v=spf1 mx ~all"\n',
}
DOMAINS = [*ZONES]


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(update_module, "LOOKS", (0.0, 0.05, 0.1))


def told(**options: Any) -> dict[str, Any]:
    checked = ArgumentSpecValidator(JOB.argument_spec, **JOB.rules).validate(json.loads(json.dumps(options)))
    assert not checked.error_messages, checked.error_messages
    return execute(JOB, checked.validated_parameters, True)[0]


def whole(server: Dns) -> dict[str, list[str]]:
    return {zone: server.records(zone) for zone in ZONES}


def back(rrsets: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: one[name] for name in ("name", "type", "ttl", "records")} for one in rrsets]


def test_records_come_back_as_they_were() -> None:
    with serving(ZONES) as (server, cache):
        where = to(server, cache)
        before = whole(server)
        record = told(domains=DOMAINS, resolver=cache.address, nameservers={f"ns1.{zone}": server.address for zone in ZONES})["rrsets"]
        assert record == told(domains=DOMAINS, **where)["rrsets"]
        assert [(one["type"], one["ttl"], one["records"]) for one in record[:2]] == [
            ("MX", 77, ["5 mx.vendor.test.", "6 mx2.vendor.test."]), ("TXT", 300, ['"\\000\\255" "a;b\\"c\\\\"', '"v=spf1 mx" " -all"'])]
        assert [one["records"] for one in record[2:4]] == [[], []]

        restore = back(record)
        assert not call(restore=restore, **where)["changed"], "nothing to do yet"
        call(domains=[{"name": "acme.test", "verification_token": "4f1c09be7a2d3"}, {"name": "bare.test"}], region="eu", mx="replace", spf=True, **where)
        server.update("two.test", "delete two.test. TXT", 'add two.test. 60 TXT "v=spf1 ?all"', "add two.test. 60 MX 1 mx1.two.test.",
                      "add mx1.two.test. 60 A 127.0.0.1")
        server.update("acme.test", "delete acme.test. MX", "add acme.test. 600 MX 5 mx.vendor.test.", "add acme.test. 600 MX 9 mx9.vendor.test.")
        after = whole(server)
        assert all(after[zone] != before[zone] for zone in ZONES)

        predicted = call(True, restore=restore, **where)
        assert predicted["changed"] and whole(server) == after
        done = call(restore=restore, **where)
        assert done == predicted and {one["action"] for one in done["changes"]} == {"update", "delete"}
        assert done["diff"]["after"]["zone bare.test"] == {"bare.test MX": {}, "bare.test TXT": {}}
        # What the step does not own stays: the proof of the domain, the address of a host.
        server.update("acme.test", 'delete acme.test. TXT "4f1c09be7a2d3"')
        server.update("two.test", "delete mx1.two.test. A")
        assert whole(server) == before
        assert not call(restore=restore, **where)["changed"]


def test_what_is_left_to_a_person() -> None:
    with serving(ZONES) as (server, cache):
        where = {"resolver": cache.address, "nameservers": {f"ns1.{zone}": server.address for zone in ZONES}, "timeout": 3}
        restore = [{"name": "acme.test", "type": "MX", "ttl": 300, "records": ["5 mx.vendor.test."]}, {"name": "acme.test", "type": "TXT", "records": []}]
        steps = call(restore=restore, **where)["handovers"][0]["steps"]
        assert steps == [
            "Take out the MX record of acme.test.: 5 mx.vendor.test.", "Take out the MX record of acme.test.: 6 mx2.vendor.test.",
            "Add the MX record of acme.test., TTL 300: 5 mx.vendor.test.", "Take out the TXT record of acme.test.: v=spf1 mx -all"]


@pytest.mark.parametrize(("options", "words"), [
    ({"restore": []}, "restore is empty"),
    ({"restore": [{"name": "acme.test", "type": "MX", "ttl": 1, "records": ["mx.vendor.test."]}]}, "acme.test MX: 'mx.vendor.test.' is no MX record"),
    ({"restore": [{"name": "acme.test", "type": "TXT", "ttl": 1, "records": ["v=spf1"]}]}, "acme.test TXT: 'v=spf1' is no TXT record"),
    ({"restore": [{"name": "acme.test", "type": "MX", "records": ["5 mx."]}]}, "acme.test MX: its ttl is missing"),
    ({"restore": [{"name": "acme.test", "type": "MX", "records": []}] * 2}, "acme.test MX: it is given twice"),
    ({"restore": [{"name": "acme.test", "type": "NS", "records": []}]}, "must be one of: MX, TXT"),
    ({"restore": [], "domains": ACME}, "mutually exclusive"),
])
def test_what_is_wrong_with_a_record(options: dict[str, Any], words: str) -> None:
    refused(words, **options)


def test_half_a_record_is_none() -> None:
    with serving(ZONES) as (server, cache):
        known = {**{f"ns1.{zone}": server.address for zone in ZONES}, "ns1.bare.test": "127.0.0.1:1"}
        result = told(domains=DOMAINS, resolver=cache.address, nameservers=known, timeout=3)
        assert result["failed"] and "rrsets" not in result
        assert result["msg"] == "Cannot read the DNS. bare.test: no authoritative server tells bare.test MX: ns1.bare.test does not answer."
