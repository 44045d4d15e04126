# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said about a customer file, by line."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible_collections.mimecast.connect.plugins.module_utils._customers.customer import judge
from ansible_collections.mimecast.connect.plugins.module_utils._customers.fleet import STEM, add_collisions, entries
from ansible_collections.mimecast.connect.plugins.module_utils._customers.source import COLUMNS, Vaulted, from_csv, from_yaml
from ansible_collections.mimecast.connect.plugins.module_utils._customers.spec import ACCEPTANCE, FIREWALL, INFRASTRUCTURES, STEPS, TLS_POLICIES

ROOT = Path(__file__).resolve().parents[5]
EXAMPLES = sorted((ROOT / "playbooks" / "examples" / "customers").glob("*.yml"))
HEAD = "service: both\naccount_code: CUK1\ninfrastructure: {type: exchange}\n"

# lines after the head -> line and beginning of each problem
WRONG = {
    "delivery_routs: []": [(4, "delivery_routs is no key that there is here; did you mean delivery_routes?")],
    "domains: example.com": [(4, "domains has to be a list, not a text")],
    "domains:\n  - name: example.com\n    inbound_type: Known": [(6, "domains[0].inbound_type is 'Known', which is no choice; did you mean known?")],
    "domains:\n  - inbound_type: known": [(5, "domains[0] needs name")],
    "domains:": [(4, "domains has no value; give a list, or leave it out")],
    "outbound_addresses: {addresses: {set: [], add: []}}": [(4, "outbound_addresses.addresses.add and set exclude each other")],
    "active_directory_connectors:\n- name: A\n  port: ldaps": [(6, "active_directory_connectors[0].port has to be a whole number, not a text")],
    "journaling: {domain: yes}": [(4, "journaling.domain has to be a text in quotes, not a truth value")],
    "service: archiving": [(4, "service stands here again, after line 1")],
    "a: !secret x": [(4, "the tag !secret has no meaning here")],
    "a: &a [*a]": [(4, "an alias must not refer to what it stands in")],
    "a: !vault |\n  plain": [(4, "what follows !vault is not from a vault")],
    "a: 2026-02-31": [(4, "this looks like a number or a day, and is none")],
    "a: [": [(5, "this is no YAML")],
    "--- {}": [(4, "this is no YAML")],
    "region: de": [(4, "region is de, but the account code CUK1 is one of region eu")],
    "mimecast_connection: {account_code: CUK2}": [(4, "mimecast_connection.account_code is CUK2, but account_code is CUK1")],
    "done: {tls_policies: 2026-11-20}": [(4, "done.tls_policies is no key that there is here")],
    "done: {rfi: yesterday}": [(4, "done.rfi is 'yesterday'; the day is needed")],
    "inbound_addresses:\n- 192.0.2.1\n- 192.0.2.0/24": [(6, "inbound_addresses[1] is '192.0.2.0/24'; a single address")],
    "contacts:\n- name: Grace": [(5, "contacts[0] needs email")],
    "contacts:\n- {name: Grace, email: grace}": [(5, "contacts[0].email is 'grace'; a mail address")],
    "directory: {type: google_workspace}\nactive_directory_connectors: [{name: A}]": [
        (4, "directory.type is google_workspace, but active_directory_connectors is declared")],
    "users: []\nusers_src: users.csv": [(5, "users_src and users exclude each other")],
    "variables: {groups: []}": [(4, "variables.groups is a variable that is set already")],
    "variables: {domains: []}": [(4, "variables.domains is a name that customer files have")],
    "variables: '{{ more }}'": [(4, "variables has to be a mapping")],
    "mx: '{{ more }}'": [(4, "mx has to be a mapping")],
    "mx: {cutover: true}": [(4, "mx.cutover is no key that there is here; did you mean cut_over?")],
    "mx: {cut_over: perhaps}": [(4, "mx.cut_over has to be true or false, not a text")],
    "outbound: {tls: Strictly}": [(4, "outbound.tls is 'Strictly', which is no choice; did you mean strict?")],
    "outbound:\n  authentication: {username: a}": [(5, "outbound.authentication needs password")],
    "dns: {backend: axfr}": [(4, "dns.backend is 'axfr', which is no choice")],
    "firewall:\n  enforce: true": [(5, "firewall.enforce shuts out all but the service, but mx.cut_over is not set")],
    "acknowledged:\n- {by: Grace, on: 2026-11-02, until: 2026-12-02}": [(5, "acknowledged[0] needs title")],
    "acknowledged:\n- title: A\n  by: B\n  on: 2026-11-02\n  until: later": [(8, "acknowledged[0].until is 'later'; a day")],
    "tls_policies: {delivery_routes: []}": [(4, "tls_policies.delivery_routes is no key that there is here")],
}
# whole files
WHOLE = {
    "": [(1, "the file is empty")],
    "- a": [(1, "a customer is a mapping")],
    "account_code: CUK1": [(1, "the file needs infrastructure"), (1, "the file needs service (archiving, email_security, both)")],
    "service: '{{ x }}'\ninfrastructure: {type: exchange}": [(1, "service has to stand there as it is")],
    "service: both\naccount_code: XYZ1\ninfrastructure: {type: exchange}": [(2, "account_code XYZ1 begins like that of no known region")],
    "service: both\nregion: eu\naccount_code: XYZ1\ninfrastructure: {type: exchange}": [(3, "account_code XYZ1 does not begin with CUK")],
    "service: both\ninfrastructure: {type: hybrid, cloud: microsoft_365}": [(2, "infrastructure of type hybrid needs on_premises")],
    "service: both\ninfrastructure: {type: postfix, cloud: microsoft_365}": [(2, "infrastructure.cloud is for type hybrid only")],
    "service: both\ninfrastructure: {type: exchange, version: 2003}\njournaling:\n  method: smtp": [(4, "journaling.method has to be pop3")],
    "service: email_security\ninfrastructure: {type: exchange}\njournaling: {}": [(3, "journaling is not part of service email_security")],
    "service: archiving\ninfrastructure: {type: exchange}\nmx: {cut_over: yes}\noutbound: {}\nfirewall: {enforce: 'yes'}\ntls_policies: {}": [
        (3, "mx.cut_over is not part of service archiving"), (4, "outbound is not part"), (5, "firewall.enforce is not part"), (6, "tls_policies is not part")],
    "service: archiving\ninfrastructure: {type: exchange}\ndone: {inbound: 2026-11-20}": [(3, "done.inbound is no step of service archiving")],
}
CASES = {**{HEAD + more: problems for more, problems in WRONG.items()}, **WHOLE}


@pytest.mark.parametrize("text", CASES)
def test_each_problem_has_its_line_and_what_would_be_right(text: str) -> None:
    found = [problem for problem in judge(from_yaml(text)).problems if not (text.startswith(HEAD + "a: ") and problem.text.startswith("a is no key"))]
    assert [(problem.line, problem.text[:len(wanted)]) for problem, (_line, wanted) in zip(found, CASES[text])] == CASES[text]
    assert len(found) == len(CASES[text]), found


@pytest.mark.parametrize("more", [
    "region: eu", "mimecast_connection: {token_cache: '{{ cached }}', timeout: '60'}", "domains: '{{ all_domains }}'", "done: {rfi: 2026-11-20}",
    "contacts: [&a {name: A, email: a@example.com}, {<<: *a, name: B}]",
    "server_connections: [{name: A, type: office_365, acknowledged: {by: Jane, on: 2026-11-20, until: 2026-12-20}}]",
    "variables: {inbound_mx_changed: true}\nfirewall: {enforce: true}", "mx: {cut_over: true}\nfirewall: {enforce: true}",
    "mx: {cut_over: '{{ x }}', old_hosts: []}", "acknowledged: [{title: A, by: B, on: 2026-11-02, until: 2026-12-02}]", "mx: {cut_over: false}",
    "mx: {cut_over: '{{ x }}'}\nfirewall: {enforce: true}", "directory: {type: domino}", "active_directory_connectors: [{name: A, max_unlink: 100}]",
])
def test_what_is_right_is_not_complained_about(more: str) -> None:
    assert judge(from_yaml(HEAD + more)).problems == []


def test_a_region_without_known_codes_takes_any_code_but_those_of_others() -> None:
    text = "service: both\nregion: je\naccount_code: {0}\ninfrastructure: {{type: exchange}}\n"
    assert judge(from_yaml(text.format("CJE1"))).problems == [] and judge(from_yaml(text.format("CUK1"))).problems


def test_vault_values_are_kept_as_they_are_and_plain_secrets_are_named_but_not_quoted() -> None:
    text = HEAD + "mimecast_connection:\n  client_id: !vault |\n    $ANSIBLE_VAULT;1.1;AES256\n    6162\n  client_secret: hunter2\n"
    found = judge(from_yaml(text))
    assert isinstance(found.data["mimecast_connection"]["client_id"], Vaulted)
    assert [(line, text.split()[0]) for line, text in found.secrets] == [(8, "mimecast_connection.client_secret")]
    wrong = judge(from_yaml(text.replace("hunter2", "[hunter2]")))
    assert "hunter2" not in str([*found.problems, *found.secrets, *wrong.problems]) and wrong.problems


@pytest.mark.parametrize("text, wanted", [
    ("name,service,infrastucture\n", "there is no column 'infrastucture'; did you mean infrastructure?"),
    ("service,infrastructure,service\n", "the column service stands there twice"),
    ('name,service,infrastructure\n"a,both', "this is no CSV"),
    ("", "the column service is missing"),
])
def test_a_csv_that_cannot_be_read_is_said(text: str, wanted: str) -> None:
    _rows, problems = from_csv(text)
    assert problems[0].text.startswith(wanted)


def test_rows_of_one_csv_collide_too() -> None:
    found = entries("all.csv", "all", "name,service,infrastructure\na,both,postfix\nA,both,postfix\n", STEM)
    add_collisions(found)
    assert [[problem.line for problem in entry.customer.problems] for entry in found] == [[2], [3]]
    assert "all.csv:3" in found[0].customer.problems[0].text


def test_columns_of_steps_are_those_of_the_matrix() -> None:
    assert [column.removeprefix("done_") for column in COLUMNS if column.startswith("done_")] == list(STEPS)


@pytest.mark.parametrize("role, keys", [("firewall_lockdown", FIREWALL), ("tls_policies", TLS_POLICIES), ("acceptance", ACCEPTANCE)])
def test_options_are_those_of_the_role(role: str, keys: dict[str, dict[str, str]]) -> None:
    options = options_of(role)
    for name, row in keys.items():
        assert options[name]["type"] == row["type"], name


def options_of(role: str) -> dict[str, dict[str, str]]:
    spec = yaml.safe_load((ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
    return {name.removeprefix(role + "_"): row for entry in spec["argument_specs"].values() for name, row in entry["options"].items()}


def test_there_is_an_example_for_each_infrastructure() -> None:
    found = {path: judge(from_yaml(path.read_text(encoding="utf-8"))) for path in EXAMPLES}
    assert {path.stem for path in found} == set(INFRASTRUCTURES)
    for path, customer in found.items():
        assert (customer.problems, customer.secrets) == ([], []), path
        assert customer.data["infrastructure"]["type"] == path.stem
