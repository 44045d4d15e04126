# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The world of the demo: the service, a name server and mail servers on loopback, a folder with the customers, and the playbook run for them."""

from __future__ import annotations

import datetime
import email.utils
import json
import os
import re
import shutil
import smtplib
import ssl
import subprocess
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mimecast_sandbox.control import Sandbox
from mimecast_sandbox.mail_control import MailServers
from mimecast_sandbox.name_server import NameServer
from paths import BUILD, COLLECTIONS, ROOT, inside

FOLDER = BUILD / "demo"  # what the demo leaves behind
SOURCE = "playbooks/demo"
INVENTORY = "hosts.mimecast_customers.yml"
# The accounts of the customers, the public addresses of mail servers, and how those that take mail behave.
TENANTS = {"acme": "CUKACME", "globex": "CUKGLOBEX", "initech": "CUKINITECH"}
SENDS_FROM = {"acme": "203.0.113.25", "globex": "203.0.113.57", "initech": "198.51.100.10", "partner": "192.0.2.80"}
SERVERS = {"acme": "trusted", "globex": "self_signed", "partner": "other_ca"}
_MAIL = "@ MX 10 mx1\nmx1 A {0}\n@ TXT \"v=spf1 mx -all\"\n"
ZONES = {
    "acme.example": _MAIL.format(SENDS_FROM["acme"]),
    "globex.example": _MAIL.format(SENDS_FROM["globex"]),
    "initech.example": "@ MX 0 initech-example.mail.protection.microsoft.example.\n",
    "partner.example": "@ MX 10 mx1\nmx1 A {}\n".format(SENDS_FROM["partner"]),
    "mimecast.com": "eu._netblocks TXT \"v=spf1 ip4:198.51.100.128/26 ~all\"\n"
    + "".join(f"eu-smtp-{kind}-{number} A 198.51.100.{128 + number}\n" for kind in ("inbound", "outbound", "journal") for number in (1, 2)),
}
CHANGED = re.compile(r"^changed: \[(\w+)(?: -> \w+)?\]")
TASK = re.compile(r"^TASK \[(?:mimecast\.connect\.\w+ : )?(.*?)\]")
RECAP = re.compile(r"^(\w+)\s+: ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)", re.MULTILINE)
TABLE = re.compile(r"TASK \[Where each customer is.*?\"msg\": (\[.*?\n +\])", re.DOTALL)


@dataclass
class Run:
    """What one run of the playbook came to."""

    seconds: float
    tasks: Counter[str]
    changed: Counter[str]
    failed: Counter[str]
    where: defaultdict[str, str]
    requests: list[dict[str, Any]]

    @property
    def writes(self) -> int:
        """Writes that reached the service."""
        return sum(request["wrote"] for request in self.requests)


@dataclass
class World:
    """Everything that runs."""

    sandbox: Sandbox
    mail: MailServers
    dns: NameServer
    env: dict[str, str]
    folder: Path
    runs: int = 0
    servers: dict[str, str] = field(default_factory=lambda: dict(SERVERS))

    # --- the playbook

    def connect(self, *options: str) -> Run:
        """Run the playbook as a user would, show what changed and where each customer is; all of it goes to a file."""
        self.runs += 1
        log = self.folder / "log" / f"{self.runs}.txt"
        log.parent.mkdir(exist_ok=True)
        self.sandbox.clear_requests()
        command = ["ansible-playbook", "-i", INVENTORY, "mimecast.connect.connect", *options]
        print("$", " ".join(command), flush=True)
        start = time.monotonic()
        done = subprocess.run(command, env=self.env, cwd=self.folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        seconds = time.monotonic() - start
        log.write_text(done.stdout, encoding="utf-8")
        for line in changes(done.stdout, "--check" in options):
            print("  " + line)
        table = TABLE.search(done.stdout)
        rows = json.loads(table[1]) if table else []
        print("\n".join("  " + row for row in rows))
        print(f"  ({seconds:.0f} s; all of the output: {log.relative_to(ROOT)})", flush=True)
        if not table:
            print(done.stdout[-4000:])
        counts = {row[0]: [int(number) for number in row[1:]] for row in RECAP.findall(done.stdout)}
        tasks, changed, unreachable, failed = (Counter({name: row[column] for name, row in counts.items()}) for column in range(4))
        where = defaultdict(str, (row.split(": ", 1) for row in rows))
        return Run(seconds, tasks, changed, unreachable + failed, where, self.sandbox.requests())

    def edit(self, name: str, old: str, new: str) -> None:
        """Change the demo's own copy of a customer file, and say so."""
        path = self.folder / "customers" / (name + ".yml")
        text = path.read_text(encoding="utf-8")
        if old not in text:
            raise ValueError(f"{path} has no {old!r}")
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        print("  customers/{}.yml: {}".format(name, " ".join(new.strip().split())))

    def append(self, name: str, text: str) -> None:
        """Add to the demo's own copy of a customer file."""
        path = self.folder / "customers" / (name + ".yml")
        path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")
        print("  customers/{}.yml: {}".format(name, " ".join(text.split())))

    def declare(self) -> None:
        """Where the servers are, as variables beside the inventory."""
        smart, journal, ca = (self.sandbox.mail[key] for key in ("smart_host", "journal", "ca"))
        variables = {
            "demo_servers": {name: self.mail.address(kind) for name, kind in self.servers.items()},
            "demo_mail_ca": self.mail.ca,
            "demo_dns": {"port": self.dns.port, "key_name": self.dns.key_name},
            "demo_smart_hosts": [{"host": f"eu-smtp-outbound-{number}.mimecast.com", "address": smart, "ca_path": ca} for number in (1, 2)],
            "demo_journal_hosts": [{"address": journal, "ca_path": ca}],
            "demo_ranges": f"{{{{ query('mimecast.connect.ranges', 'eu', resolver='{self.dns.address}') }}}}",
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        }
        folder = self.folder / "group_vars"
        folder.mkdir(exist_ok=True)
        (folder / "all.json").write_text(json.dumps(variables, indent=2), encoding="utf-8")

    # --- mail, and what the servers saw

    def book(self, sender: str) -> None:
        """Where names are, and whose public address this machine stands for while it sends."""
        self.sandbox.address_book({
            "mx1.acme.example": self.mail.address(self.servers["acme"]), "mx1.globex.example": self.mail.address(self.servers["globex"]),
            "mx1.partner.example": self.mail.address(self.servers["partner"]), SENDS_FROM[sender]: "127.0.0.1:25",
        })

    def send(self, sender: str, recipient: str, listener: str, author: str) -> str:
        """Send one real message with TLS, as the mail server of a customer or of the partner; the reply that decided."""
        self.book(sender)
        host, _colon, port = self.sandbox.mail[listener].rpartition(":")
        text = f"From: {author}\r\nTo: {recipient}\r\nSubject: The demo\r\nDate: {email.utils.formatdate()}\r\n\r\nHello.\r\n"
        with smtplib.SMTP(host, int(port), f"mx1.{sender}.example", timeout=20) as smtp:
            context = ssl.create_default_context(cafile=self.sandbox.mail["ca"])
            context.check_hostname = False  # the name stands for an address here
            smtp.starttls(context=context)
            try:
                smtp.sendmail(author, [recipient], text)
                reply = "250 taken"
            except smtplib.SMTPRecipientsRefused as error:
                code, said = error.recipients[recipient]
                reply = f"{code} {said.decode()}"
            except smtplib.SMTPResponseException as error:
                reply = f"{error.smtp_code} {error.smtp_error!r}"
        print(f"  mail from {author} to {recipient} at {listener}: {reply}")
        return reply

    def from_outside(self, recipient: str) -> str:
        """As the partner's server sends: to the host in the MX records, whichever that is."""
        host = min(self.dns.records(recipient.rpartition("@")[2], "MX")).split()[1]
        if "-smtp-inbound-" not in host:
            return f"the MX records lead to {host}"
        return self.send("partner", recipient, "inbound", "pat@partner.example")

    def arrived(self, name: str) -> int:
        """Messages that a mail server got."""
        return int(self.mail.received()["servers"].get(self.servers[name], 0))

    def journaled(self, name: str) -> int:
        """Copies in the archive of a customer."""
        rows = self.sandbox.objects(TENANTS[name], "tracked_messages")
        return sum(row["to"][0]["emailAddress"] == f"archive@journal.{name}.example" and row["status"] != "rejected" for row in rows)

    def older_message(self, name: str, days: int) -> None:
        """Evidence from days ago, which a demo cannot wait for."""
        received = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=days)
        self.sandbox.insert(TENANTS[name], "tracked_messages", {
            "route": "outbound", "status": "accepted", "received": received.strftime("%Y-%m-%dT%H:%M:%S+0000"), "senderIP": SENDS_FROM[name],
            "fromEnv": {"emailAddress": f"ann@{name}.example"}, "to": [{"emailAddress": "pat@partner.example"}]})

    def route(self, name: str) -> dict[str, Any]:
        """The first route of a customer, as the service has it."""
        return self.sandbox.objects(TENANTS[name], "delivery_route_definitions")[0]


def changes(output: str, planned: bool) -> Iterator[str]:
    """A line for each task that changed something, with its customers."""
    task, found = "", {}
    for line in output.splitlines():
        head, changed = TASK.match(line), CHANGED.match(line)
        if head:
            task = head[1]
        elif changed:
            found.setdefault(task, {})[changed[1]] = None
    for title, names in found.items():
        yield "{}: {} ({})".format("would change" if planned else "changed", title, ", ".join(names))


def environment(secrets: dict[str, str], url: str, folder: Path) -> dict[str, str]:
    """What a user would set, and nothing of this machine's own Ansible."""
    found = {name: value for name, value in os.environ.items() if not name.upper().startswith(("ANSIBLE_", "MIMECAST_"))}
    return found | secrets | {
        "MIMECAST_BASE_URL": url,
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false",
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_HOME": str(folder / "ansible"),
    }


@contextmanager
def world(folder: Path = FOLDER) -> Iterator[World]:
    """All servers, three accounts without anything in them, and a fresh copy of the customer files."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(inside(COLLECTIONS) / SOURCE, folder)
    for below in ("pages/2", "pages/5", "pages/6", *("handover/" + name for name in TENANTS)):
        (folder / below).mkdir(parents=True)
    names = [f"mx1.{name}.example" for name in SERVERS]
    with MailServers(only=[*SERVERS.values(), "no_tls"], names=names) as mail, NameServer(ZONES) as dns, Sandbox("--mail", "--trust", mail.ca) as sandbox:
        sandbox.settings(resolver=dns.address, sync_duration_ms=0)
        made = {name: sandbox.tenant(code, client_id=name + "-connect", internal_domains=[], region="eu", account={"archive": True})
                for name, code in TENANTS.items()}
        secrets = {name.upper() + "_CLIENT_SECRET": tenant["client_secret"] for name, tenant in made.items()}
        at = World(sandbox, mail, dns, environment({**secrets, "DEMO_DNS_SECRET": dns.key_secret}, sandbox.url, folder), folder)
        at.book("partner")
        at.declare()
        yield at
