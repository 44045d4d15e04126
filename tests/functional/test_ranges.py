# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lookup and the filters in real runs of Ansible, the region's SPF record at a real BIND."""

from __future__ import annotations

import ipaddress
import random
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import bind_server
import playbooks
import pytest
import yaml
from playbooks import ROOT

pytest.importorskip("netaddr", reason="ranges need netaddr")
pytest.importorskip("dns", reason="the SPF source needs dnspython")

from ansible_collections.mimecast.connect.plugins.module_utils._data.ranges import SPF_CAPTURE

pytestmark = pytest.mark.skipif(bool(bind_server.why_not()), reason=bind_server.why_not())
PLUGINS = "ansible_collections.mimecast.connect.plugins."
FILTERS = ("ranges_merge", "ranges_difference", "ranges_cover", "ranges_split")
US, NEW = "us._netblocks", "198.51.100.0/24"


def _record(networks: tuple[str, ...], *more: str) -> str:
    return " ".join(["v=spf1", *("ip4:" + network.removesuffix("/32") for network in networks), *more, "~all"])


# As the service publishes them: one record for most regions; de in two records, one behind the other.
ZONES = {
    "mimecast.com": "".join('{0}._netblocks TXT "{1}"\n'.format(region, '" "'.join(re.findall(".{1,200}", _record(SPF_CAPTURE[region]))))
                            for region in ("eu", "ca", "za", "au"))
    + f'{US} TXT "{_record(SPF_CAPTURE["us"][:7], "ip4:" + NEW)}"\n'
    + f'de._netblocks TXT "{_record(SPF_CAPTURE["de"][:4], "include:more.mimecast.com")}"\nmore TXT "{_record(SPF_CAPTURE["de"][4:])}"\n'
    + 'usb._netblocks TXT "v=spf1 ip4:170.10.150.0/22 ip4:170.10.132.0/24 ~all"\n',
}


@pytest.fixture
def dns() -> Iterator[bind_server.Dns]:
    with bind_server.bind(ZONES, updatable=True) as server:
        yield server


def debug(expression: str, **more: Any) -> dict[str, Any]:
    return {"ansible.builtin.debug": {"msg": "{{ " + expression + " }}"}, **more}


def messages(folder: Path, expressions: list[str], **variables: Any) -> list[Any]:
    """What the expressions come to; where one fails, its error."""
    run = playbooks.run(folder, [debug(expression) for expression in expressions], vars=variables)
    assert "Traceback" not in run.output and len(run.results) == len(expressions), run.output
    return [result["msg"] for result in run.results]


def addresses(networks: Any) -> set[Any]:
    return {address for network in networks for address in ipaddress.ip_network(network)}


def test_the_union_of_all_sources(dns: bind_server.Dns, tmp_path: Path) -> None:
    (tmp_path / "own.txt").write_text("# from the vendor's page\n203.0.113.0/26\n203.0.113.64-203.0.113.127  # new\n")
    more = ", ranges=own, file='own.txt', resolver=resolver"
    listed, report, plain, bundled = messages(tmp_path, [
        f"query('mimecast.connect.ranges', 'CUSA12A34'{more})", f"lookup('mimecast.connect.ranges', 'CUSA12A34', details=true{more})",
        f"lookup('mimecast.connect.ranges', 'CUSA12A34'{more})", "query('mimecast.connect.ranges', 'us', spf=false)",
    ], own=["192.0.2.7"], resolver=dns.address)
    assert addresses(listed) == addresses([*bundled, NEW, "192.0.2.7", "203.0.113.0/25"])
    assert listed == sorted(listed, key=ipaddress.ip_network) == report["cidrs"] and plain == ",".join(listed)
    by_cidr = {row["cidr"]: row for row in report["ranges"]}
    assert [one["source"] for one in by_cidr["216.205.24.0/24"]["sources"]] == ["spf", "bundled"]
    assert by_cidr[NEW]["sources"][0]["path"] == [f"{US}.mimecast.com", "ip4:" + NEW]
    assert report["notes"] == ["own.txt: 203.0.113.64-203.0.113.127 is read as 203.0.113.64/26"] and report["warnings"] == []
    assert {one["source"]: one["ranges"] for one in report["sources"]} == {"list": 1, "file": 2, "spf": 8, "bundled": 20}


def naive(server: bind_server.Dns, domain: str) -> set[Any]:
    """The networks of a record by dig and a few words of RFC 7208, for records without errors."""
    (text,) = (line.replace('" "', "").strip('"') for line in server.dig(domain, "TXT") if "v=spf1" in line)
    found: set[Any] = set()
    for term in text.split()[1:]:
        name, value = re.fullmatch("([^:=]+)[:=]?(.*)", term).groups()
        if name in ("ip4", "ip6"):
            found |= set(ipaddress.ip_network(value, strict=False))
        elif name in ("include", "redirect"):
            found |= naive(server, value)
        elif name in ("a", "mx"):
            host, _slash, prefix = value.partition("/")
            for one in [host] if name == "a" else [line.split()[1] for line in server.dig(host, "MX")]:
                found |= {address for line in server.dig(one, "A") for address in ipaddress.ip_network(f"{line}/{prefix or 32}", strict=False)}
    return found


def random_zone(seed: int) -> str:
    """Records that include, redirect to and name only what comes after them, so that they end, within the limits of look-ups."""
    dice = random.Random(seed)
    lines = [f"h{number} A 203.0.113.{number}\nm{number} MX 10 h{number}\nm{number} MX 20 h{number + 1}" for number in range(1, 6)] + ["h6 A 203.0.113.6"]
    for number in range(4):
        terms = [f"ip4:198.51.{dice.randrange(90, 110)}.{dice.randrange(256)}/{dice.randrange(20, 33)}" for _term in range(dice.randrange(3))]
        named = [f"a:h{dice.randrange(1, 7)}.mimecast.com/{dice.randrange(28, 33)}", f"mx:m{dice.randrange(1, 6)}.mimecast.com", "ip6:2001:db8::/126"]
        terms += named[:dice.randrange(4)]
        dice.shuffle(terms)
        ahead = f"s{number + 1}.mimecast.com"
        terms += [[], [f"include:{ahead}", "~all"], [f"redirect={ahead}"]][0 if number == 3 else dice.randrange(1, 3)]
        lines.append(f's{number} TXT "v=spf1 {" ".join(terms)}"')
    return "\n".join(lines)


@pytest.mark.parametrize("seed", range(6))
def test_any_record_expands_as_an_independent_evaluation_has_it(seed: int) -> None:
    ask_spf = import_module(PLUGINS + "module_utils._ranges.spf").ask_spf
    with bind_server.bind({"mimecast.com": random_zone(seed)}) as server:
        heard, wanted = ask_spf("s0.mimecast.com", server.address, 5), naive(server, "s0.mimecast.com")
    assert addresses(map(str, heard.networks)) == wanted and wanted, heard.warnings


@pytest.mark.parametrize("region", ["eu", "de", "us", "ca", "za", "au"])
def test_the_spf_expansion_is_that_of_an_independent_evaluation(dns: bind_server.Dns, region: str) -> None:
    ask_spf = import_module(PLUGINS + "module_utils._ranges.spf").ask_spf
    name = f"{region}._netblocks.mimecast.com"
    heard = ask_spf(name, dns.address, 5)
    assert addresses(map(str, heard.networks)) == naive(dns, name)
    assert heard.complete and not heard.warnings
    if region not in ("us",):
        assert {str(network) for network in heard.networks} == set(SPF_CAPTURE[region])


BROKEN = {
    "a circle": ('loop TXT "v=spf1 ip4:203.0.113.1 include:loop2.mimecast.com ~all"\nloop2 TXT "v=spf1 include:loop.mimecast.com ~all"', "loop",
                 ["203.0.113.1/32"], "loop.mimecast.com > loop2.mimecast.com > loop.mimecast.com"),
    "no record": ('none A 192.0.2.1', "none", [], "there is none"),
    "no such name": ("", "gone", [], "there is none"),
    "two records": ('two TXT "v=spf1 ip4:203.0.113.1 ~all"\ntwo TXT "v=spf1 ~all"', "two", [], "it has 2 SPF records"),
    "an include is gone": ('half TXT "v=spf1 ip4:203.0.113.1 include:gone.mimecast.com ~all"', "half", ["203.0.113.1/32"], "finds no SPF record"),
    "too many look-ups": ("\n".join(f'd{number} TXT "v=spf1 ip4:203.0.113.{number} include:d{number + 1}.mimecast.com ~all"' for number in range(30)),
                          "d0", [f"203.0.113.{number}/32" for number in range(11)], "look-ups, 10 are allowed"),
    "everybody": ('all TXT "v=spf1 ip4:0.0.0.0/0 ip4:127.0.0.0/24 ip6:::/0 ip4:203.0.113.1 ~all"', "all", ["203.0.113.1/32"],
                  "has what is left out: 0.0.0.0/0 is wider than a /16"),
    "nobody": ('empty TXT "v=spf1 ~all"', "empty", [], "lists no network"),
    "who asks decides": ('macro TXT "v=spf1 ip4:203.0.113.1 include:%{i}.mimecast.com ~all"', "macro", ["203.0.113.1/32"], "depends on the sender"),
    "a bad term": ('bad TXT "v=spf1 ip4:203.0.113.1 ipv4:203.0.113.2 ~all"', "bad", ["203.0.113.1/32"], "SPF has no mechanism ipv4"),
}


def test_broken_records_give_what_they_have_and_a_warning() -> None:
    ask_spf = import_module(PLUGINS + "module_utils._ranges.spf").ask_spf
    with bind_server.bind({"mimecast.com": "\n".join(zone for zone, *_more in BROKEN.values())}) as server:
        for case, (_zone, name, networks, said) in BROKEN.items():
            heard = ask_spf(name + ".mimecast.com", server.address, 5)
            assert set(networks) <= set(map(str, heard.networks)), case
            assert len(networks) == len(heard.networks) or case == "too many look-ups", (case, heard.networks)
            assert any(said in warning for warning in heard.warnings), (case, heard.warnings)


def test_memory_survives_what_sources_forget(dns: bind_server.Dns, tmp_path: Path) -> None:
    """A day in the life of a record: made, kept in check mode, kept when SPF shrinks and when nobody answers, then retired and undone."""
    path = tmp_path / "ranges-us.yml"
    options = f"'us', record='{path}', resolver=resolver"
    keep = {"ansible.builtin.copy": {
        "content": "{{ lookup('mimecast.connect.ranges', " + options + ", details=true).record | to_nice_yaml }}", "dest": str(path), "mode": "0600"}}
    ask = debug(f"lookup('mimecast.connect.ranges', {options}, retired=retired, details=true)")
    here = {"resolver": dns.address, "retired": []}

    checked = playbooks.run(tmp_path / "check", [{**keep, "check_mode": True}], vars=here)
    assert checked.results[0]["changed"] and not path.exists()
    assert "there is no record" in checked.output
    first = playbooks.run(tmp_path / "first", [keep, keep], vars=here)
    assert [result["changed"] for result in first.results] == [True, False]
    assert NEW in yaml.safe_load(path.read_text())["ranges"]

    dns.update("mimecast.com", f"delete {US}.mimecast.com. TXT", f'add {US}.mimecast.com. 60 TXT "{_record(SPF_CAPTURE["us"][:3])}"')
    retired = [{"range": NEW, "reason": "notice", "by": "Jane", "from": "2026-01-01"}]
    undone = [{**retired[0], "undone": {"by": "Joe", "reason": "still in use"}}]
    run = playbooks.run(tmp_path / "later", [ask, {**ask, "vars": {"resolver": "127.0.0.1:1"}}, {**ask, "vars": {"retired": retired}},
                                             {**ask, "vars": {"retired": undone}}], vars=here)
    shrunk, silent, out, back = (result["msg"] for result in run.results)
    status = [next((row["status"], row["sources"][0]["listed"]) for row in one["ranges"] if row["cidr"] == NEW) for one in (shrunk, silent, out, back)]
    assert status == [("deprecated", False), ("current", None), ("retired", False), ("deprecated", False)]
    assert [NEW in one["cidrs"] for one in (shrunk, silent, out, back)] == [True, True, False, True]
    assert silent["warnings"] == [f"the SPF record of {US}.mimecast.com cannot be relied on: {US}.mimecast.com TXT: silent"]
    assert silent["warnings"][0] in run.output
    assert addresses(shrunk["cidrs"]) - addresses(out["cidrs"]) == addresses([NEW]) and shrunk["cidrs"] == back["cidrs"]
    assert [row["state"] for one in (out, back) for row in one["retirements"]] == ["effective", "undone"]


def test_the_grids_stay_apart(dns: bind_server.Dns, tmp_path: Path) -> None:
    b_grid, refused, both = messages(tmp_path, [
        "lookup('mimecast.connect.ranges', 'CUSB1A1', resolver=resolver, details=true)",
        "query('mimecast.connect.ranges', 'CUSA1A1', ranges=['170.10.150.0/24'], spf=false)", "query('mimecast.connect.ranges', 'us', 'usb')",
    ], resolver=dns.address)
    assert addresses(b_grid["cidrs"]) == addresses(["170.10.148.0/22", "170.10.152.0/23"]), "the A grid's 170.10.132.0/24 must be missing"
    assert any("170.10.132.0/24 in the SPF record" in warning and "other grid" in warning for warning in b_grid["warnings"])
    assert "170.10.150.0/24 is of the other grid of the United States (usb)" in refused and "give one region" in both


def test_bad_input_is_said(dns: bind_server.Dns, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("\n")
    (tmp_path / "binary.txt").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "broken.yml").write_text("a: [")
    (tmp_path / "zero.yml").write_text("")
    cases = {
        "'CUS12A34'": "Did you mean CUSA", "'Mars'": "Mars is no region", "'us', retire=[]": "there is no option retire; did you mean retired?",
        "'us', ranges=['10.0.0.1/24', '::ffff:1.2.3.4/200']": "ranges, entry 1: 10.0.0.1/24 has host bits set",
        "'us', file='gone.txt'": "there is no file gone.txt",
        "'us', file='empty.txt'": "empty.txt holds no range", "'us', file='binary.txt'": "binary.txt is no text in UTF-8",
        "'us', record='broken.yml'": "broken.yml is no YAML", "'us', record='zero.yml'": "zero.yml is no record of ranges",
        "'us', retired=[{'range': '63.128.21.0/24'}]": "retired, entry 1: lacks reason, by, from", "'uspcom'": "no source has a range",
        "'us', spf=true, resolver='dns.example.com'": "resolver: dns.example.com is no address",
    }
    found = messages(tmp_path, ["query('mimecast.connect.ranges', " + text + ("" if "spf" in text else ", spf=false") + ")" for text in cases])
    for (text, said), message in zip(cases.items(), found, strict=True):
        assert "Cannot tell the ranges of" in message and said in message, (text, message)


def test_a_missing_library_is_named(tmp_path: Path) -> None:
    for name in ("netaddr", "dns"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.py").write_text("raise ImportError\n")
        run = playbooks.run(tmp_path / name / "run", [
            debug("query('mimecast.connect.ranges', 'us')"), debug("['192.0.2.1'] | mimecast.connect.ranges_merge"),
        ], env={"PYTHONPATH": str(tmp_path / name)})
        said = [result["msg"] for result in run.results]
        assert "Failed to import the required Python library ({0})".format("netaddr" if name == "netaddr" else "dnspython") in said[0], said
        assert (said[1] == ["192.0.2.1/32"]) == (name == "dns") and "Traceback" not in run.output


def test_filters(tmp_path: Path) -> None:
    cases = {
        "['170.10.128.0/23', '170.10.130.0-170.10.131.255', '170.10.128.7', '2001:db8::/48'] | mimecast.connect.ranges_merge":
            ["170.10.128.0/22", "2001:db8::/48"],
        "'170.10.128.0/23,170.10.130.0/23' | mimecast.connect.ranges_merge": ["170.10.128.0/22"],
        "['170.10.128.0/22'] | mimecast.connect.ranges_difference(['::ffff:170.10.128.0/119'])": ["170.10.130.0/23"],
        "['170.10.128.0/23', '170.10.130.0/23'] | mimecast.connect.ranges_cover('170.10.129.128/24-x')": "is no address",
        "['170.10.128.0/23', '170.10.130.0/23'] | mimecast.connect.ranges_cover(['170.10.128.0/22'])": True,
        "['170.10.128.0/23'] | mimecast.connect.ranges_cover(['170.10.129.0-170.10.130.0'])": False,
        "['41.74.204.0/22', '207.211.31.0/25'] | mimecast.connect.ranges_split":
            ["41.74.204.0/24", "41.74.205.0/24", "41.74.206.0/24", "41.74.207.0/24", "207.211.31.0/25"],
        "['2001:db8::/47', '192.0.2.0/24'] | mimecast.connect.ranges_split(25, 48)": ["192.0.2.0/25", "192.0.2.128/25", "2001:db8::/48", "2001:db8:1::/48"],
        "['10.0.0.0/8'] | mimecast.connect.ranges_split(32)": "that would be 16777216 networks",
        "['10.0.0.0/8'] | mimecast.connect.ranges_split('x')": "prefix must be a number from 0 to 32, not x",
        "['10.0.0.1/8', 7] | mimecast.connect.ranges_merge": "entry 1: 10.0.0.1/8 has host bits set: write 10.0.0.0/8 for the network or 10.0.0.1",
        "{'a': 1} | mimecast.connect.ranges_merge": "a list of networks is needed",
    }
    for (text, wanted), found in zip(cases.items(), messages(tmp_path, list(cases)), strict=True):
        assert (wanted in found) if isinstance(wanted, str) else found == wanted, (text, found)


def _examples() -> list[str]:
    plugins = [*("filter." + name for name in FILTERS), "lookup.ranges"]
    documents = re.findall(r"^```yaml\+jinja\n(.*?)^```", (ROOT / "docs" / "ranges.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [import_module(PLUGINS + name).EXAMPLES for name in plugins] + documents


def test_examples(dns: bind_server.Dns, tmp_path: Path) -> None:
    """Every example of the plugins and of docs/ranges.md, in check mode, for real and again."""
    tasks = [task for text in _examples() for task in yaml.safe_load(re.sub(r"('mimecast\.connect\.ranges', [^,)]+)", rf"\1, resolver='{dns.address}'", text))]
    assert len(tasks) >= len(FILTERS) + 3
    staged = [{**task, "check_mode": stage == "check"} for task in tasks for stage in ("check", "real", "again")]
    run = playbooks.run(tmp_path, staged, vars={"account_code": "CUSA12A34"})
    results = [run.results[position:position + 3] for position in range(0, len(staged), 3)]
    for task, (planned, real, again) in zip(tasks, results, strict=True):
        assert not planned.get("failed") and not real.get("failed"), (task["name"], real)
        assert planned["changed"] == real["changed"] and not again["changed"], task["name"]
    assert (tmp_path / "ranges-us.yml").exists()
    warnings = re.findall(r"\[WARNING\]: (.*)", run.output)
    assert warnings and all("there is no record" in warning for warning in warnings), warnings
