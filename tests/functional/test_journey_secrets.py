# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A journey and a rollback at -vvvv --diff, in check mode, with failures and for real: the customer's secrets are nowhere but where they belong."""

from __future__ import annotations

import base64
import json
import stat
import subprocess
import threading
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("dns", reason="the records need dnspython")

import bind_server
import playbooks
import postfix_host
import test_secrets
from conftest import MODULES
from dns_cases import SERVICE
from every_module import job, module_names, secret_options
from journeys import PLAYBOOK, Fleet, customer
from mimecast_sandbox.control import Sandbox
from playbooks import Run, Vaulted
from postfix_host import PostfixHost
from test_secrets import Refusing, Watch, echo, traces

WHY_NOT = bind_server.why_not() or postfix_host.why_not()
pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "-")
NAME, DOMAIN, CODE = "acme", "acme.test", "CUKGEHEIM"
SECRETS = {
    "client_secret": "Kl!ent/Geheim+7=x%41", "smtp": "Aus&gang/7+geheim=q", "pop": "Journ:al/8+geheim%q", "inside": "Innen/9+geheim=w",
    "token": "Fire/wall+10=geheim", "directory": "Ver&zeichnis/11+geheim", "wrong_key": base64.b64encode(b"quite another secret").decode(),
}
JOURNAL = {"name": "Journal", "pop3": {"email": "archive@journal." + DOMAIN, "mailbox": "j", "host": "pop." + DOMAIN, "port": 1, "pop3s": True}}
CONNECTOR = {"name": "Head office", "hostname": "127.0.0.1", "port": 1, "user_dn": "cn=svc", "root_dn": "dc=example"}
CLOSED = "127.0.0.1:1"


def found_in(text: bytes, secrets: dict[str, str]) -> list[str]:
    return [name for name, secret in secrets.items() if any(form in text for form in traces(secret))]


class Place:
    """The customer, its servers, and the runs so far with everything in which a secret might have been left."""

    def __init__(self, folder: Path, sandbox: Sandbox, dns: bind_server.Dns, cache: bind_server.Dns, postfix: PostfixHost) -> None:
        self.folder, self.postfix, self.dns, self.watch = folder, postfix, dns, Watch()
        self.fleet = Fleet(sandbox, folder / "fleet")
        self.secrets = {**SECRETS, "key_secret": dns.key.secret}
        self.runs: list[Run] = []
        self.on_server: set[tuple[str, ...]] = set()
        dns_keys = {"resolver": cache.address, "backend": "nsupdate", "server": "127.0.0.1", "port": dns.port, "key_name": dns.key.name,
                    "key_secret": "{{ vault_key }}"}
        whole = customer(
            "both", "postfix", DOMAIN, dns_keys, users=None, directory={"type": "active_directory"},
            active_directory_connectors=[{**CONNECTOR, "password": "{{ vault_directory }}"}],
            outbound={"soak_days": 0, "tls": "relaxed", "authentication": {"username": "acme", "password": self.vaulted(SECRETS["smtp"])}},
            journaling={"method": "pop3", "domain": "journal." + DOMAIN, "email": JOURNAL["pop3"]["email"]},
            journaling_services=[{**JOURNAL, "pop3": {**JOURNAL["pop3"], "password": "{{ vault_pop }}"}}],
            acceptance={"messages": True, "verify": False, "ask_service": False, "inside_password": "{{ vault_inside }}", "search_timeout": 0,
                        "inside": {"host": "127.0.0.1", "port": 1, "username": "ann", "password": "{{ vault_inside }}", "from": "ann@" + DOMAIN,
                                   "to": "bob@partner.test"}},
            firewall={"vendor": {"vendor": "fortios"}, "ranges": ["170.10.128.0/24"], "access_token": "{{ vault_token }}"})
        whole["infrastructure"]["hosts"] = ["mail-1"]
        for name in ("outbound_servers", "outbound_verify", "journaling_verify"):
            whole["variables"].pop(name)
        whole["variables"].update({f"{role}_config_directory": str(postfix.config) for role in ("outbound", "journaling")},
                                  acceptance_postfix_directory=str(postfix.config), recipient_validation_verify=False)
        sandbox.tenant(CODE, client_id="id", client_secret=SECRETS["client_secret"], internal_domains=[])
        self.customer = {"account_code": CODE, "mimecast_connection": {"client_id": "id", "client_secret": "{{ vault_client }}"}, **whole}
        self.fleet.write(NAME, self.customer)
        playbooks.write_yaml(folder / "servers.yml", {"all": {"hosts": {"mail-1": {**playbooks.LOCAL, "ansible_become": False}}}})
        words = {"client": "client_secret", "pop": "pop", "inside": "inside", "token": "token", "directory": "directory", "key": "key_secret"}
        (folder / "vault.json").write_text(json.dumps({"vault_" + name: self.secrets[secret] for name, secret in words.items()}))

    def vaulted(self, text: str) -> Vaulted:
        (self.folder / "password").write_text("of the vault")
        words = [str(playbooks.BIN / "ansible-vault"), "encrypt_string", "--vault-password-file", str(self.folder / "password"), text]
        made = subprocess.run(words, check=True, capture_output=True, text=True, env=playbooks.environment(self.folder / "encrypting"), timeout=60).stdout
        return Vaulted("\n".join(line.strip() for line in made.splitlines()[1:]) + "\n")

    def run(self, playbook: str, url: str, *options: str) -> Run:
        folder = self.folder / f"run{len(self.runs) + 1}"
        folder.mkdir()
        words = [playbook, "-i", str(self.fleet.folder / "hosts.mimecast_customers.yml"), "-i", str(self.folder / "servers.yml"), "-vvvv", "--diff",
                 "-e", f"@{self.folder / 'vault.json'}", "--vault-password-file", str(self.folder / "password"),
                 "-e", f"connect_dest={self.folder / 'pages'}", "-e", f"connect_records={self.folder / 'records'}", *options]
        process = playbooks.start(
            folder, *words, MIMECAST_BASE_URL=url, ANSIBLE_BECOME_EXE="env", ANSIBLE_BECOME_ALLOW_SAME_USER="false",
            ANSIBLE_CACHE_PLUGIN="ansible.builtin.jsonfile", ANSIBLE_CACHE_PLUGIN_CONNECTION=str(folder / "facts"),
            ANSIBLE_LOG_PATH=str(folder / "ansible.log"))
        watching = threading.Thread(target=test_secrets._watch, args=(process, self.watch, folder / "ansible"))
        watching.start()
        done = playbooks.finish(process, folder)
        watching.join()
        assert "Traceback" not in done.output, done.output
        self.runs.append(done)
        for path in self.postfix.config.iterdir():
            if path.is_file() and (found := self.found_in(path.read_bytes())):
                self.on_server.add((path.name, oct(stat.S_IMODE(path.stat().st_mode)), *found))
        return done

    def found_in(self, text: bytes) -> list[str]:
        return found_in(text, self.secrets)

    def left(self) -> dict[str, list[str]]:
        """Files of all runs, pages and records with a trace of a secret."""
        places = [path for part in ("run*", "pages", "records") for root in self.folder.glob(part) for path in root.rglob("*") if path.is_file()]
        assert {"ansible.log", "acme.md", "tenant.yml", "postfix.yml", "stdout"} <= {path.name for path in places}
        return {str(path): found for path in places if (found := self.found_in(path.read_bytes()))}


@pytest.fixture(scope="module")
def place(running_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    running_sandbox.reset()
    zones = {**SERVICE, DOMAIN: "@ MX 10 mx.vendor.test.\n"}
    with bind_server.bind(zones, updatable=True) as dns, bind_server.resolver(dns) as cache, postfix_host.postfix_host() as postfix, \
            echo(running_sandbox) as good, echo(running_sandbox, Refusing) as refusing:
        running_sandbox.settings(resolver=cache.address, sync_duration_ms=0)
        made = Place(tmp_path_factory.mktemp("journey"), running_sandbox, dns, cache, postfix)
        _travel(made, good, refusing)
        yield made


def _travel(at: Place, good: str, refusing: str) -> None:
    """Stopped at each place that has a secret, then to the end, and back."""
    given = at.folder / "given.json"

    def with_values(**values: Any) -> list[str]:
        given.write_text(json.dumps({"outbound_verify": False, **values}))  # a file, since -vvvv shows what stands behind -e
        return ["-e", f"@{given}"]

    at.run(PLAYBOOK, good, "--check")
    at.run(PLAYBOOK, good, *with_values(vault_key=SECRETS["wrong_key"]))
    at.run(PLAYBOOK, good)
    Refusing.refuses = traces(SECRETS["directory"])
    at.run(PLAYBOOK, refusing, *with_values())
    del at.customer["active_directory_connectors"]
    at.fleet.write(NAME, {**at.customer, "directory": {"type": "import"}, "users": [{"email": "ada@" + DOMAIN, "name": "Ada"}]})
    Refusing.refuses = traces(SECRETS["pop"])
    at.run(PLAYBOOK, good, *with_values())
    at.run(PLAYBOOK, refusing, *with_values(journaling_verify=False))
    connectors = [{**CONNECTOR, "password": SECRETS["directory"]}]
    at.run(PLAYBOOK, good, *with_values(journaling_verify=False, acceptance_active_directory_connectors=connectors))
    back = ["-e", f"records={at.folder / 'records'}"]
    for step in ("outbound", "journaling"):
        at.run("mimecast.connect.rollback", good, "-e", f"step={step}", *back, *with_values(rollback_secrets={"vault_pop": SECRETS["pop"]}))


# Where each run ends.
STOPS = [
    "outbound would be changed", "refuses the signature", "mail could not leave", "Cannot create Active Directory connector", "pop.acme.test:1",
    "Cannot create journaling service", "acme: failed: acceptance: ",
]


def test_the_runs_were_what_they_claim(place: Place) -> None:
    assert [next((words for words in STOPS if words in run.stdout), run.stdout[-2000:]) for run in place.runs[:len(STOPS)]] == STOPS
    assert [run.code for run in place.runs[len(STOPS):]] == [0, 0]


def test_nothing_is_left(place: Place) -> None:
    assert place.left() == {}


def test_nothing_is_seen_from_outside(place: Place) -> None:
    assert any(b"AnsiballZ" in command for command in place.watch.commands), "no module was seen at work"
    assert [command for command in place.watch.commands if place.found_in(command)] == []


def test_only_you_can_read_what_is_kept(place: Place) -> None:
    for folder in ("pages", "records", "records/acme"):
        assert {path.name: oct(stat.S_IMODE(path.stat().st_mode)) for path in [place.folder / folder]} == {Path(folder).name: "0o700"}
        assert {stat.S_IMODE(path.stat().st_mode) for path in (place.folder / folder).iterdir() if path.is_file()} <= {0o600}


def test_the_mail_server_had_the_password_where_it_belongs(place: Place) -> None:
    assert place.on_server == {("mimecast_smart_hosts_password", "0o600", "smtp")}
    assert not (place.postfix.config / "mimecast_smart_hosts_password").exists(), "it was taken back"


@pytest.mark.parametrize("where", ["outbound", "dns", "firewall", "acceptance", "journaling", "journaling_services", "variable"])
def test_a_secret_under_a_misspelt_key_is_not_quoted(tmp_path: Path, where: str) -> None:
    wrong = {
        "outbound": {"outbound": {"authentication": {"username": "acme", "pasword": SECRETS["smtp"]}}},
        "dns": {"dns": {"backend": "nsupdate", "keysecret": SECRETS["token"]}}, "firewall": {"firewall": {"acces_token": SECRETS["token"]}},
        "acceptance": {"acceptance": {"inside_pasword": SECRETS["inside"]}}, "journaling": {"journaling": {"password": SECRETS["pop"]}},
        "journaling_services": {"journaling_services": [{**JOURNAL, "pop3": {**JOURNAL["pop3"], "pasword": SECRETS["pop"]}}]},
        "variable": {"smtp_password": SECRETS["smtp"]},
    }[where]
    inventory = playbooks.write_yaml(tmp_path / "hosts.mimecast_customers.yml", {"plugin": "mimecast.connect.customers"})
    (tmp_path / "customers").mkdir()
    customer_file = {"service": "both", "account_code": CODE, "infrastructure": {"type": "postfix"}, **wrong}
    playbooks.write_yaml(tmp_path / "customers" / "acme.yml", customer_file)
    words = [str(playbooks.BIN / "ansible-inventory"), "-i", str(inventory), "--list", "-vvvv"]
    done = subprocess.run(words, check=False, capture_output=True, env=playbooks.environment(tmp_path / "run"), timeout=120)
    assert b"is no key that there is here" in done.stderr and found_in(done.stdout + done.stderr, SECRETS) == []


def test_every_secret_option_of_modules_that_never_call_the_service_is_part_of_it() -> None:
    """Those that do are in the table of test_secrets.py."""
    folder = Path(import_module(MODULES + "mimecast_tenant").__file__).parent
    others = sorted({path.stem for path in folder.glob("[!_]*.py")} - set(module_names()))
    assert {name: found for name in others if (found := sorted(secret_options(job(name).argument_spec)))} == {
        "mail_dns_records": ["key_secret"], "mail_dns_records_info": ["key_secret"], "mail_message": ["password"], "postfix_routing": ["password"]}
