# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gateways on which firewalld or ufw rules, each with its files in a mount namespace of its own; and what all of them promise."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import netns
import pytest
from firewall_host import MEANT, OWN, Host, service
from netns import ALLOWED, STRANGER
from test_firewall_updates import ranges, traffic

SOAK = "MIMECAST_SOAK_UPDATES" in os.environ  # what make soak sets: more updates under traffic
FAMILIES = (4, 6)
START_S = 30
CONFIRM_S = 15
EVERYBODY = [True, True, True, True]
SOURCES_ONLY = [True, True, False, False]
BUS = """<busconfig><type>system</type><listen>unix:path=/run/dbus/system_bus_socket</listen><auth>EXTERNAL</auth><policy context="default">
<allow user="*"/><allow own="*"/><allow send_type="method_call"/><allow send_destination="*"/><allow receive_sender="*"/><allow receive_type="*"/>
</policy></busconfig>"""
ZONE = """<?xml version="1.0" encoding="utf-8"?>
<zone>
  <short>Public</short>
  <!-- mine: do not touch -->
  <port port="25" protocol="tcp"/>
  <port port="2222" protocol="tcp"/>
  <rule family="ipv4"><source ipset="blocked"/><drop/></rule>
</zone>
"""
BLOCKED = '<?xml version="1.0" encoding="utf-8"?>\n<ipset type="hash:net">\n  <entry>203.0.113.0/24</entry>\n</ipset>\n'


@dataclass
class FrontEnd(Host):
    """A host that sees ``folder`` in place of some folders; ``pid`` is a process that keeps its namespaces."""

    pid: int = 0

    def inside(self, *command: str, text: str = "") -> str:
        """What a program prints that runs there; raises if it fails."""
        return netns.run("nsenter", f"--target={self.pid}", "--mount", "--net", *command, text=text)

    def call(self, module: str, check: bool = False, **options: Any) -> dict[str, Any]:
        """The result of a module there."""
        environment = {**os.environ, "PATH": netns.PLACES, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(
            ["nsenter", f"--target={self.pid}", "--mount", "--net", sys.executable, str(Path(__file__).with_name("firewall_call.py"))], check=False,
            capture_output=True, text=True, env=environment, input=json.dumps({"module": module, "check": check, "options": options}))
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def passing(self, port: int = 25) -> list[bool]:
        """Who reaches a port: the allowed by IPv4 and IPv6, the stranger by IPv4 and IPv6."""
        return [self.passes(address[family], port) for address in (ALLOWED, STRANGER) for family in FAMILIES]

    def passes(self, source: str, port: int = 25) -> bool:
        """Whether a connection is made; ufw drops, firewalld also refuses."""
        try:
            self.net.connect(source, port).close()
        except OSError:
            return False
        return True

    def others_files(self) -> dict[str, tuple[int, bytes]]:
        """Modes and contents of the files of others; lines of ours in them, which have markers, left out."""
        found = {}
        for path in sorted((self.folder / "etc").rglob("*")):
            if path.is_file() and not path.name.startswith("mimecast"):
                text = re.sub(rb"# BEGIN mimecast.*?# END mimecast[^\n]*\n", b"", path.read_bytes(), flags=re.S)
                found[str(path)] = (path.stat().st_mode & 0o777 if path.name != "after.init" else 0, text)
        return found


class Firewalld(FrontEnd):
    """firewalld with a bus of its own."""

    def rules(self) -> str:
        """Zones and policies as firewalld lists them, and all of the kernel's rules and sets."""
        listed = [self.inside("firewall-cmd", option) for option in ("--list-all-zones", "--list-all-policies")]
        return "".join([*listed, self.inside("nft", "-s", "list", "ruleset")])

    def foreign(self) -> str:
        """The same without our policy and sets; of the kernel's, the chains of the zone and the set of others."""
        listed, _table, kernel = self.rules().partition("table ")
        parts = re.findall(r"^\t(?:chain filter_IN_public\w*|set blocked) \{.*?^\t\}", kernel, flags=re.M | re.S)
        return re.sub(r"^mimecast.*\n([ \t].*\n|\n)*", "", listed, flags=re.M) + "\n".join(sorted(parts))

    def reload(self) -> None:
        """What an administrator does now and then."""
        self.inside("firewall-cmd", "--reload")


class Ufw(FrontEnd):
    """ufw, enabled."""

    def rules(self) -> str:
        """The kernel's rules and sets, without counters."""
        saved = "".join(self.inside(name) for name in ("iptables-save", "ip6tables-save"))
        plain = [line for line in saved.splitlines(True) if not line.startswith("#")]
        return re.sub(r"\[\d+:\d+\]", "[0:0]", "".join(plain)) + self.inside("ipset", "save")

    def foreign(self) -> str:
        """The same without what is ours."""
        return "".join(line for line in self.rules().splitlines(True) if not OWN.search(line))

    def reload(self) -> None:
        """What an administrator does after each edit of a file."""
        self.inside("ufw", "reload")

    def boot(self) -> None:
        """An empty kernel, then what the system starts."""
        for name in ("iptables-restore", "ip6tables-restore"):
            self.inside(name, text="*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n")
        self.inside("ipset", "destroy")
        self.inside("/lib/ufw/ufw-init", "start", "quiet")


@contextmanager
def firewalld(folder: Path) -> Iterator[Firewalld]:
    """A gateway with firewalld, its zone public and a set of others; skips where it cannot be made."""
    _needs("firewalld", "firewall-cmd", "dbus-daemon", "nft")
    for name in ("zones", "services", "icmptypes", "ipsets", "policies", "helpers"):
        (folder / "etc/firewalld" / name).mkdir(parents=True)
    (folder / "etc/firewalld/firewalld.conf").write_text("DefaultZone=public\nCleanupOnExit=yes\nFirewallBackend=nftables\n")
    (folder / "etc/firewalld/zones/public.xml").write_text(ZONE)
    (folder / "etc/firewalld/ipsets/blocked.xml").write_text(BLOCKED)
    (folder / "bus.conf").write_text(BUS)
    with netns.gateway_and_client() as net, _namespaces(net, folder, "firewalld") as pid:
        made = Firewalld(net, "firewalld", folder, pid=pid)
        with _daemon(made, "dbus-daemon", f"--config-file={folder}/bus.conf", "--nofork", "--nopidfile"), \
                _daemon(made, "firewalld", "--nofork", "--nopid", "--log-target", "file", "--log-file", f"{folder}/firewalld.log"):
            _wait(made, "firewall-cmd", "--state")
            yield made


@contextmanager
def ufw(folder: Path) -> Iterator[Ufw]:
    """A gateway with ufw enabled, rules and a set of others; skips where it cannot be made."""
    _needs("ufw", "iptables", "ip6tables", "ipset")
    shutil.copytree("/etc/ufw", folder / "etc/ufw")
    (folder / "etc/default").mkdir()
    shutil.copy("/etc/default/ufw", folder / "etc/default/ufw")
    with netns.gateway_and_client() as net, _namespaces(net, folder, "ufw", "default/ufw") as pid:
        made = Ufw(net, "ufw", folder, pid=pid)
        made.inside("ipset", "restore", text="create blocked hash:net family inet hashsize 1024 maxelem 65536\nadd blocked 203.0.113.0/24\n")
        for command in (("allow", "2222/tcp"), ("allow", "25/tcp"), ("--force", "enable")):
            made.inside("ufw", *command)
        yield made


def _needs(*programs: str) -> None:
    reason = netns.why_not("nsenter", "unshare", *programs)
    if reason:
        pytest.skip(reason)


@contextmanager
def _namespaces(net: netns.Net, folder: Path, *names: str) -> Iterator[int]:
    """A process in the gateway's network that sees our files in /etc, and a /run of its own."""
    (folder / "run/dbus").mkdir(parents=True)
    binds = [f"mount --bind {folder}/etc/{name} /etc/{name}" for name in names] + [f"mount --bind {folder}/run /run"]
    script = " && ".join([*binds, "echo ready", "exec sleep 100000"])
    with netns.entered(net.gateway):
        process = subprocess.Popen(["unshare", "--mount", "--propagation", "private", "sh", "-c", script], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout and process.stdout.readline() == "ready\n"
        yield process.pid
    finally:
        process.kill()
        process.wait()


@contextmanager
def _daemon(made: FrontEnd, *command: str) -> Iterator[None]:
    with open(made.folder / f"{command[0]}.out", "w", encoding="utf-8") as out:
        process = subprocess.Popen(
            ["nsenter", f"--target={made.pid}", "--mount", "--net", *command], stdout=out, stderr=out, stdin=subprocess.DEVNULL,
            env={**os.environ, "PATH": netns.PLACES})
    try:
        if command[0] == "dbus-daemon":
            until((made.folder / "run/dbus/system_bus_socket").exists)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(made: FrontEnd, *command: str) -> None:
    def works() -> bool:
        try:
            made.inside(*command)
        except OSError:
            return False
        return True

    until(works, 0.3)


def until(true: Callable[[], Any], pause: float = 0.05) -> None:
    """Waits, but not for ever; seconds between looks."""
    end = time.monotonic() + START_S
    while not true():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(pause)


def modes_judge_real_packets(gateway: FrontEnd) -> None:
    """Open, observe and enforce, IPv4 and IPv6, these ports only; the machine reaches itself."""
    assert gateway.passing() == EVERYBODY and gateway.passing(636) == [False] * 4
    gateway.done(service(mode="observe"), service("directory", "open", (636,)))
    assert gateway.passing() == EVERYBODY and gateway.passing(636) == SOURCES_ONLY
    gateway.done(service(), service("directory", "open", (636,)))
    assert gateway.passing() == SOURCES_ONLY and gateway.passing(2222) == EVERYBODY
    itself = netns.Net(gateway.net.gateway, gateway.net.gateway)
    assert [itself.reaches(netns.GATEWAY[family]) for family in FAMILIES] == [True, True]
    gateway.done(service(sources=(ALLOWED[4],)), allow_removals=["smtp"])
    assert gateway.passing() == [True, False, False, False]
    gateway.done(state="absent")
    assert gateway.passing() == EVERYBODY and gateway.passing(636) == [False] * 4


def check_mode_is_the_run(gateway: FrontEnd) -> None:
    """Check mode changes nothing and says what the run does; a second run does nothing; info gives back what was declared.

    Rules, sets and files of others stay byte for byte through all of it.
    """
    others = gateway.foreign(), gateway.others_files()
    steps = [
        [service(mode="observe")], [service(), service("directory", "open", (389, 636))],
        [service(sources=("203.0.113.0/24", "2001:db8:9::/64")), service("directory", "observe", (389, 636))],
    ]
    for services in steps:
        before = gateway.rules(), gateway.others_files()
        predicted = gateway.done(*services, check=True, allow_removals=["smtp"])
        assert (gateway.rules(), gateway.others_files()) == before
        done = gateway.done(*services, allow_removals=["smtp"])
        assert done["changed"] and _timeless(done) == _timeless(predicted)
        after = gateway.rules()
        for check in (True, False):
            again = gateway.done(*services, check=check, allow_removals=["smtp"])
            assert (again["changed"], again["changes"], again["diff"]) == (False, [], {"before": {}, "after": {}})
        assert gateway.rules() == after and (gateway.foreign(), gateway.others_files()) == others
        info = gateway.info()
        told = [{name: one[name] for name in ("name", "mode", "ports", "sources")} for one in info["services"]]
        assert told == sorted(services, key=lambda one: one["name"]) and info["drift"] == []
        assert all(bool(one["observed_since"]) == (one["mode"] != "open") for one in info["services"])
    gateway.done(state="absent")
    assert not gateway.done(state="absent")["changed"] and (gateway.foreign(), gateway.others_files()) == others


def a_reload_changes_nothing(gateway: FrontEnd) -> None:
    """The backend's own reload: same services, same judgement, nothing to do afterwards."""
    services = [service(mode="observe"), service("directory", "open", (389, 636))]
    gateway.done(*services)
    gateway.done(service(sources=(ALLOWED[4], ALLOWED[6], "203.0.113.0/24")))
    before = gateway.info()["services"]
    stream = gateway.net.connect(ALLOWED[4])
    gateway.reload()
    assert [_lasting(one) for one in gateway.info()["services"]] == [_lasting(one) for one in before]
    assert gateway.passing() == SOURCES_ONLY and gateway.passing(636) == SOURCES_ONLY
    assert not gateway.done(service(sources=(ALLOWED[4], ALLOWED[6], "203.0.113.0/24")), services[1])["changed"]
    stream.sendall(b"still there")
    assert stream.recv(100) == b"still there"
    stream.close()


def streams_outlive_every_change(gateway: FrontEnd) -> None:
    """What is established is never cut, whoever it is."""
    gateway.done(service(mode="observe"))
    streams = [gateway.net.connect(address[family]) for address in (ALLOWED, STRANGER) for family in FAMILIES]
    streams.append(gateway.net.connect(STRANGER[4], 2222))
    steps = [{"services": service()}, {"services": service(sources=("203.0.113.0/24",))}, {"services": service("directory", "open", (636,))}]
    for step in steps:
        gateway.done(step["services"], allow_removals=["smtp"])
        _talk(streams)
    assert gateway.passing() == [False] * 4
    gateway.done(state="absent")
    _talk(streams)
    for stream in streams:
        stream.close()


def updates_under_traffic(gateway: FrontEnd, updates: int) -> tuple[dict[str, int], float]:
    """Updates of 10,000 ranges: what became of connections, and seconds for each update."""
    lists = [service(sources=ranges(offset)) for offset in (0, 1)]
    gateway.done(lists[0])
    start = time.monotonic()
    with traffic(gateway.net) as found:
        for number in range(updates):
            assert gateway.done(lists[(number + 1) % 2], allow_removals=["smtp"])["changed"]
    return dict(found), (time.monotonic() - start) / updates


def unconfirmed_is_taken_back(gateway: FrontEnd) -> None:
    """After the timeout the rules and files from before are there again."""
    gateway.done(service(mode="observe"))
    services, files = gateway.info()["services"], gateway.others_files()
    begun = time.monotonic()
    result = gateway.done(service(sources=("203.0.113.0/24",)), service("directory", "open", (636,)), allow_removals=["smtp"], confirm_timeout=CONFIRM_S)
    assert result["waits"] and gateway.passing() == [False] * 4
    while not (gateway.passes(STRANGER[4]) and gateway.passes(ALLOWED[6])):
        assert time.monotonic() - begun < CONFIRM_S + START_S
    print(f"{gateway.variant}: {time.monotonic() - begun - CONFIRM_S:.1f} s after the timeout everything passes again")
    until(lambda: list((gateway.folder / "run/mimecast_connect").glob("*/reverted")))
    again = gateway.done(service(mode="observe"))
    assert not again["changed"] and any("was not confirmed and has been taken back" in text for text in again["warnings"]), again
    assert [_lasting(one) for one in gateway.info()["services"]] == [_lasting(one) for one in services]
    assert gateway.others_files() == files and gateway.passing(636) == [False] * 4


def chosen(gateway: FrontEnd) -> str:
    """The backend that is taken where none is named."""
    options = {"services": [service(mode="observe")], **MEANT}
    return gateway.call("firewall_allowlist", check=True, **options)["backend"]


def _talk(streams: list[Any]) -> None:
    for stream in streams:
        stream.sendall(b"still there")
        assert stream.recv(100) == b"still there"


def _lasting(one: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in one.items() if key not in ("connections", "observed_hours")}


def _timeless(result: dict[str, Any]) -> dict[str, Any]:
    services = [{key: value for key, value in one.items() if key != "observed_since"} for one in result["services"]]
    return result | {"services": services}
