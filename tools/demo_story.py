# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The acts of the demo. What they claim is noted where it was seen: at the servers, in the account of a journey, in files."""

from __future__ import annotations

import datetime
import re
import sys

from demo_world import TENANTS, World

DAYS = 6  # one more than the customer files agree on
TAKEN = "250 taken"
PARTNER, ARCHIVE = "pat@partner.example", "archive@journal.{0}.example"
PEOPLE = {"acme": "ann@acme.example", "globex": "hank@globex.example", "initech": "peter@initech.example"}
PRODUCTS = {"acme": "Microsoft Exchange", "globex": "HCL Domino", "initech": "Exchange Online"}
SERVICE_MX = [f"10 eu-smtp-inbound-{number}.mimecast.com." for number in (1, 2)]
ACKNOWLEDGED = "acknowledged:\n  - {{title: {0!r}, by: Firewall team, on: {1}, until: {2}}}\n"


class Proofs:
    """What was seen to be true, in the words of the summary."""

    def __init__(self) -> None:
        self.rows: list[tuple[bool, str]] = []

    def add(self, truth: object, text: str) -> None:
        """Note something."""
        self.rows.append((bool(truth), text))


def act(title: str) -> None:
    """A heading."""
    print(f"\n\033[1m=== {title}\033[0m" if sys.stdout.isatty() else f"\n=== {title}", flush=True)


def person(text: str) -> None:
    """What the demo does in the place of somebody."""
    print("  A person does: " + text, flush=True)


def plan(at: World, proofs: Proofs) -> None:
    act("1. The plan of all three: what would change, nothing written")
    run = at.connect("--check", "--diff")
    proofs.add(run.requests and run.writes == 0, f"The plan of all three wrote nothing: {len(run.requests)} requests, {run.writes} writes")


def apply(at: World, proofs: Proofs) -> None:
    act("2. Apply: each goes as far as it can today, and gets a page that says who does what next")
    run = at.connect("-e", "connect_dest=pages/2")
    proofs.add(run.writes and not any(run.failed.values()), f"All three began their journey, with {run.writes} writes")
    waits = [name for name in PRODUCTS if f"Let {PRODUCTS[name]} send" in run.where[name]]
    proofs.add(waits == list(PRODUCTS), "Each waits for a person: the administrator of its mail server, with a script or steps to carry out")
    for name, product in PRODUCTS.items():
        person(f"{product} is set up with what is in handover/{name}")


def soak(at: World, proofs: Proofs) -> None:
    act("3. The mail servers send through the service; outbound mail soaks for some days")
    sent = [at.send(name, PARTNER, "smart_host", PEOPLE[name]) for name in ("acme", "globex")]
    proofs.add(sent == [TAKEN] * 2 and at.arrived("partner") == 2, "Mail of two customers went out through the smart hosts, and arrived at a partner's server")
    copies = [at.send(name, ARCHIVE.format(name), "journal", PEOPLE[name]) for name in ("acme", "initech")]
    proofs.add(copies == [TAKEN] * 2 and at.journaled("acme") == at.journaled("initech") == 1, "Journal copies arrived in two archives")
    run = at.connect("--limit", "acme,globex", "-e", "connect_until=outbound")
    until = [re.search(r"are over on (\d{4}-\d\d-\d\d)", run.where[name]) for name in ("acme", "globex")]
    proofs.add(all(until), "The soak holds inbound back, and says until when: {}".format(", ".join(sorted({one[1] for one in until if one}))))


def cut_over(at: World, proofs: Proofs) -> None:
    act("4. Some days later: inbound, and the switch that changes the MX records")
    for name in ("acme", "globex"):
        at.older_message(name, DAYS)
        print(f"  The demo gives the service a message of {name} that went out {DAYS} days ago, since it cannot wait")
    person("the switch is set in the customer files")
    for name in ("acme", "globex"):
        at.edit(name, "cut_over: false", "cut_over: true")
    before = [at.dns.records(name + ".example", "MX") for name in ("acme", "globex")]
    run = at.connect("--limit", "acme,globex")
    after = [at.dns.records(name + ".example", "MX") for name in ("acme", "globex")]
    proofs.add(before == [["10 mx1.acme.example."], ["10 mx1.globex.example."]] and after == [SERVICE_MX] * 2 and not any(run.failed.values()),
               "The MX records of two domains were changed by signed dynamic update, and not before the switch was set")
    replies = [at.from_outside(PEOPLE[name]) for name in ("acme", "globex")]
    proofs.add(replies == [TAKEN] * 2 and at.arrived("acme") == at.arrived("globex") == 1,
               "Mail from outside came by the new MX records through the service to each customer's own server")
    refused = at.from_outside("nobody@acme.example")
    proofs.add(refused.startswith("550") and at.arrived("acme") == 1, f"An unknown recipient was refused by the service: {refused}")


def lock_down(at: World, proofs: Proofs) -> None:
    act("5. Lock-down of the first: the firewall is a FortiGate, so its administrator gets the rules")
    person("the switch is set in the customer file")
    at.edit("acme", "enforce: false", "enforce: true")
    run = at.connect("--limit", "acme", "-e", "connect_only=firewall_lockdown", "-e", "connect_dest=pages/5")
    title = re.search(r"firewall_lockdown waits for [^:]+: (.+?)\.?$", run.where["acme"])
    rules = sorted(path.name for path in (at.folder / "handover" / "acme").iterdir() if "fortios" in path.name)
    proofs.add(title and rules, "What is left of the lock-down is a handover for the firewall's administrator: handover/acme/{}".format(" ".join(rules)))
    person("the FortiGate is set up with it, and the customer file says who did it")
    today = datetime.date.today()
    at.append("acme", ACKNOWLEDGED.format(title[1] if title else "", today, today + datetime.timedelta(days=90)))


def again(at: World, proofs: Proofs) -> None:
    act("6. Everything again: nothing to do")
    run = at.connect("-e", "connect_dest=pages/6")
    changed = sum(run.changed.values())
    everybody = {"acme", "globex", "initech"} <= set(run.changed)
    proofs.add(changed == 0 and run.writes == 0 and everybody, f"The next run of all three: changed={changed}, {run.writes} writes")
    proofs.add(run.where["acme"].startswith("done") and run.where["initech"].startswith("done"), "Two customers are done: archiving alone, and both services")


def drift(at: World, proofs: Proofs) -> None:
    act("7. Somebody edits a route in the console: a plan shows it")
    at.sandbox.patch(TENANTS["acme"], "delivery_route_definitions", at.route("acme")["ref"], hostname="mx.old-provider.example")
    run = at.connect("--limit", "acme", "-e", "connect_only=inbound", "--check", "--diff")
    proofs.add(run.changed["acme"] == 1 and run.writes == 0, "A change made in the console was shown by a plan, without a write")


def without_tls(at: World, proofs: Proofs) -> None:
    act("8. The second customer's server has lost its TLS, and its file asks for a change; the others go on")
    at.servers["globex"] = "no_tls"
    at.declare()
    at.edit("globex", "  - name: Mail room\n", "  - name: Mail room\n    port: 2525\n")
    run = at.connect("--limit", "acme,globex", "-e", "connect_only=inbound")
    tenants = {request["tenant"] for request in run.requests if request["wrote"]}
    proofs.add(run.failed["globex"] == 1 and "STARTTLS" in run.where["globex"] and TENANTS["globex"] not in tenants,
               "A server that lost its TLS stopped its customer before any write")
    proofs.add(run.writes == 1 and tenants == {TENANTS["acme"]} and at.route("acme")["hostname"] == "mx1.acme.example" and not run.failed["acme"],
               "The same run repaired the first customer's route with one write")


ACTS = (plan, apply, soak, cut_over, lock_down, again, drift, without_tls)
