# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mail_dns_records without a server to update: texts, files and steps that go when the DNS shows the records; and options, both ways."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("dns", reason="the module needs dnspython")

import bind_server
import dns.zonefile
import playbooks
from ansible_collections.mimecast.connect.plugins.module_utils._jobs import mail_dns as _mail_dns
from bind_server import Dns, bind, zone_text
from dns_cases import EU, MX1, MX2
from mail_dns import ACME, KEY_2048, OLD, call, refused, serving, to

pytestmark = pytest.mark.skipif(bool(bind_server.why_not()), reason=bind_server.why_not())
FORMS = ["acme.test.zone", "acme.test.yaml", "acme.test.md"]
DOMAINS = [{"name": "acme.test", "verification_token": "4f1c09be7a2d3", "dkim_selector": "s1", "dkim_record": KEY_2048}]


@pytest.fixture
def world() -> Iterator[tuple[Dns, dict[str, Any]]]:
    """A server of acme.test, and options that find it."""
    with serving({"acme.test": OLD}) as (server, cache):
        where = {"resolver": cache.address, "nameservers": {"ns1.acme.test": server.address}, "timeout": 5}
        yield server, {"domains": DOMAINS, "region": "eu", "mx": "replace", "spf": True, **where}


def publish(server: Dns, snippet: str) -> None:
    """What the owner of the zone does with a snippet."""
    lines = []
    for rrset in dns.zonefile.read_rrsets(snippet, rdclass=None):
        lines.append(f"delete {rrset.name} {rrset.rdtype.name}")
        lines += [f"add {rrset.name} {rrset.ttl} {rrset.rdtype.name} {one.to_text()}" for one in rrset]
    server.update("acme.test", *lines)


def test_a_handover_from_open_to_gone(world: tuple[Dns, dict[str, Any]], tmp_path: Path) -> None:
    server, options = world
    options = {**options, "dest": str(tmp_path)}
    predicted = call(True, **options)
    assert not predicted.get("failed") and list(tmp_path.iterdir()) == [], predicted
    result = call(**options)
    assert result == predicted and result["changed"] and result["pending"] and server.serial("acme.test") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FORMS)
    assert [(one["action"], one["name"]) for one in result["changes"]] == [("create", str(tmp_path / name)) for name in FORMS]
    (handover,) = result["handovers"]
    assert handover["state"] == "open" and handover["for_whom"] == "whoever keeps the DNS of acme.test"
    assert handover["steps"][0] == "Take out the MX record of acme.test.: 5 mx.vendor.test."
    assert f"Add the TXT record of acme.test., TTL 300: v=spf1 include:{EU} mx -all" in handover["steps"]
    assert result["msg"].startswith("Nothing was changed in the DNS. To be done by hand: Publish the records of zone acme.test")
    again = call(**options)
    assert not again["changed"] and again["pending"] and again["handovers"] == result["handovers"]
    publish(server, (tmp_path / "acme.test.zone").read_text())
    for check in (True, False):
        over = call(check, **options)
        assert over["changed"] and not over["pending"] and over["handovers"] == [] and over["snippets"] == {} and "msg" not in over, over
        assert [one["action"] for one in over["changes"]] == ["delete"] * 3
        assert len(list(tmp_path.iterdir())) == (3 if check else 0)
    assert not call(**options)["changed"] and '"an" "other" "text"' in server.dig("acme.test", "TXT")


def test_the_snippet_is_a_zone_for_bind(world: tuple[Dns, dict[str, Any]], tmp_path: Path) -> None:
    _server, options = world
    checker = shutil.which("named-checkzone", path="/usr/bin:/usr/sbin")
    if not checker:
        pytest.skip("named-checkzone is not installed")
    snippet = call(**options)["snippets"]["acme.test"]["zone_file"]
    (tmp_path / "zone").write_text(zone_text(snippet.replace("; Zone", ";")))
    done = subprocess.run([checker, "-D", "acme.test", str(tmp_path / "zone")], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and done.stdout.count("_domainkey") == 1 and "ignoring" not in done.stdout, done.stdout + done.stderr
    with bind({"acme.test": snippet}) as copy:
        assert copy.dig("acme.test", "MX") == [f"10 {host}." for host in (MX1, MX2)] and len(copy.dig("acme.test", "TXT")) == 3


def test_octodns_overlays_the_yaml(world: tuple[Dns, dict[str, Any]], tmp_path: Path) -> None:
    """As docs/guide.md says: a second source whose records replace those of the first."""
    pytest.importorskip("octodns", reason="only where octoDNS is installed")
    from octodns.provider.yaml import YamlProvider
    from octodns.zone import Zone

    _server, options = world
    first, second = tmp_path / "config", tmp_path / "connect"
    first.mkdir()
    second.mkdir()
    (first / "acme.test.yaml").write_text("---\n'':\n  - type: MX\n    value: {exchange: mx.vendor.test., preference: 5}\nwww: {type: A, value: 192.0.2.1}\n")
    call(**options, dest=str(second))
    zone = Zone("acme.test.", [])
    for folder in (first, second):
        YamlProvider(folder.name, str(folder), populate_should_replace=True, escaped_semicolons=True).populate(zone)
    found = {(record.name, record._type): record for record in zone.records}
    assert sorted(found) == [("", "MX"), ("", "TXT"), ("s1._domainkey", "TXT"), ("www", "A")]
    assert [(value.preference, value.exchange) for value in found["", "MX"].values] == [(10, f"{host}.") for host in (MX1, MX2)]
    assert found["s1._domainkey", "TXT"].values == [KEY_2048.replace(";", "\\;")] and found["", "TXT"].ttl == 300
    assert sorted(found["", "TXT"].values) == ["4f1c09be7a2d3", "anothertext", f"v=spf1 include:{EU} mx -all"]


def test_the_table_is_for_people(world: tuple[Dns, dict[str, Any]]) -> None:
    _server, options = world
    text = call(**options)["snippets"]["acme.test"]["table"]
    for row in ("| take out | acme.test. | MX | 300 | 5 mx.vendor.test. |", f"| add | acme.test. | MX | 300 | 10 {MX1}. |",
                "| keep | acme.test. | TXT | 300 | anothertext |", f"| add | s1._domainkey.acme.test. | TXT | 3600 | {KEY_2048} |"):
        assert row in text.splitlines(), text


def test_files_of_others_stay(world: tuple[Dns, dict[str, Any]], tmp_path: Path) -> None:
    server, options = world
    path = tmp_path / "acme.test.yaml"
    path.write_text("mine\n")
    refused("there is a file that this module has not made", server, **options, dest=str(tmp_path))
    refused("there is no such folder", server, **options, dest=str(tmp_path / "missing"))
    path.unlink()
    publish(server, call(**options)["snippets"]["acme.test"]["zone_file"])
    path.write_text("mine\n")
    assert not call(**options, dest=str(tmp_path))["changed"] and path.read_text() == "mine\n"


def test_servers_that_differ_are_waited_for() -> None:
    two = "@ SOA ns1 hostmaster 1 3600 600 86400 5\n$TTL 300\n@ NS ns1\n@ NS ns2\nns1 A 127.0.0.1\nns2 A 127.0.0.1\n"
    options = {"domains": ACME, "region": "eu", "spf": True, "timeout": 3}
    with serving({"acme.test": two + '@ TXT "new"\n'}) as (server, cache), bind({"acme.test": two}) as late:
        where = {"resolver": cache.address, "nameservers": {"ns1.acme.test": server.address, "NS2.acme.test": late.address}}
        refused("its servers ns1.acme.test and ns2.acme.test differ in acme.test TXT: wait until they agree", server, late, **options, **where)
        dead = {**where, "nameservers": {"ns1.acme.test": server.address, "ns2.acme.test": "127.0.0.1:1"}}
        assert call(**options, **dead)["pending"]
        dead["nameservers"] = dict.fromkeys(dead["nameservers"], "127.0.0.1:1")
        refused("no authoritative server tells acme.test TXT: ns1.acme.test does not answer; ns2.acme.test does not answer", **options, **dead)
        refused("the resolver 127.0.0.1:1 does not answer: check its address", **options, resolver="127.0.0.1:1")
        refused("the resolver finds no zone for nowhere.example", **{**options, "domains": [{"name": "nowhere.example"}]}, **where)


# --- options


@pytest.mark.parametrize(("options", "words"), [
    ({"domains": []}, "domains is empty"),
    ({"domains": ACME}, "Domain 'acme.test': nothing is asked for"),
    ({"domains": [{"name": "a b"}], "spf": True, "region": "eu"}, "Domain number 1 ('a b'): it is not a domain name"),
    ({"domains": [*ACME, {"name": "ACME.test."}], "spf": True, "region": "eu"}, "Domain 'acme.test': it is given twice"),
    ({"domains": ACME, "spf": True}, "spf needs region or spf_include"),
    ({"domains": ACME, "mx": "present"}, "mx needs region or mx_hosts"),
    ({"domains": ACME, "mx": "present", "region": "ca"}, "inbound hosts of region ca are not published: give mx_hosts"),
    ({"domains": ACME, "spf": True, "region": "je"}, "SPF include of region je is not published: give spf_include"),
    ({"domains": ACME, "spf": True, "region": "xx"}, "'xx' is no region and no account code"),
    ({"domains": ACME, "spf": True, "spf_include": "a b"}, "is no domain to include"),
    ({"domains": ACME, "mx": "present", "mx_hosts": ["192.0.2"], "mx_preference": 70000}, "mx_preference is 70000"),
    ({"domains": [{**ACME[0], "dkim_selector": "s1"}]}, "required together: dkim_selector, dkim_record"),
    ({"domains": [{**ACME[0], "dkim_selector": "s 1", "dkim_record": "p=QUJD"}]}, "dkim_selector is 's 1'"),
    ({"domains": [{**ACME[0], "dkim_selector": "s1", "dkim_record": "p=Q!"}]}, "dkim_record: p= is not base64"),
    ({"domains": [{**ACME[0], "dkim_selector": "s1", "dkim_record": "v=DKIM1; p="}]}, "dkim_record has no key"),
    ({"domains": ACME, "backend": "nsupdate"}, "missing: server, key_name, key_secret"),
    ({"domains": ACME, "server": "192.0.2.1"}, "server does not go with backend handover"),
    ({"domains": ACME, "spf": True, "region": "eu", "resolver": "dns.example"}, "resolver has 'dns.example': give an address"),
    ({"domains": ACME, "spf": True, "region": "eu", "timeout": 0}, "timeout is 0"),
])
def test_options_that_make_no_sense(options: dict[str, Any], words: str) -> None:
    refused(words, **options)


def test_without_dnspython(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_mail_dns, "HAS_DNSPYTHON", False)
    refused("(dnspython)", domains=ACME, spf=True, region="eu")


def test_both_ways_and_no_secret(tmp_path: Any) -> None:
    """In process and as an ordinary module: the same, and nowhere the key."""
    with serving({"acme.test": OLD, "other.test": OLD}) as (server, cache):
        tasks = [{"mimecast.connect.mail_dns_records": {"domains": [{"name": zone}], "region": "eu", "spf": True, "mx": "replace", **to(server, cache, key)},
                  "vars": {"mimecast_in_process": here}}
                 for key in (server.stranger, server.key, server.key) for here, zone in ((True, "acme.test"), (False, "other.test"))]
        run = playbooks.run(tmp_path, tasks, "-vvvv", "--diff")
        here, there = run.results[::2], run.results[1::2]
        assert [one["changed"] for one in here] == [one["changed"] for one in there] == [False, True, False], run.output
        assert [bool(one.get("failed")) for one in here] == [bool(one.get("failed")) for one in there] == [True, False, False]
        assert json.dumps(here[1]["zones"]).replace("acme.test", "other.test") == json.dumps(there[1]["zones"])
        for key in (server.key, server.stranger):
            assert key.secret not in run.output + json.dumps(run.results)
        assert "acme.test MX" in run.stdout and f"10 {MX1}." in run.stdout
