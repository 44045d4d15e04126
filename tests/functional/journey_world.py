# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A customer on premises and the world around: two network namespaces with real servers, real names and real port 25.

In the customer's namespace: Postfix behind nftables, at MAIL and AGAIN. In the other one, in which the test itself runs once it is ``entered``:
the sandbox with its mail hosts at INBOUND, SMART_HOST and JOURNAL, a partner's mail server, BIND, the directories of head office (Samba AD) and of
a branch (slapd), and a stranger at netns.STRANGER.
"""

from __future__ import annotations

import re
import smtplib
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bind_server
import firewall_host
import netns
import playbooks
import postfix_host
import samba_server
import slapd_server
from bind_server import Dns
from firewall_host import Host
from mail_recorder import Recorder, recorder
from mimecast_sandbox.control import Sandbox
from mimecast_sandbox.mail_pki import Pki
from playbooks import Run
from postfix_host import PostfixHost
from samba_server import Samba
from slapd_server import Slapd

MAIL, AGAIN = netns.GATEWAY[4], "198.51.100.3"  # the second is reached from the stranger's address
INBOUND, SMART_HOST, JOURNAL, PARTNER = netns.ALLOWED[4], "198.51.100.12", "198.51.100.13", "198.51.100.80"
LIMIT_S = 600  # for a whole journey, on a machine that is busy
CUSTOMER, MX, HEAD_OFFICE, BRANCH = "example.com", "mx1.example.com", "dc1.example.com", "branch.example.com"
# Whom the directory of head office knows, whom that of the branch, a stranger, and a mailbox of which no directory knows.
ANN, EVE, BOB, NOBODY = "ann@example.com", "user2@example.com", "bob@partner.test", "nobody@example.com"
HOSTS = {f"eu-smtp-{kind}-{number}": address for kind, address in (("outbound", SMART_HOST), ("inbound", INBOUND), ("journal", JOURNAL)) for number in (1, 2)}
ZONES = {
    CUSTOMER: f"@ MX 10 mx1\nmx1 A {MAIL}\n@ 1 TXT \"v=spf1 mx -all\"\n",  # which receivers may keep for a second
    "partner.test": f"@ MX 10 mx\nmx A {PARTNER}\n",
    "mimecast.com": f"eu._netblocks TXT \"v=spf1 ip4:{INBOUND} ip4:{SMART_HOST} ~all\"\n" + "".join(f"{name} A {address}\n" for name, address in HOSTS.items()),
}
# Who becomes root on the mail server sees its network, its names and a /run of its own. A sudo, since become is also what sends a module there.
SUDO = """#!/bin/sh
while [ "$1" != /bin/sh ]; do shift; done
exec ip netns exec {name} unshare --mount sh -c 'mount --bind {run} /run && mount --bind {hosts} /etc/hosts && exec "$@"' sh "$@"
"""


def why_not() -> str:
    """Why this world cannot be made here; empty when it can."""
    reasons = [bind_server.why_not(), samba_server.why_not(), slapd_server.why_not(), postfix_host.why_not(), netns.why_not("nft")]
    return "; ".join(reason for reason in reasons if reason)


@dataclass
class World:
    """Everything that runs. ``customer`` is the customer file as it stands; ``connect`` runs the playbook for it."""

    folder: Path
    gateway: Host
    sandbox: Sandbox
    dns: Dns
    head_office: Samba
    branch: Slapd
    postfix: PostfixHost
    partner: Recorder
    ca: Path
    code: str = "CUK12A34"
    customer: dict[str, Any] = field(default_factory=dict)
    runs: int = 0

    def connect(self, *options: str) -> Run:
        """The playbook of the collection for the customer file."""
        self.runs += 1
        folder = self.folder / f"run{self.runs}"
        customers = self.folder / "inventory" / "customers"
        customers.mkdir(parents=True, exist_ok=True)
        folder.mkdir()
        playbooks.write_yaml(customers / "acme.yml", self.customer)
        playbooks.write_yaml(customers.parent / "hosts.mimecast_customers.yml", {"plugin": "mimecast.connect.customers"})
        playbooks.write_yaml(customers.parent / "servers.yml", {"all": {"hosts": self._hosts()}})
        process = playbooks.start(
            folder, "mimecast.connect.connect", "-i", str(customers.parent / "hosts.mimecast_customers.yml"), "-i", str(customers.parent / "servers.yml"),
            *options, "-e", f"connect_dest={self.folder / 'pages'}", ANSIBLE_BECOME_ALLOW_SAME_USER="true",
            SSL_CERT_FILE=str(self.ca))  # the roots of every machine in this world
        process.wait(LIMIT_S)
        done = playbooks.finish(process, folder)
        assert "Traceback" not in done.output, done.output
        return done

    def _hosts(self) -> dict[str, Any]:
        sudo, run = self.folder / "sudo", self.folder / "run"
        run.mkdir(exist_ok=True)
        sudo.write_text(SUDO.format(name=self.gateway.net.gateway, run=run, hosts=self.postfix.folder / "hosts"))
        sudo.chmod(0o755)
        local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
        return {"mail-1": {**local, "ansible_become": True, "ansible_become_exe": str(sudo)}, "outside": local}

    def directories(self) -> list[tuple[str, int, str]]:
        """Name, port and real address of each."""
        port = int(self.branch.secure.rpartition(":")[2])
        return [(HEAD_OFFICE, 636, f"{self.head_office.address}:636"), (BRANCH, port, self.branch.secure)]

    def records(self) -> dict[str, str]:
        """What was kept of the time before, by file."""
        return {path.name: path.read_text(encoding="utf-8") for path in (self.folder / "inventory" / "records" / "acme").iterdir()}

    # --- independent judges

    def send_by_mx(self, recipient: str, sender: str = BOB, subject: str = "hello") -> str:
        """The last reply of the host that dig finds in the MX records, as swaks got it."""
        host = min(self.dns.dig(recipient.rpartition("@")[2], "MX"), key=lambda line: int(line.split()[0])).split()[1]
        (address,) = self.dns.dig(host, "A")
        return self.swaks(address, recipient, sender, "--local-interface", PARTNER, "--header", f"Subject: {subject}")

    def swaks(self, server: str, recipient: str, sender: str, *options: str) -> str:
        words = [slapd_server.program("swaks"), "--server", f"{server}:25", "--from", sender, "--to", recipient, "--timeout", "10", "--helo", "mx.partner.test"]
        done = subprocess.run([*words, *options], check=False, capture_output=True, text=True, timeout=60)
        replies = re.findall(r"^<[-~* ]+ +(\d{3} .*)$", done.stdout, re.M)
        return next((one for one in replies if one[0] in "45"), next(one for one in reversed(replies) if not one.startswith("221")))

    def reaches(self, source: str) -> bool:
        """Whether the customer's port 25 answers this address with a greeting."""
        try:
            with smtplib.SMTP(MAIL, 25, timeout=2, source_address=(source, 0)) as smtp:
                return smtp.noop()[0] == 250
        except OSError:
            return False

    def offers_tls(self) -> bool:
        """Whether openssl gets a handshake from the customer's port 25."""
        words = ["openssl", "s_client", "-starttls", "smtp", "-connect", f"{MAIL}:25", "-verify_return_error", "-CAfile", str(self.ca), "-verify_hostname", MX]
        return subprocess.run(words, check=False, capture_output=True, input="QUIT\n", text=True, timeout=20).returncode == 0

    def tracked(self, **wanted: Any) -> list[dict[str, Any]]:
        """Tracked messages of the customer with these fields."""
        rows = self.sandbox.objects(self.code, "tracked_messages")
        return [row for row in rows if all(row.get(name) == value for name, value in wanted.items())]


@contextmanager
def world(folder: Path) -> Iterator[World]:
    """The world, entered; an empty tenant, and a customer file as ``customer_file`` makes it."""
    with ExitStack() as stack:
        gateway = stack.enter_context(firewall_host.host("nftables", folder))
        net = gateway.net
        netns.run("ip", "-n", net.gateway, "addr", "add", f"{AGAIN}/24", "dev", "s0")
        for address in (SMART_HOST, JOURNAL, PARTNER):
            netns.run("ip", "-n", net.client, "addr", "add", f"{address}/24", "dev", "c0")
        netns.run("ip", "-n", net.client, "route", "add", AGAIN, "dev", "c0", "src", netns.STRANGER[4])
        stack.enter_context(netns.entered(net.client))
        pki = Pki(folder, [MX, HEAD_OFFICE, BRANCH, *(f"{name}.mimecast.com" for name in HOSTS)])
        ca = folder / "ca.pem"
        pem = pki.pem("rsa")
        dns = stack.enter_context(bind_server.bind(ZONES, updatable=True))
        branch = stack.enter_context(slapd_server.slapd(slapd_server.people(20), pem))
        head_office = stack.enter_context(samba_server.samba(pem))
        for name in ("ann", "reader"):
            head_office.user(name, f"--mail-address={name}@{CUSTOMER}", addresses=(f"SMTP:{name}@{CUSTOMER}",))
        listen = [f"--mail-listen={kind}={address}:25" for kind, address in (("smart_host", SMART_HOST), ("inbound", INBOUND), ("journal", JOURNAL))]
        sandbox = stack.enter_context(Sandbox("--trust", str(ca), "--mail-pem", str(pem), "--reach", "198.51.100.0/24", *listen))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        partner = stack.enter_context(recorder(PARTNER, 25, tls=context))
        postfix = stack.enter_context(_postfix(net.gateway, pem))
        made = World(folder, gateway, sandbox, dns, head_office, branch, postfix, partner, ca)
        made.customer = customer_file(made, _tenant(made))
        yield made


def _postfix(namespace: str, pem: Path) -> Any:
    """The customer's mail server: mailboxes of three people, and until it is told otherwise mail for the partner leaves by itself."""
    names = {**{f"{name}.mimecast.com": address for name, address in HOSTS.items()}, "partner.test": PARTNER}
    return postfix_host.postfix_host(
        MX, names=names, mailboxes=[ANN, EVE, NOBODY], listen=[f"{MAIL}:25", f"{AGAIN}:25"], inside=("ip", "netns", "exec", namespace),
        main=f"smtpd_tls_security_level = may\nsmtpd_tls_chain_files = {pem}\nsmtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination\n")


def _tenant(at: World) -> dict[str, Any]:
    """An empty tenant; the sandbox asks BIND, and knows where the directories are."""
    at.sandbox.settings(resolver=at.dns.address, sync_duration_ms=0, sync_reads=True)
    at.sandbox.address_book({**{f"{name}:{port}": address for name, port, address in at.directories()}, MX: f"{MAIL}:25"})
    return at.sandbox.tenant(at.code, region="eu", account={"archive": True})


def customer_file(at: World, tenant: dict[str, Any]) -> dict[str, Any]:
    """Service both, Postfix on premises, and no switch thrown."""
    connection = {"base_url": at.sandbox.url, **{name: tenant[name] for name in ("client_id", "client_secret")}}
    route = {"route": "HQ", "tls": "strict", "address": f"{MAIL}:25"}
    readers = {HEAD_OFFICE: (f"CN=reader,CN=Users,{samba_server.BASE}", samba_server.PASSWORD, samba_server.BASE),
               BRANCH: (slapd_server.READER, slapd_server.READER_PASSWORD, slapd_server.BASE)}
    connectors = [{"name": name, "hostname": name, "port": port, "encryption": "strict", **dict(zip(("user_dn", "password", "root_dn"), readers[name]))}
                  for name, port, _address in at.directories()]
    journal = "journaling@journal.example.com"
    return {
        "service": "both", "account_code": at.code, "mimecast_connection": connection,
        "infrastructure": {"type": "postfix", "hosts": ["mail-1"]},
        "contacts": [{"name": "Grace Hopper", "email": "grace@example.com", "mobile_phone": "+441234567890"}],
        "emergency_contact": {"name": "Grace Hopper", "email": "grace@hopper.test", "mobile_phone": "+441234567890"},
        "outbound_addresses": {"addresses": {"set": [MAIL]}}, "inbound_addresses": [MAIL],
        "domains": [{"name": CUSTOMER, "inbound_type": "ldap"}], "done": {"rfi": "2026-11-20"},
        "dns_owner": {"name": "Customer", "email": "hostmaster@example.com"},
        "directory": {"type": "active_directory", "checks": [
            {"type": "ldap", "connector": name, "implicit_tls": True, "address": address} for name, _port, address in at.directories()]},
        "active_directory_connectors": connectors,
        "journaling": {"method": "smtp", "domain": "journal.example.com", "email": journal},
        "journaling_services": [{"name": "Journal", "smtp": {"email": journal, "tls": True}}],
        "delivery_routes": [{"name": "HQ", "hostname": MX, "policies": [{"name": "Inbound to HQ", "to": {"type": "domain", "domain": CUSTOMER}}]}],
        "route_checks": [route],
        "outbound": {"tls": "strict", "soak_days": 0},
        "mx": {"cut_over": False, "old_hosts": []},
        "dns": {"backend": "nsupdate", "server": "127.0.0.1", "port": at.dns.port, "key_name": at.dns.key.name, "key_secret": at.dns.key.secret,
                "resolver": at.dns.address, "nameservers": {"ns1.example.com": at.dns.address}},
        "firewall": {
            "gateways": ["mail-1"], "ranges": [INBOUND], "confirm_timeout": 60, "enforce": False,
            "allowlist": {"backend": "nftables", "paths": at.gateway.paths, "allow_few": ["smtp"], "min_observe_hours": 0},
            "probes": [{"from": "outside", "host": MX, "address": f"{address}:25", "allowed": allowed} for address, allowed in ((MAIL, True), (AGAIN, False))]},
        "variables": {
            "ansible_connection": "local", "ansible_python_interpreter": sys.executable, "rfi_allow_documentation": True,
            **{f"{role}_{option}": value for role in ("outbound", "journaling")
               for option, value in (("config_directory", str(at.postfix.config)), ("tls_ca_file", str(at.ca)))}},
    }
