# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The main job without an account: two customers' routes declared, applied, proved, drifted and repaired.

Runs the playbook mimecast.connect.connect from the installed tarball against the sandbox and three real SMTP servers
on loopback ports. Ends with 1 when anything that the summary claims did not happen.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import envs
import tree
from paths import COLLECTIONS, ROOT, VENVS, inside

sys.path.insert(0, str(ROOT / "extensions" / "sandbox"))

NAMES = ["mx1.acme.example", "mx2.acme.example"]
ROUTE_PASSWORD = "demo-route-password"
RECAP = re.compile(r"^(\w+)\s+: ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)", re.MULTILINE)
CUSTOMERS = ("acme", "globex")


@dataclass
class Demo:
    """The running servers, and what was seen to be true."""

    sandbox: Any
    mail: Any
    folder: Path
    env: dict[str, str]
    proved: list[tuple[bool, str]] = field(default_factory=list)

    def play(self, title: str, *options: str, servers: dict[str, Any] | None = None) -> dict[str, dict[str, int]]:
        """Run the playbook, show it, and return the recap of the customers."""
        print(f"\n\033[1m=== {title}\033[0m" if sys.stdout.isatty() else f"\n=== {title}", flush=True)
        self.sandbox.clear_requests()
        variables = self.folder / "demo.json"
        variables.write_text(json.dumps({"demo_servers": servers or self.mail.servers, "demo_ca": self.mail.ca}))
        shown = ["ansible-playbook", "mimecast.connect.connect", "-e", "customers=playbooks/demo/customers", *options]
        print("$", " ".join(shown), flush=True)
        customers = inside(COLLECTIONS) / "playbooks" / "demo" / "customers"
        command = [*shown[:2], "-e", f"customers={customers}", "-e", f"@{variables}", *options]
        done = subprocess.run(command, env=self.env, cwd=self.folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        print(done.stdout, end="", flush=True)
        names = ("ok", "changed", "unreachable", "failed")
        return {line[0]: dict(zip(names, map(int, line[1:]))) for line in RECAP.findall(done.stdout)}

    def writes(self) -> int:
        """Writes that reached the service in the last play."""
        return sum(request["wrote"] for request in self.sandbox.requests())

    def prove(self, truth: bool, text: str) -> None:
        """Note something for the summary."""
        self.proved.append((bool(truth), text))


def ready() -> None:
    """Make what is needed, then go on inside the private environment."""
    if Path(sys.prefix) != VENVS / "run":
        print("Making the private environment, which takes a while the first time", flush=True)
    try:
        venv = envs.ensure("run")
    except envs.Unavailable as error:
        sys.exit(f"Cannot make the demo's private environment: {error}")
    except subprocess.CalledProcessError:
        sys.exit(f"Cannot make the demo's private environment: pip failed, see {envs.log_of('run')}")
    if Path(sys.prefix) != venv:
        print("Building the collection and installing it from its tarball", flush=True)
        tree.build_and_install("run")
        python = str(venv / "bin" / "python")
        os.execve(python, [python, __file__], envs.environment(venv))


def environment(secrets: dict[str, str], url: str, folder: Path) -> dict[str, str]:
    """What a user would set, and nothing of this machine's own Ansible."""
    found = {name: value for name, value in os.environ.items() if not name.upper().startswith(("ANSIBLE_", "MIMECAST_"))}
    if sys.stdout.isatty():
        found.pop("NO_COLOR", None)
        found["ANSIBLE_FORCE_COLOR"] = "1"
    return found | secrets | {
        "MIMECAST_BASE_URL": url,
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false",
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_HOME": str(folder / "ansible"),
    }


def story(demo: Demo) -> None:
    """The five acts."""
    demo.play("1. Plan: what would change, proved by real connections, nothing written", "--check", "--diff")
    planned = demo.writes()
    demo.prove(planned == 0, f"The plan wrote nothing: {planned} writes at the service")

    recap = demo.play("2. Apply the plan")
    made = demo.writes()
    demo.prove(all(recap[name]["changed"] for name in CUSTOMERS), f"Applied for {len(recap) - 1} customers with {made} writes")

    recap = demo.play("3. Apply again: nothing to do")
    changed = sum(recap[name]["changed"] for name in CUSTOMERS)
    demo.prove(changed == 0 and demo.writes() == 0, f"The second run: changed={changed}, {demo.writes()} writes")

    row = next(row for row in demo.sandbox.objects("CDEMOACME", "delivery_route_definitions") if row["description"] == "Headquarters")
    demo.sandbox.patch("CDEMOACME", "delivery_route_definitions", row["ref"], hostname="mx.old-provider.example")
    recap = demo.play("4. Somebody edits a route in the console; the drift shows in a plan", "--check", "--diff", "--limit", "localhost,acme")
    demo.prove(recap["acme"]["changed"] == 1 and demo.writes() == 0, "The drift was shown by a plan, without a write")
    demo.play("... and is repaired by the next run", "--diff")
    writes = demo.writes()
    row = next(row for row in demo.sandbox.objects("CDEMOACME", "delivery_route_definitions") if row["description"] == "Headquarters")
    demo.prove(writes == 1 and row["hostname"] == "mx1.acme.example", f"It was repaired with {writes} write, nothing else was touched")

    plain = {**demo.mail.servers, "self_signed": demo.mail.servers["no_tls"]}
    recap = demo.play("5. A server without TLS is refused before anything is written", servers=plain)
    demo.prove(recap["globex"]["failed"] == 1 and demo.writes() == 0, "A server that lost its TLS stopped its customer before any write")

    total = demo.mail.received()["total"]
    demo.prove(total == 0, f"Real SMTP and TLS connections proved each route, and {total} messages were sent")


def main() -> int:
    """Start the servers, tell the story, sum up."""
    ready()
    from mimecast_sandbox.control import Sandbox
    from mimecast_sandbox.mail_control import MailServers

    with tempfile.TemporaryDirectory(prefix="mimecast-demo-") as name, MailServers(
        only=["trusted", "self_signed", "no_tls"], names=NAMES
    ) as mail, Sandbox("--trust", mail.ca) as sandbox:
        acme = sandbox.tenant("CDEMOACME", client_id="acme-connect", internal_domains=["acme.example"], groups=["Sales"])
        globex = sandbox.tenant("CDEMOGLOBEX", client_id="globex-connect", internal_domains=["globex.example"])
        sandbox.address_book({
            "mx1.acme.example:25": mail.address("trusted"),
            "mx2.acme.example:25": mail.address("trusted"),
            "mx1.globex.example:25": mail.address("self_signed"),
        })
        secrets = {
            "ACME_CLIENT_SECRET": acme["client_secret"],
            "GLOBEX_CLIENT_SECRET": globex["client_secret"],
            "ACME_ROUTE_PASSWORD": ROUTE_PASSWORD,
        }
        demo = Demo(sandbox, mail, Path(name), environment(secrets, sandbox.url, Path(name)))
        story(demo)
    print("\nWhat was proved:")
    for truth, text in demo.proved:
        print(f"  {'yes' if truth else 'NO '}  {text}")
    print("\nFor a real tenant: set MIMECAST_CLIENT_ID and MIMECAST_CLIENT_SECRET, write one file for each customer, and run\n"
          "  ansible-playbook mimecast.connect.connect -e customers=FOLDER --check --diff")
    return 0 if all(truth for truth, _text in demo.proved) else 1


if __name__ == "__main__":
    sys.exit(main())
