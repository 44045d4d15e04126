# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mail server whose firewall firewall_allowlist keeps: the module runs in its namespace, foreign rules are there already."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import netns
import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from conftest import MODULES
from programs import run_command

from ansible_collections.mimecast.connect.plugins.module_utils._runner import execute

PROGRAMS = {"nftables": ("nft",), "iptables": ("iptables", "ip6tables", "ipset"), "iptables-legacy": ("iptables-legacy", "ip6tables-legacy", "ipset")}
VARIANTS = tuple(PROGRAMS)
MEANT = {"allow_few": ["smtp", "directory"], "allow_unobserved": ["smtp", "directory"]}

# What an administrator has: two tables of nftables, and chains, sets and counters of iptables.
FOREIGN_NFT = """
table inet filter {
    set admins {
        type ipv4_addr
        flags interval
        elements = { 198.51.100.0/24 }
    }
    chain input {
        type filter hook input priority filter; policy accept;
        ip saddr @admins tcp dport 2222 accept comment "mine: do not touch"
    }
}
table ip mine {
    chain post {
        type nat hook postrouting priority srcnat;
        oifname "wan" masquerade
    }
}
"""
FOREIGN_IPTABLES = """*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:f2b-sshd - [0:0]
-A INPUT -p tcp -m tcp --dport 2222 -m comment --comment "mine: do not touch" -j f2b-sshd
-A f2b-sshd -j RETURN
COMMIT
"""
FOREIGN_SETS = "create blocked hash:net family inet hashsize 1024 maxelem 65536\nadd blocked 203.0.113.0/24\n"
OWN = re.compile(r"mimecast|MIMECAST", re.I)


@dataclass
class Host:
    """The gateway of ``net``. ``run`` and ``info`` are the two modules; ``files`` stand in for those in /etc."""

    net: netns.Net
    variant: str
    folder: Path
    paths: dict[str, str] = field(default_factory=dict)

    @property
    def backend(self) -> str:
        return self.variant.partition("-")[0]

    def call(self, module: str, check: bool = False, **options: Any) -> dict[str, Any]:
        """The result of a module within the namespace, its arguments validated as AnsibleModule does."""
        job = import_module(MODULES + module).JOB
        checked = ArgumentSpecValidator(job.argument_spec, **job.rules).validate(json.loads(json.dumps(options)))
        if checked.error_messages:
            return {"failed": True, "msg": checked.errors.msg}
        with netns.entered(self.net.gateway):
            return execute(job, checked.validated_parameters, check, run_command=run_command)[0]

    def run(self, *services: dict[str, Any], check: bool = False, **options: Any) -> dict[str, Any]:
        """firewall_allowlist with these services; by default the guards know that a test means what it says."""
        whole = {"services": list(services) or None, "paths": self.paths, "backend": self.backend, **MEANT, **options}
        return self.call("firewall_allowlist", check, **{name: value for name, value in whole.items() if value is not None})

    def done(self, *services: dict[str, Any], **options: Any) -> dict[str, Any]:
        """The same, which must not fail."""
        result = self.run(*services, **options)
        assert not result.get("failed"), result
        return result

    def info(self, **options: Any) -> dict[str, Any]:
        """firewall_allowlist_info."""
        result = self.call("firewall_allowlist_info", backend=self.backend, **options)
        assert not result.get("failed"), result
        return result

    def tool(self, name: str) -> str:
        """A program of the variant, such as iptables-legacy-save for iptables-save."""
        return name.replace("tables", "tables-legacy", 1) if self.variant == "iptables-legacy" else name

    def rules(self) -> str:
        """The whole firewall as its own programs save it, without counters."""
        if self.backend == "nftables":
            return self.net.inside("nft", "-s", "list", "ruleset")
        saved = [self.net.inside(self.tool(name)) for name in ("iptables-save", "ip6tables-save")]
        plain = [line for line in "".join(saved).splitlines(True) if not line.startswith("#")]
        return re.sub(r"\[\d+:\d+\]", "[0:0]", "".join(plain)) + re.sub(r" initval \S+", "", self.net.inside("ipset", "save"))

    def foreign(self) -> str:
        """The same without what is ours."""
        if self.backend == "nftables":
            return re.sub(r"table inet mimecast_connect \{.*?\n\}\n", "", self.rules(), flags=re.S)
        return "".join(line for line in self.rules().splitlines(True) if not OWN.search(line))

    def reload(self) -> None:
        """What a boot does: an empty kernel, then the files in the order in which the system loads them."""
        if self.backend == "nftables":
            self.net.inside("nft", "flush", "ruleset")
            self.net.inside("nft", "-f", self.paths["nftables_main"])
            return
        for name in ("iptables-restore", "ip6tables-restore"):
            self.net.inside(self.tool(name), text="*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n")
        self.net.inside("ipset", "destroy")
        self.net.inside("ipset", "restore", "-exist", text=Path(self.paths["ipset_sets"]).read_text())
        for name, option in (("iptables-restore", "iptables_rules"), ("ip6tables-restore", "ip6tables_rules")):
            self.net.inside(self.tool(name), text=Path(self.paths[option]).read_text())

    def files(self) -> dict[str, str | None]:
        """Texts of the files, by option; None where there is no file."""
        return {option: Path(path).read_text() if Path(path).exists() else None for option, path in self.paths.items()}


def service(
    name: str = "smtp", mode: str = "enforce", ports: tuple[int, ...] = (25,), sources: tuple[str, ...] = (netns.ALLOWED[4], netns.ALLOWED[6]),
) -> dict[str, Any]:
    """A service as a user declares it."""
    return {"name": name, "ports": list(ports), "mode": mode, "sources": list(sources)}


@contextmanager
def host(variant: str, folder: Path) -> Iterator[Host]:
    """A host with rules of others, in the kernel and in files; skips where it cannot be made."""
    reason = netns.why_not(*PROGRAMS[variant])
    if reason:
        pytest.skip(reason)
    with netns.gateway_and_client() as net, pytest.MonkeyPatch.context() as patch:
        made = Host(net, variant, folder)
        if variant == "iptables-legacy":
            patch.setenv("PATH", str(_legacy_programs(folder / "bin")), prepend=":")
            usable = netns.subprocess.run(["ip", "netns", "exec", net.gateway, "iptables-legacy", "-L"], check=False, capture_output=True)
            if usable.returncode:
                pytest.skip("this kernel has no legacy iptables")
        _prepare(made)
        yield made


def _legacy_programs(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for family in ("iptables", "ip6tables"):
        for end in ("", "-save", "-restore"):
            found = shutil.which(f"{family}-legacy{end}", path=netns.PLACES)
            if found:
                (folder / (family + end)).symlink_to(found)
    return folder


def _prepare(made: Host) -> None:
    names = {"nftables": ("nftables_main", "nftables_own"), "iptables": ("ipset_sets", "iptables_rules", "ip6tables_rules")}[made.backend]
    made.paths = {name: str(made.folder / ("mimecast_connect.nft" if name == "nftables_own" else name)) for name in names}
    if made.backend == "nftables":
        made.net.inside("nft", "-f", "-", text=FOREIGN_NFT)
        Path(made.paths["nftables_main"]).write_text("#!/usr/sbin/nft -f\n# mine\nflush ruleset\n" + FOREIGN_NFT)
        return
    made.net.inside("ipset", "restore", text=FOREIGN_SETS)
    Path(made.paths["ipset_sets"]).write_text(FOREIGN_SETS)
    for name, option in (("iptables-restore", "iptables_rules"), ("ip6tables-restore", "ip6tables_rules")):
        made.net.inside(made.tool(name), text=FOREIGN_IPTABLES)
        Path(made.paths[option]).write_text("# mine\n" + FOREIGN_IPTABLES)
