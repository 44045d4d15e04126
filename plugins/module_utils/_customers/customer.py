# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""One customer: what is declared, whether it contradicts itself, and what follows from it without asking anybody."""

from __future__ import annotations

import datetime
import ipaddress
import re
from dataclasses import dataclass, field
from typing import Any

from ansible.module_utils.parsing.convert_bool import BOOLEANS_TRUE
from ansible_collections.mimecast.connect.plugins.module_utils._customers.check import Check
from ansible_collections.mimecast.connect.plugins.module_utils._customers.options import UNKNOWN, role_options
from ansible_collections.mimecast.connect.plugins.module_utils._customers.source import Located, Path, Problem, Vaulted
from ansible_collections.mimecast.connect.plugins.module_utils._customers.spec import (
    ARCHIVING, CLOUDS, CONNECTORS, CUSTOMER_SPEC, DONE, EMAIL_SECURITY, HYBRID, INFRASTRUCTURES, MATRIX, ON_PREMISES,
)
from ansible_collections.mimecast.connect.plugins.module_utils._data.regions import REGIONS, region_of

# What options of roles are made of, and what groups come from.
MAPPINGS = (
    "infrastructure", "directory", "journaling", "outbound", "mx", "dns", "firewall", "tls_policies", "acceptance", "done", "variables",
)
ENFORCE = ("firewall", "enforce")
SWITCHES = (("mx", "cut_over"), ENFORCE)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+\Z")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
# Ansible puts its own value over a variable of these names.
MAGIC = {"groups": "customer_groups"}
FORBIDDEN = ("groups", "hostvars", "vars", "group_names", "inventory_hostname", "inventory_hostname_short", "play_hosts", "omit", "playbook_dir")


@dataclass
class Customer:
    """A judged customer. ``secrets`` are lines with a secret in plain text; ``line`` is where it begins."""

    data: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    secrets: list[Problem] = field(default_factory=list)
    name: str = ""
    line: int = 1
    region: str = UNKNOWN

    @property
    def account_code(self) -> str:
        """In capitals; '' when there is none that can be read."""
        code = self.data.get("account_code")
        return code.strip().upper() if _plain(code) else ""

    @property
    def steps(self) -> tuple[str, ...]:
        """Those of the service, in their order."""
        return MATRIX.get(str(self.data.get("service")), ())

    @property
    def next_step(self) -> str:
        """The first step that is not declared as done; no file can know more."""
        return next((step for step in self.steps if step not in self.data.get("done", {})), DONE)

    def variables(self) -> dict[str, Any]:
        """Of the host: the file's keys, what follows from them, and its own further variables."""
        found = {MAGIC.get(key, key): value for key, value in self.data.items() if key != "variables"}
        derived = {"customer_region": self.region, "customer_steps": list(self.steps), "customer_next_step": self.next_step}
        return {**found, **derived, **role_options(self.data, self.region), **self.data.get("variables", {})}


def judge(found: Located) -> Customer:
    """Everything that can be said of a customer from its file alone."""
    customer = Customer(problems=list(found.problems), name=found.name, line=found.line(()))
    if not isinstance(found.data, dict):
        if not found.problems:
            customer.problems.append(Problem(customer.line, "a customer is a mapping of keys such as service and infrastructure"))
        return customer
    customer.data = found.data
    check = Check(found)
    check.options(CUSTOMER_SPEC, {"mutually_exclusive": [["users", "users_src"]]}, found.data, ())
    # What is of the wrong form says nothing, and would only be an error twice.
    if not check.problems and not found.problems:
        _readable(found.data, check)
    if not check.problems and not found.problems:
        _region(customer, check)
        _infrastructure(found.data, check)
        _steps(found.data, check)
        _directory(found.data, check)
        _forms(found.data, check)
        _variables(found.data, check)
    customer.problems = sorted({*customer.problems, *check.problems})
    text = "is a secret in plain text; encrypt it with ansible-vault encrypt_string"
    customer.secrets = sorted(Problem(found.line(path), "{0} {1}".format(".".join(map(str, path)), text)) for path in check.secrets)
    return customer


def _plain(value: Any) -> bool:
    """Whether it is a text that can be read now."""
    return isinstance(value, str) and not isinstance(value, Vaulted) and "{{" not in value


def _readable(data: dict[str, Any], check: Check) -> None:
    """Groups and names come from these, before any template or vault can be read."""
    for key in ("service", "region", "account_code"):
        if key in data and not _plain(data[key]):
            check.wrong((key,), "has to stand there as it is, not as a template or from a vault, since groups come from it")
    for key in MAPPINGS:
        if not isinstance(data.get(key, {}), dict):
            check.wrong((key,), "has to be a mapping, not a template or from a vault")
    if isinstance(data["infrastructure"], dict) and not _plain(data["infrastructure"]["type"]):
        check.wrong(("infrastructure", "type"), "has to stand there as it is, not as a template or from a vault, since groups come from it")


def _region(customer: Customer, check: Check) -> None:
    code, region = customer.account_code, customer.data.get("region")
    region = region if _plain(region) else None
    customer.region = region or UNKNOWN
    connection = customer.data.get("mimecast_connection", {})
    other = connection.get("account_code") if isinstance(connection, dict) else None
    if code and _plain(other) and other.strip().upper() != code:
        check.wrong(("mimecast_connection", "account_code"), "is {0}, but account_code is {1}; one tenant has one code".format(other, code))
    if not code:
        return
    try:
        told = region_of(code).code if code.lower() not in REGIONS else ""
    except ValueError:
        told = ""
    if told:
        customer.region = told
    if told and region and told != region:
        check.wrong(("region",), "is {0}, but the account code {1} is one of region {2}; correct one of both, or leave region out".format(
            region, code, told))
    elif not told and not region:
        check.wrong(("account_code",), "{0} begins like that of no known region ({1}); correct it, or give region".format(code, _prefixes()))
    elif not told and REGIONS[region].account_prefix:
        check.wrong(("account_code",), "{0} does not begin with {1}, as those of region {2} do; correct one of both".format(
            code, REGIONS[region].account_prefix, region))


def _prefixes() -> str:
    return ", ".join(region.account_prefix for region in REGIONS.values() if region.account_prefix)


def _infrastructure(data: dict[str, Any], check: Check) -> None:
    parts = data["infrastructure"]
    kind = parts["type"] if isinstance(parts, dict) else None
    if kind not in INFRASTRUCTURES:
        return
    for part, choices in (("on_premises", ON_PREMISES), ("cloud", CLOUDS)):
        if kind == HYBRID and part not in parts:
            check.wrong(("infrastructure",), "of type hybrid needs {0} ({1})".format(part, ", ".join(choices)))
        if kind != HYBRID and part in parts:
            check.wrong(("infrastructure", part), "is for type hybrid only, but the type is {0}; leave it out, or give hybrid".format(kind))
    if "tenant_domain" in parts and "microsoft_365" not in (kind, parts.get("cloud")):
        check.wrong(("infrastructure", "tenant_domain"), "is for Microsoft 365 only; leave it out")
    exchange = "exchange" in (kind, parts.get("on_premises"))
    journaling = data.get("journaling")
    method = journaling.get("method", "smtp") if isinstance(journaling, dict) else ""
    if exchange and str(parts.get("version")) == "2003" and method == "smtp":
        check.wrong(("journaling", "method"), "has to be pop3, since Exchange 2003 cannot journal by SMTP")


def _steps(data: dict[str, Any], check: Check) -> None:
    steps = MATRIX.get(data["service"])
    if steps is None:
        return
    declared = data.get("done", {})
    for step in declared if isinstance(declared, dict) else ():
        if step not in steps:
            check.wrong(("done", step), "is no step of service {0}; its steps are {1}".format(data["service"], ", ".join(steps)))
    if data["service"] == EMAIL_SECURITY and "journaling" in data:
        check.wrong(("journaling",), "is not part of service email_security; leave it out, or give service both")
    switches = [(key, option) for key, option in SWITCHES if _on(data.get(key, {}).get(option))]
    if data["service"] == ARCHIVING:
        for path in (*switches, *((key,) for key in ("outbound", "tls_policies") if key in data)):
            check.wrong(path, "is not part of service archiving, whose mail does not come in through the service; leave it out")
    elif ENFORCE in switches and _off(data.get("mx", {}).get("cut_over")) and not data.get("variables", {}).get("inbound_mx_changed"):
        check.wrong(ENFORCE, "shuts out all but the service, but mx.cut_over is not set, so others still bring mail; set mx.cut_over first, "
                             "or leave enforce out")


def _off(value: Any) -> bool:
    return not _on(value) and (not isinstance(value, str) or _plain(value))


def _on(value: Any) -> bool:
    """Whether a switch is set. What a template says is not known yet, so that is neither on nor off."""
    return value in BOOLEANS_TRUE if isinstance(value, (bool, int)) else isinstance(value, str) and value.lower() in BOOLEANS_TRUE


def _directory(data: dict[str, Any], check: Check) -> None:
    kind = data.get("directory", {}).get("type") if isinstance(data.get("directory"), dict) else None
    declared = [
        key for key in CONNECTORS.values()
        if isinstance(data.get(key), list) and any(not isinstance(row, dict) or row.get("state") != "absent" for row in data[key])
    ]
    if not _plain(kind) or not declared or CONNECTORS.get(kind) in declared:
        return
    check.wrong(("directory", "type"), "is {0}, but {1} is declared; correct one of both".format(kind, " and ".join(declared)))


def _forms(data: dict[str, Any], check: Check) -> None:
    """Values of which the spec says only that they are texts."""
    for path, value in _values(data):
        if not _plain(value):
            continue
        if not _right(path, value):
            check.wrong(path, "is {0!r}; {1}".format(value, _FORMS[_pattern(path)][1]))


def _values(data: dict[str, Any]) -> list[tuple[Path, Any]]:
    found: list[tuple[Path, Any]] = []
    for key in ("inbound_addresses", "additional_addresses", "forwarding_addresses"):
        found += [((key, number), value) for number, value in enumerate(_list(data.get(key)))]
    for number, contact in enumerate(_list(data.get("contacts"))):
        if isinstance(contact, dict):
            found.append((("contacts", number, "email"), contact["email"]))
    if isinstance(data.get("done"), dict):
        found += [(("done", step), value) for step, value in data["done"].items()]
    for number, entry in enumerate(_list(data.get("acknowledged"))):
        if isinstance(entry, dict):
            found += [(("acknowledged", number, part), entry[part]) for part in ("on", "since", "until") if part in entry]
    return found


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _pattern(path: Path) -> str:
    return "email" if path[-1] == "email" else str(path[0])


def _right(path: Path, value: str) -> bool:
    return _FORMS[_pattern(path)][0](value)


def _address(value: str) -> bool:
    try:
        return bool(ipaddress.ip_address(value))
    except ValueError:
        return False


def _day(value: str) -> bool:
    try:
        return bool(_DAY.match(value) and datetime.date.fromisoformat(value))
    except ValueError:
        return False


def _email(value: str) -> bool:
    return bool(_EMAIL.match(value))


_ONE_ADDRESS = "a single address such as 192.0.2.25 is needed; networks and names are none"
_FORMS = {
    "inbound_addresses": (_address, _ONE_ADDRESS),
    "additional_addresses": (_address, _ONE_ADDRESS),
    "forwarding_addresses": (_email, "a mail address such as grace@example.com is needed"),
    "email": (_email, "a mail address such as grace@example.com is needed"),
    "done": (_day, "the day is needed on which it was done, such as 2026-11-20"),
    "acknowledged": (_day, "a day such as 2026-11-20 is needed"),
}


def _variables(data: dict[str, Any], check: Check) -> None:
    given = data.get("variables", {})
    for name in given if isinstance(given, dict) else ():
        if not re.match(r"[A-Za-z_][A-Za-z0-9_]*\Z", name):
            check.wrong(("variables", name), "is no name of a variable; letters, digits and underscores make one")
        elif name in FORBIDDEN or name in MAGIC.values():
            check.wrong(("variables", name), "is a variable that is set already; choose another name")
        elif name in CUSTOMER_SPEC or name in ("customer_region", "customer_steps", "customer_next_step", "customer_file"):
            check.wrong(("variables", name), "is a name that customer files have; move it up to the file's own keys, or choose another name")
