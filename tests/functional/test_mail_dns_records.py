# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mail_dns_records with nsupdate: BIND is the judge, dig the witness. What is handed over has test_mail_dns_handover.py."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

pytest.importorskip("dns", reason="the module needs dnspython")

import bind_server
from ansible_collections.mimecast.connect.plugins.module_utils._jobs import mail_dns as _mail_dns
from ansible_collections.mimecast.connect.plugins.module_utils._dns import update as update_module
from ansible_collections.mimecast.connect.plugins.module_utils._dns.update import Primary
from bind_server import Dns, Key
from dns_cases import EU, MX1, MX2
from lossy_dns import LossyDns
from mail_dns import ACME, KEY_2048, OLD, OURS, call, refused, serving, to

pytestmark = pytest.mark.skipif(bool(bind_server.why_not()), reason=bind_server.why_not())


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(update_module, "LOOKS", (0.0, 0.05, 0.1))


def done(holder: Dns, zone: str, /, **options: Any) -> dict[str, Any]:
    """The result, which check mode predicts without an update and a second run finds as it is."""
    serial, before = holder.serial(zone), holder.records(zone)
    predicted = call(True, **options)
    assert not predicted.get("failed") and holder.records(zone) == before and holder.serial(zone) == serial, predicted
    result = call(**options)
    assert result == predicted and result["changed"] is (holder.records(zone) != before)
    assert holder.serial(zone) == serial + result["changed"], "one message for a zone"
    again = call(**options)
    assert not again["changed"] and again["diff"] == {"before": {}, "after": {}} and holder.serial(zone) == serial + result["changed"], again
    assert all(one["present"] for one in again["records"])
    return result


def apex(server: Dns, zone: str = "acme.test") -> list[str]:
    """MX and TXT records of a zone's apex as dig transfers them."""
    return [line for line in server.records(zone) if re.match(rf"{re.escape(zone)}\. \d+ IN (MX|TXT) ", line)]


# --- applied


def test_everything_at_once() -> None:
    with serving({"acme.test": OLD}) as (server, cache):
        domain = {"name": "acme.test", "verification_token": "4f1c09be7a2d3", "dkim_selector": "s1", "dkim_record": KEY_2048}
        result = done(server, "acme.test", domains=[domain], region="eu", mx="replace", spf=True, ttl=120, **to(server, cache))
        spf = f"v=spf1 include:{EU} mx -all"
        assert apex(server) == sorted([
            *OURS, 'acme.test. 300 IN TXT "4f1c09be7a2d3"', f'acme.test. 300 IN TXT "{spf}"', 'acme.test. 300 IN TXT "an" "other" "text"'])
        (dkim,) = [line for line in server.records("acme.test") if "_domainkey" in line]
        strings = re.findall(r'"([^"]*)"', dkim)
        assert dkim.startswith("s1._domainkey.acme.test. 120 IN TXT ") and "".join(strings) == KEY_2048
        assert len(strings) == 2 and all(len(one) <= 255 for one in strings)
        assert result["zones"][0]["zone"] == "acme.test"
        assert result["diff"]["before"]["zone acme.test"]["acme.test MX"] == {"ttl": 300, "records": ["5 mx.vendor.test."]}
        assert result["diff"]["after"]["zone acme.test"]["acme.test MX"] == {"ttl": 300, "records": [f"10 {host}." for host in (MX1, MX2)]}
        assert "s1._domainkey.acme.test TXT" not in result["diff"]["before"]["zone acme.test"]
        assert [(one["action"], one["name"]) for one in result["changes"]] == [
            ("update", "acme.test MX"), ("update", "acme.test TXT"), ("create", "s1._domainkey.acme.test TXT")]
        assert [(one["part"], one["present"]) for one in result["records"]] == [
            ("mx", False), ("mx", False), ("spf", False), ("verification", False), ("dkim", False)]
        assert "acme.test: mx.vendor.test no longer gets its mail" in result["notes"]


def test_only_what_is_asked_for() -> None:
    with serving({"acme.test": OLD}) as (server, cache):
        before = apex(server)
        done(server, "acme.test", domains=[{"name": "acme.test", "verification_token": "4f1c09be7a2d3"}], **to(server, cache))
        assert apex(server) == sorted([*before, 'acme.test. 300 IN TXT "4f1c09be7a2d3"'])


@pytest.mark.parametrize(("there", "options", "expected"), [
    ("", {}, OURS),
    (f"@ MX 4 {MX1}.\n", {}, [line.replace("MX 10", "MX 4") for line in OURS]),
    (f"@ MX 4 {MX1}.\n@ MX 5 {MX2}.\n", {}, OURS),
    (f"@ 60 MX 0 {MX1}.\n@ 60 MX 0 {MX2.upper()}.\n", {}, None),
    (f"@ MX 0 {MX1}.\n@ MX 0 {MX2}.\n", {"mx_preference": 1}, [line.replace("MX 10", "MX 1") for line in OURS]),
    ("@ MX 0 .\n", {"mx": "replace"}, OURS),
], ids=["none yet", "one missing", "unequal", "as it should be", "another preference", "null MX"])
def test_mx(there: str, options: dict[str, Any], expected: list[str] | None) -> None:
    with serving({"acme.test": there}) as (server, cache):
        result = done(server, "acme.test", domains=ACME, region="eu", **{"mx": "present", "ttl": 300, **options}, **to(server, cache))
        assert result["changed"] is (expected is not None)
        if expected:
            assert apex(server) == expected


def test_domains_of_one_zone_go_in_one_message() -> None:
    with serving({"acme.test": "", "other.test": ""}) as (server, cache):
        domains = [{"name": "acme.test"}, {"name": "a.acme.test"}, {"name": "b.c.acme.test"}]
        result = done(server, "acme.test", domains=domains, region="eu", spf=True, **to(server, cache))
        assert [one["zone"] for one in result["zones"]] == ["acme.test"]
        assert server.dig("b.c.acme.test", "TXT") == [f'"v=spf1 include:{EU} ~all"']


def test_names_in_other_scripts() -> None:
    with serving({"xn--bcher-kva.test": ""}) as (server, cache):
        result = done(server, "xn--bcher-kva.test", domains=[{"name": "Bücher.test"}], region="eu", spf=True, **to(server, cache))
        assert result["records"][0]["name"] == "xn--bcher-kva.test" and server.dig("xn--bcher-kva.test", "TXT") == [f'"v=spf1 include:{EU} ~all"']


def test_bytes_that_are_no_text_stay() -> None:
    with serving({"acme.test": '@ TXT "\\000\\255" "a;b\\"c"\n'}) as (server, cache):
        before = apex(server)
        done(server, "acme.test", domains=ACME, region="eu", spf=True, **to(server, cache))
        assert apex(server) == sorted([*before, f'acme.test. 300 IN TXT "v=spf1 include:{EU} ~all"'])


def test_the_alias_verifies_as_well() -> None:
    with serving({"acme.test": "4f1c CNAME validate-domain.mimecast.com."}) as (server, cache):
        result = done(server, "acme.test", domains=[{"name": "acme.test", "verification_token": "4f1c"}], **to(server, cache))
        assert not result["changed"]


def test_the_old_providers_include_goes_when_it_is_named() -> None:
    with serving({"acme.test": '@ TXT "v=spf1 include:spf.vendor.test mx ~all"\n'}) as (server, cache):
        ends = {"spf_drop": ["spf.vendor.test"], "spf_all": "-all", "spf_replace_all": True}
        done(server, "acme.test", domains=ACME, region="eu", spf=True, **ends, **to(server, cache))
        assert server.dig("acme.test", "TXT") == [f'"v=spf1 include:{EU} mx -all"']


# --- problems: nothing is changed anywhere


PROBLEMS = {
    "two SPF records": ('@ TXT "v=spf1 -all"\n@ TXT "v=spf1 mx ~all"\n', {"spf": True}, "there are 2 SPF records"),
    "eleven look-ups": ('@ TXT "v=spf1 ' + " ".join(f"include:s{number}.vendor.test" for number in range(7))
                        + ' include:nested.vendor.test -all"\n', {"spf": True}, "bad.test: it takes 11 look-ups, 10 are allowed"),
    "an include that is broken": ('@ TXT "v=spf1 include:two.vendor.test -all"\n', {"spf": True}, "two.vendor.test: it has 2 SPF records"),
    "a term that is none": ('@ TXT "v=spf1 ipv4:192.0.2.1 -all"\n', {"spf": True}, "receivers refuse the whole record"),
    "mail of another": ("@ MX 5 mx.vendor.test.\n", {"mx": "present"}, "its MX records name mx.vendor.test: with mx=replace this goes out"),
    "null MX": ("@ MX 0 .\n", {"mx": "present"}, "null MX"),
    "host without address": ("", {"mx": "present", "mx_hosts": ["mx.good.test"]}, "MX host mx.good.test is in this zone and has no address"),
    "host is an alias": ("mx CNAME ns1\n", {"mx": "present", "mx_hosts": ["mx.good.test"]}, "MX host mx.good.test is an alias"),
}


@pytest.mark.parametrize("label", PROBLEMS)
def test_a_problem_stops_everything(label: str) -> None:
    text, options, words = PROBLEMS[label]
    zone = "good.test" if "mx_hosts" in options else "bad.test"
    with serving({"acme.test": "", zone: text}) as (server, cache):
        domains = [{"name": "acme.test"}, {"name": zone}]
        result = refused(words, server, domains=domains, region="eu", **options, **to(server, cache))
        assert result["msg"].startswith("Nothing was changed. " + zone + ": ")
        skipped = call(domains=domains, region="eu", skip_problems=True, **options, **to(server, cache))
        if "mx_hosts" in options:
            assert "mx.good.test" in server.dig("acme.test", "MX")[0]
        assert skipped["changed"] and [one["zone"] for one in skipped["zones"]] == ["acme.test"] and words in skipped["problems"][0]
        assert "Left out, " + zone in skipped["warnings"][0] and server.serial(zone) == 1
        refused(words, server, domains=[{"name": zone}], region="eu", skip_problems=True, **options, **to(server, cache))


def test_another_key_is_replaced_only_on_request() -> None:
    with serving({"acme.test": 's1._domainkey TXT "v=DKIM1; p=QUJD"\ns2._domainkey CNAME keys.vendor.test.\n'}) as (server, cache):
        wanted = {"dkim_record": KEY_2048, "name": "acme.test"}
        first, second = ({"domains": [{**wanted, "dkim_selector": one}], **to(server, cache)} for one in ("s1", "s2"))
        refused("with dkim_replace it is replaced", server, **first)
        done(server, "acme.test", dkim_replace=True, **first)
        assert len(server.dig("s1._domainkey.acme.test", "TXT")) == 1
        refused("s2._domainkey.acme.test is an alias of keys.vendor.test", server, **second)


def test_a_resolver_that_does_not_answer_is_noted() -> None:
    with serving({"acme.test": '@ TXT "v=spf1 include:x.example ~all"\n'}) as (server, cache):
        result = call(domains=ACME, region="eu", spf=True, **{**to(server, cache), "resolver": "127.0.0.1:1"})
        assert result["changed"] and any("its look-ups are not all counted" in note for note in result["notes"])


# --- servers that refuse


def test_wrong_keys() -> None:
    with serving({"acme.test": ""}) as (server, cache):
        good = server.key
        keys = {
            "it does not know the key nobody with hmac-sha256": Key("nobody", good.secret),
            "the secret of the key update-key is not the one that it has": Key(good.name, server.stranger.secret),
            "it does not know the key update-key with hmac-sha512": Key(good.name, good.secret, "hmac-sha512"),
        }
        for words, key in keys.items():
            refused(words, server, domains=ACME, region="eu", spf=True, **to(server, cache, key))
        refused("key_secret is not base64", server, domains=ACME, region="eu", spf=True, **{**to(server, cache), "key_secret": "no base64"})
        assert "update-key: tsig verify failure" in server.log() or "tsig" in server.log().lower()


def test_a_key_that_may_not_change_the_zone() -> None:
    with serving({"acme.test": ""}) as (server, cache):
        options = {"domains": ACME, "region": "eu", "spf": True, **to(server, cache, server.stranger)}
        assert call(True, **options)["changed"], "nobody can know before"
        result = call(**options)
        assert result["failed"] and not result["changed"] and server.serial("acme.test") == 1
        assert result["msg"].startswith("Cannot update zone acme.test: server 127.0.0.1 port") and "(REFUSED)" in result["msg"]
        assert "the key stranger-key may not change acme.test TXT" in result["msg"] and result["msg"].endswith("Nothing was changed.")
        assert "rejected by secure update" in server.log()


def test_what_bind_thinks_of_an_mx_host_without_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """Why the module looks for it before: BIND refuses the whole message."""
    monkeypatch.setattr(_mail_dns, "_unusable", lambda *_more: [])
    with serving({"acme.test": ""}) as (server, cache):
        result = call(domains=ACME, mx="present", mx_hosts=["mx.acme.test"], **to(server, cache))
        assert result["failed"] and "an MX host of the zone without an address" in result["msg"] and "has no address records" in server.log()


def test_a_zone_that_takes_no_updates() -> None:
    with serving({"acme.test": ""}, updatable=False) as (server, cache):
        result = call(domains=ACME, region="eu", spf=True, **to(server, cache))
        assert result["failed"] and "the zone takes no updates at all" in result["msg"]


def test_a_zone_that_is_elsewhere() -> None:
    with serving({"acme.test": "away NS ns1.vendor.test."}) as (server, cache):
        options = {"region": "eu", "spf": True, **to(server, cache)}
        refused("refuses to answer (other.example SOA)", server, domains=[{"name": "other.example"}], **options)
        refused("does not hold the zone of away.acme.test", server, domains=[{"name": "away.acme.test"}], **options)


def test_a_server_that_is_silent() -> None:
    with serving({"acme.test": ""}) as (server, cache):
        with LossyDns(server.port, lose_all=True) as silent:
            refused(f"server 127.0.0.1 port {silent.port} does not answer", server, domains=ACME, region="eu", spf=True,
                    **{**to(server, cache), "port": silent.port, "timeout": 1})


def test_an_answer_that_is_lost() -> None:
    """The update came through, which is seen by reading; nothing is sent twice."""
    with serving({"acme.test": ""}) as (server, cache):
        with LossyDns(server.port, lose_answers=True) as lossy:
            options = {"domains": ACME, "region": "eu", "spf": True, **to(server, cache), "port": lossy.port, "timeout": 1}
            assert call(**options)["changed"] and server.serial("acme.test") == 2 and not call(**options)["changed"]


def test_an_update_that_does_not_arrive() -> None:
    with serving({"acme.test": ""}) as (server, cache):
        with LossyDns(server.port, lose_updates=True) as lossy:
            result = call(domains=ACME, region="eu", spf=True, **{**to(server, cache), "port": lossy.port, "timeout": 1})
            assert result["failed"] and "does not answer the update, by TCP either" in result["msg"] and server.serial("acme.test") == 1


def test_long_updates_need_tcp() -> None:
    domains = [{"name": "acme.test", "dkim_selector": "s1", "dkim_record": KEY_2048}]
    with serving({"acme.test": ""}) as (server, cache):
        with LossyDns(server.port) as udp_only:
            short = {"domains": [{"name": "acme.test", "verification_token": "4f1c09be7a2d3"}], **to(server, cache), "port": udp_only.port}
            assert call(**short)["changed"]
            result = call(domains=domains, **{**to(server, cache), "port": udp_only.port, "timeout": 1})
            assert result["failed"] and "by TCP either" in result["msg"]
            assert call(domains=domains, **to(server, cache))["changed"]


def test_more_than_a_message_holds() -> None:
    """Check mode says so as well, and the zone that would come before is not touched."""
    domains = [{"name": f"h{number}.acme.test", "dkim_selector": "s1", "dkim_record": KEY_2048} for number in range(160)]
    with serving({"acme.test": "", "other.test": ""}) as (server, cache):
        refused("zone acme.test: the changes are too much for one message of 65,535 bytes: give fewer domains at a time. Nothing was changed", server,
                domains=[{"name": "other.test", "verification_token": "4f1c09be7a2d3"}, *domains], **to(server, cache))
        assert call(domains=domains[:100], **to(server, cache))["changed"] and server.serial("acme.test") == 2


# --- somebody else at work


@contextmanager
def racing(monkeypatch: pytest.MonkeyPatch, server: Dns, zone: str, *lines: str) -> Iterator[None]:
    """Somebody changes a zone after it was read and before the update of it arrives."""
    send = Primary.send

    def late(self: Primary, name: str, changes: Any) -> None:
        if name == zone:
            server.update(zone, *lines)
        send(self, name, changes)

    with monkeypatch.context() as patched:
        patched.setattr(Primary, "send", late)
        yield


@pytest.mark.parametrize(("lines", "code"), [
    (["add acme.test. 300 TXT \"new\""], "NXRRSET"),
    (["delete acme.test. TXT"], "NXRRSET"),
    (["add s1._domainkey.acme.test. 300 TXT \"new\""], "YXRRSET"),
    (["add s1._domainkey.acme.test. 300 CNAME x.test."], "YXRRSET"),
])
def test_a_zone_that_is_changed_in_between(monkeypatch: pytest.MonkeyPatch, lines: list[str], code: str) -> None:
    domain = {"name": "acme.test", "dkim_selector": "s1", "dkim_record": KEY_2048}
    with serving({"acme.test": OLD}) as (server, cache):
        options = {"domains": [domain], "region": "eu", "spf": True, "mx": "replace", **to(server, cache)}
        with racing(monkeypatch, server, "acme.test", *lines):
            result = call(**options)
        moved = "s1._domainkey.acme.test TXT" if "_domainkey" in lines[0] else "acme.test TXT"
        assert result["failed"] and not result["changed"] and server.serial("acme.test") == 2
        assert f"somebody else changed {moved} after it was read ({code})" in result["msg"] and result["msg"].endswith("Nothing was changed.")
        assert "5 mx.vendor.test." in server.dig("acme.test", "MX"), "nothing of the message was carried out"


def test_the_second_zone_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving({"acme.test": "", "other.test": "", "third.test": ""}) as (server, cache):
        options = {"domains": [{"name": name} for name in ("acme.test", "other.test", "third.test")], "region": "eu", "spf": True, **to(server, cache)}
        with racing(monkeypatch, server, "other.test", "add other.test. 300 TXT \"new\""):
            result = call(**options)
        assert result["failed"] and result["changed"] and [one["zone"] for one in result["changes"]] == ["acme.test"]
        assert result["msg"].startswith("Cannot update zone other.test: somebody else changed other.test TXT")
        assert result["msg"].endswith("Zone acme.test is updated already; a second run finishes the rest.")
        assert server.serial("third.test") == 1
        again = call(**options)
        assert [one["zone"] for one in again["changes"]] == ["other.test", "third.test"] and not call(**options)["changed"]
        assert server.dig("other.test", "TXT") == ['"new"', f'"v=spf1 include:{EU} ~all"']


def test_records_of_a_wildcard_are_explained() -> None:
    with serving({"acme.test": '*._domainkey TXT "v=DKIM1; p=QUJD"\n'}) as (server, cache):
        domain = {"name": "acme.test", "dkim_selector": "s1", "dkim_record": KEY_2048}
        result = call(domains=[domain], dkim_replace=True, **to(server, cache))
        assert result["failed"] and "it comes from a wildcard" in result["msg"] and server.serial("acme.test") == 1
