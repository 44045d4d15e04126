# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Customer files as hosts, in real runs of ansible-inventory and ansible-playbook."""

from __future__ import annotations

import json
import os
import resource
import subprocess
from pathlib import Path
from typing import Any

import playbooks
import pytest
import yaml
from playbooks import BIN, ROOT

EXAMPLES = sorted((ROOT / "playbooks" / "examples" / "customers").glob("*.yml"))
VAULT_PASSWORD, SECRET = "vault-password", "S3cret-of-the-customer"
SMALL = {"service": "both", "account_code": "CUK1", "infrastructure": {"type": "postfix"}}


class Fleet:
    """A folder of customer files, and an inventory file beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.customers = folder / "customers"
        self.customers.mkdir()
        self.config()

    def config(self, **options: Any) -> None:
        playbooks.write_yaml(self.folder / "mimecast_customers.yml", {"plugin": "mimecast.connect.customers", **options})

    def add(self, name: str, content: Any = None, **more: Any) -> Path:
        path = self.customers / name
        if isinstance(content, str):
            path.write_text(content, encoding="utf-8")
            return path
        return playbooks.write_yaml(path, {**(SMALL if content is None else content), **more})

    def ask(self, *arguments: str, config: str = "mimecast_customers.yml", **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(BIN / "ansible-inventory"), "-i", config, *(arguments or ("--list",))], cwd=self.folder, text=True, capture_output=True, check=False,
            env=playbooks.environment(self.folder, COLUMNS="2000", ANSIBLE_DEPRECATION_WARNINGS="true", **env), timeout=playbooks.LIMIT_S)

    def listed(self, *arguments: str, **env: str) -> tuple[dict[str, Any], dict[str, list[str]], str]:
        """Variables by host, hosts by group, and what was said."""
        done = self.ask("--list", *arguments, **env)
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        hosts = found.pop("_meta")["hostvars"]
        return hosts, {name: sorted(group.get("hosts", ())) for name, group in found.items()}, done.stderr


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    return Fleet(tmp_path)


def encrypted(folder: Path, *arguments: str, **more: Any) -> str:
    """What ansible-vault makes; its password is in a file."""
    (folder / "password").write_text(VAULT_PASSWORD)
    return subprocess.run(
        [str(BIN / "ansible-vault"), *arguments, "--vault-password-file", "password"], cwd=folder, text=True, capture_output=True, check=True,
        env=playbooks.environment(folder), **more).stdout


def test_the_examples_are_hosts_in_groups(fleet: Fleet) -> None:
    for example in EXAMPLES:
        (fleet.customers / example.name).write_bytes(example.read_bytes())
    hosts, groups, said = fleet.listed()
    assert said == ""
    assert sorted(hosts) == groups["mimecast_customers"] == ["domino", "exchange", "google_workspace", "hybrid", "microsoft_365", "postfix"]
    assert groups["mimecast_region_eu"] == ["exchange"] and groups["mimecast_region_ca"] == ["hybrid"]
    assert groups["mimecast_service_archiving"] == ["domino"]
    assert {name for name in groups if name.startswith("mimecast_infrastructure_")} == {"mimecast_infrastructure_" + name for name in hosts}
    assert groups["mimecast_next_recipient_validation"] == ["exchange"] and len(groups["mimecast_next_rfi"]) == 5
    found = hosts["exchange"]
    declared = yaml.safe_load(EXAMPLES[1].read_text())
    assert EXAMPLES[1].stem == "exchange" and found["delivery_routes"] == declared["delivery_routes"]
    assert found["done"] == {"rfi": "2026-11-02", "outbound": "2026-11-09"}
    assert found["customer_steps"] == ["rfi", "outbound", "recipient_validation", "journaling", "inbound", "firewall_lockdown"]
    assert found["customer_file"].endswith("customers/exchange.yml")


@pytest.mark.parametrize("service, steps", [
    ("archiving", ["rfi", "recipient_validation", "journaling"]),
    ("email_security", ["rfi", "outbound", "recipient_validation", "inbound", "firewall_lockdown"]),
])
def test_the_next_step_is_the_first_that_is_not_done(fleet: Fleet, service: str, steps: list[str]) -> None:
    for number in range(len(steps) + 1):
        fleet.add(f"c{number}.yml", service=service, account_code=f"CUK{number}", done=dict.fromkeys(steps[:number], "2026-11-20"))
    hosts, groups, _said = fleet.listed()
    assert [hosts[f"c{number}"]["customer_next_step"] for number in range(len(steps) + 1)] == [*steps, "done"]
    assert groups["mimecast_next_done"] == [f"c{len(steps)}"]


def test_errors_name_file_and_line_and_leave_nobody_else_out(fleet: Fleet) -> None:
    fleet.add("good.yml")
    fleet.add("typo.yml", "service: both\naccount_code: CUK2\ninfrastructure: {type: postfix}\n"
                          "delivery_routes:\n  - name: HQ\n    hostnam: mx1.example.com\n")
    fleet.add("broken.yml", "service: both\ninfrastructure: [unfinished\n")
    whole = fleet.ask(ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED="true")
    assert whole.returncode != 0
    expected = ["customers/typo.yml:6: delivery_routes[0].hostnam is no key that there is here; did you mean hostname?",
                "customers/broken.yml:3: this is no YAML"]
    assert all(text in whole.stderr for text in expected), whole.stderr
    assert "Traceback" not in whole.stderr
    assert "good" not in json.loads(fleet.ask().stdout)["_meta"]["hostvars"]

    fleet.config(on_error="skip")
    hosts, _groups, said = fleet.listed()
    assert list(hosts) == ["good"]
    assert all(text in said for text in expected), said


@pytest.mark.parametrize("first, second, text", [
    ("acme.yml", "acme.yaml", "the host name acme is also that of"),
    ("acme.yml", "globex.yml", "the account code CUK1 is also that of"),
])
def test_two_customers_never_share_what_only_one_can_have(fleet: Fleet, first: str, second: str, text: str) -> None:
    fleet.add(first)
    fleet.add(second, account_code="CUK2" if "host name" in text else "cuk1")
    fleet.add("other.yml", account_code="CUK3")
    said = fleet.ask().stderr
    for file, other in ((first, second), (second, first)):
        assert any(f"customers/{file}:1: {text}" in line and f"customers/{other}:1;" in line for line in said.splitlines()), said
    fleet.config(on_error="skip")
    assert list(fleet.listed()[0]) == ["other"]


def test_two_customers_share_no_mail_server(fleet: Fleet) -> None:
    """One address for copies is all that a mail server has, so what one of them writes would come to the archive of the other."""
    for name, servers in (("acme", "[mail-1, mail-2]"), ("globex", "[mail-2]"), ("other", "[mail-3]")):
        fleet.add(name + ".yml", f"service: both\naccount_code: CUK{name.upper()}\ninfrastructure: {{type: postfix, hosts: {servers}}}\n")
    said = fleet.ask().stderr
    assert "customers/acme.yml:1: the mail server mail-2 is also that of " in said and "customers/globex.yml:1; each customer has its own" in said, said
    fleet.config(on_error="skip")
    assert list(fleet.listed()[0]) == ["other"]


def test_one_csv_is_many_customers(fleet: Fleet) -> None:
    fleet.config(src="all.csv", on_error="skip")
    (fleet.folder / "all.csv").write_text(
        "name,service,account_code,infrastructure,domains,outbound_addresses,contact_name,contact_email,done_rfi\n"
        "acme,both,CUK1,exchange,example.com; example.org,192.0.2.1;192.0.2.2,Grace Hopper,grace@example.com,2026-11-20\n"
        '\nglobex,archiving,CDE1,domino,"example.net",,,,\n'
        "wrong,everything,CDE2,domino,example.net,,,,\n", encoding="utf-8-sig")
    hosts, groups, said = fleet.listed()
    assert sorted(hosts) == ["acme", "globex"]
    assert hosts["acme"]["domains"] == [{"name": "example.com"}, {"name": "example.org"}]
    assert hosts["acme"]["outbound_addresses"] == {"addresses": {"set": ["192.0.2.1", "192.0.2.2"]}}
    assert hosts["acme"]["contacts"] == [{"name": "Grace Hopper", "email": "grace@example.com"}]
    assert groups["mimecast_next_outbound"] == ["acme"] and groups["mimecast_region_de"] == ["globex"]
    assert "all.csv:5: service is 'everything', which is no choice" in said


def test_constructed_groups_and_variables(fleet: Fleet) -> None:
    fleet.add("acme.yml", directory={"type": "import"}, groups=[{"name": "Sales"}], variables={"owner": "{{ 'Jane' | upper }}"})
    fleet.config(groups={"without_firewall": "firewall is not defined"}, keyed_groups=[{"prefix": "directory", "key": "directory.type"}],
                 compose={"greeting": "'Dear ' ~ owner"})
    hosts, groups, _said = fleet.listed()
    assert groups["without_firewall"] == groups["directory_import"] == ["acme"]
    assert hosts["acme"]["greeting"] == "Dear JANE"
    assert hosts["acme"]["customer_groups"] == [{"name": "Sales"}] and "groups" not in hosts["acme"]
    fleet.config(strict=True, compose={"greeting": "no_such_variable"})
    assert "no_such_variable" in fleet.ask().stderr


def test_templates_are_templates_beside_another_inventory(fleet: Fleet) -> None:
    fleet.add("acme.yml", contacts=[{"name": "{{ 'Jane' | upper }}", "email": "jane@example.com"}])
    playbooks.write_yaml(fleet.folder / "others.yml", {"all": {"vars": {"of": "everybody"}}})
    tasks = [{"ansible.builtin.debug": {"var": "contacts[0].name"}}]
    playbooks.write_yaml(fleet.folder / "play.yml", [{"hosts": "acme", "gather_facts": False, "tasks": tasks}])
    run = playbooks.playbook(fleet.folder, "play.yml", "-i", "others.yml", "-i", "mimecast_customers.yml")
    assert '"contacts[0].name": "JANE"' in run.stdout, run.output


def test_secrets_stay_in_the_vault_until_they_are_used(fleet: Fleet) -> None:
    inline = encrypted(fleet.folder, "encrypt_string", SECRET).removeprefix("!vault |\n")
    (fleet.customers / "acme.yml").write_text(yaml.safe_dump(SMALL) + "mimecast_connection:\n  client_secret: !vault |\n" + inline.rstrip() + "\n")
    fleet.add("whole.yml", account_code="CUK2", mimecast_connection={"client_secret": SECRET})
    encrypted(fleet.folder, "encrypt", "customers/whole.yml")
    fleet.config(cache=True, cache_plugin="ansible.builtin.jsonfile", cache_connection="cache")
    for number in range(2):
        done = fleet.ask("--host", "acme", "--vault-password-file", "password")
        assert done.returncode == 0 and "__ansible_vault" in done.stdout and SECRET not in done.stdout + done.stderr, number
    kept = "".join(file.read_text() for file in (fleet.folder / "cache").iterdir())
    assert "$ANSIBLE_VAULT" in kept and SECRET not in kept and "whole.yml" not in kept
    # As a play gets it, from the cache.
    play = [{"hosts": "mimecast_customers", "gather_facts": False, "connection": "local", "tasks": [
        {"ansible.builtin.assert": {"that": [f"mimecast_connection.client_secret == '{SECRET}'"]}, "no_log": True}]}]
    playbooks.write_yaml(fleet.folder / "play.yml", play)
    run = playbooks.playbook(fleet.folder, "-i", "mimecast_customers.yml", "play.yml", "--vault-password-file", "password")
    assert run.code == 0 and run.recap("acme")["ok"] == run.recap("whole")["ok"] == 1, run.output
    # Without the password the one file is an error, and the other one is not.
    fleet.config(on_error="skip")
    hosts, _groups, said = fleet.listed()
    assert list(hosts) == ["acme"] and "whole.yml:1: the file cannot be decrypted" in said


def test_a_secret_in_plain_text_is_a_warning_that_does_not_quote_it_and_is_never_cached(fleet: Fleet) -> None:
    fleet.add("acme.yml", mimecast_connection={"client_secret": SECRET})
    fleet.config(cache=True, cache_plugin="ansible.builtin.jsonfile", cache_connection="cache")
    said = fleet.ask().stderr
    assert "acme.yml:6: mimecast_connection.client_secret is a secret in plain text" in said and SECRET not in said
    assert all(SECRET not in file.read_text() for file in (fleet.folder / "cache").glob("*"))


def test_the_cache_never_shows_an_old_file(fleet: Fleet) -> None:
    fleet.config(cache=True, cache_plugin="ansible.builtin.jsonfile", cache_connection="cache")
    path, _other = fleet.add("acme.yml"), fleet.add("globex.yml", account_code="CUK2")
    first = fleet.listed()[:2]
    assert fleet.listed()[:2] == first
    # The same size and time, and another content: only a cache still has the old one.
    stamp = path.stat()
    path.write_text(path.read_text().replace("CUK1", "CDE1"))
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert fleet.listed()[0]["acme"]["customer_region"] == "eu"
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns + 1))
    assert fleet.listed()[0]["acme"]["customer_region"] == "de"
    (fleet.customers / "globex.yml").unlink()
    assert list(fleet.listed()[0]) == ["acme"]
    assert "globex" in first[0]


def test_other_files_are_no_inventories_of_this_plugin(fleet: Fleet) -> None:
    fleet.add("acme.yml")
    fleet.add(".hidden.yml", "not: a customer")
    fleet.add("README.md", "not a customer")
    fleet.add("old_mimecast_customers.yml", "plugin: mimecast.connect.customers\n")
    assert list(fleet.listed()[0]) == ["acme"]
    (fleet.folder / "mimecast_customers.yml").rename(fleet.folder / "elsewhere.yml")
    assert "acme" not in fleet.ask("--list", config="elsewhere.yml").stdout


def test_a_missing_folder_is_said(fleet: Fleet) -> None:
    fleet.config(src="nowhere")
    said = fleet.ask().stderr
    assert "there is no such folder and no such file; give src" in said and "Traceback" not in said


def test_500_customers_load_in_a_few_seconds(fleet: Fleet) -> None:
    text = EXAMPLES[1].read_text()
    for number in range(500):
        fleet.add(f"c{number:03}.yml", text.replace("CUK12A34", f"CUK{number}").replace("exchange-1", f"exchange-{number}"))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    hosts, _groups, said = fleet.listed()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"500 customers: {seconds:.1f} s of CPU")
    assert len(hosts) == 500 and said == ""
    assert seconds < 10
