# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: customers
short_description: Customer files as hosts
version_added: 0.1.0
description:
  - A folder of customer files, one for each customer, or a CSV file with a row for each, becomes hosts. The keys of the file are the variables of
    the host; C(groups) is C(customer_groups), because Ansible has a variable of its own of that name.
  - Each host also has C(customer_file), C(customer_region), C(customer_steps) (those of its service, in order) and C(customer_next_step), the first
    of them that the file does not have in C(done), or V(done). Nobody is asked, so this is what the file says and no proof.
  - All hosts are in the group C(mimecast_customers), and each is in groups such as C(mimecast_region_eu), C(mimecast_service_both),
    C(mimecast_infrastructure_exchange) and C(mimecast_next_outbound).
  - Each file is checked, with the line of whatever is wrong. So are two customers with the same host name or the same account code.
  - Secrets stay in the vault until something uses them.
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
extends_documentation_fragment:
  - constructed
  - inventory_cache
options:
  plugin:
    description: The name of this plugin.
    type: str
    required: true
    choices: [mimecast.connect.customers]
  src:
    description:
      - A folder or a CSV file, relative to the folder of this inventory file.
      - Of a folder all files are read that end with C(.yml), C(.yaml) or C(.csv), but not those in folders below, hidden files, and inventory files
        of this plugin.
    type: str
    default: customers
  host_name:
    description:
      - What the hosts are called. V(stem) is the name of the file without its suffix, and in CSV the column C(name). V(account_code) is that, in small
        letters.
    type: str
    choices: [stem, account_code]
    default: stem
  on_error:
    description:
      - What becomes of customers with something wrong. V(fail) takes no host at all and says everything that is wrong. V(skip) leaves these customers
        out, with a warning for each problem. Of two with the same host name or account code both are left out.
      - Ansible by itself goes on without an inventory that failed. Set C(any_unparsed_is_failed) in the section C(inventory) of ansible.cfg, and it ends.
    type: str
    choices: [fail, skip]
    default: fail
notes:
  - The name of the inventory file has to end with C(mimecast_customers.yml) or C(mimecast_customers.yaml).
  - A cached customer is taken only as long as its file has the same size and time. Never cached is a file that is a vault as a whole, that has a
    secret in plain text, or that has C(variables), in which one could be.
seealso:
  - plugin: mimecast.connect.ranges
    plugin_type: lookup
  - module: mimecast.connect.mimecast_tenant
"""

EXAMPLES = r"""
# hosts.mimecast_customers.yml, beside the folder customers. Its first line is enough.
plugin: mimecast.connect.customers
src: customers
# Customers with something wrong are left out.
on_error: skip
# Groups and variables of one's own.
groups:
  without_firewall: firewall is not defined
keyed_groups:
  - prefix: directory
    key: directory.type | default('none')
compose:
  ansible_connection: "'local'"
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: .customers_cache
"""

import os
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError, AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible_collections.mimecast.connect.plugins.module_utils._customers.customer import Customer
from ansible_collections.mimecast.connect.plugins.module_utils._customers.fleet import Entry, add_collisions, entries, told
from ansible_collections.mimecast.connect.plugins.module_utils._customers.source import Problem, Vaulted
from ansible_collections.mimecast.connect.plugins.plugin_utils._forks import prepare_forks

try:
    from ansible.template import trust_as_template
except ImportError:  # before ansible-core 2.19 each text is a template

    def trust_as_template(value: str) -> str:
        """The text as it is."""
        return value


ENDINGS = ("mimecast_customers.yml", "mimecast_customers.yaml")
SUFFIXES = (".yml", ".yaml", ".csv")
VAULT = b"$ANSIBLE_VAULT;"
KEPT = "vaulted text"


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """Customer files as hosts."""

    NAME = "mimecast.connect.customers"
    # Templates in customer files are those of the same people who write playbooks (ansible-core 2.19 and newer asks).
    trusted_by_default = True

    def verify_file(self, path: str) -> bool:
        """By the end of its name, since any YAML file could be an inventory."""
        return super().verify_file(path) and path.endswith(ENDINGS)

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        """Everything is read and judged before the first host is made."""
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        source = Path(path).resolve().parent / os.path.expanduser(self.get_option("src"))
        found = self._entries(source, self._remembered(path, cache))
        add_collisions(found)
        bad = [entry for entry in found if entry.customer.problems]
        if bad and self.get_option("on_error") == "fail":
            raise AnsibleParserError("Cannot take the customers of {0}:\n{1}".format(source, "\n".join(told(entry) for entry in bad)))
        for entry in bad:
            for line in told(entry).splitlines():
                self.display.warning("Customer left out: {0}".format(line))
        for entry in found:
            if not entry.customer.problems:
                self._add(entry)
        prepare_forks()

    def _remembered(self, path: str, cache: bool) -> dict[str, Any] | None:
        """What the cache holds by file, to be changed in place; None without a cache."""
        if not self.get_option("cache"):
            return None
        self.load_cache_plugin()
        key = self.get_cache_key(path)
        try:
            old = self._cache[key] if cache else {}
        except KeyError:
            old = {}
        # Set as a new value, since changes within an old one are not noticed.
        self._cache[key] = {file: dict(known) for file, known in old.items()}
        return self._cache[key]

    def _entries(self, source: Path, memory: dict[str, Any] | None) -> list[Entry]:
        files = _files(source)
        for gone in set(memory or ()) - {str(file) for file in files}:
            memory.pop(gone)
        return [entry for file in files for entry in self._of_file(file, memory)]

    def _of_file(self, file: Path, memory: dict[str, Any] | None) -> list[Entry]:
        named_by = self.get_option("host_name")
        try:
            known = file.stat()
            stamp = [known.st_mtime_ns, known.st_size, named_by]
            if memory is not None and memory.get(str(file), {}).get("stamp") == stamp:
                return [_recalled(str(file), one) for one in memory[str(file)]["customers"]]
            content = file.read_bytes()
            whole = content.startswith(VAULT)
            found = entries(str(file), file.stem, (self.loader._get_file_contents(str(file))[0] if whole else content).decode("utf-8"), named_by)
        except OSError as error:
            return [_unread(file, "cannot be read: {0}".format(error.strerror))]
        except UnicodeDecodeError:
            return [_unread(file, "is no text in UTF-8")]
        except AnsibleError as error:
            return [_unread(file, "cannot be decrypted: {0}".format(" ".join(str(error).split())))]
        for entry in found:
            for secret in entry.customer.secrets if not whole else ():
                self.display.warning("{0}:{1}: {2}".format(file, secret.line, secret.text))
        if memory is not None:
            memory.pop(str(file), None)
            if not whole and not any(one.customer.problems or one.customer.secrets or "variables" in one.customer.data for one in found):
                memory[str(file)] = {"stamp": stamp, "customers": [_kept(entry) for entry in found]}
        return found

    def _add(self, entry: Entry) -> None:
        customer = entry.customer
        host = self.inventory.add_host(entry.host)
        words = {
            "region": customer.region, "service": customer.data["service"],
            "infrastructure": customer.data["infrastructure"]["type"], "next": customer.next_step,
        }
        for group in ("mimecast_customers", *("mimecast_{0}_{1}".format(word, value) for word, value in words.items())):
            self.inventory.add_child(self.inventory.add_group(group), host)
        for name, value in {**customer.variables(), "customer_file": entry.file}.items():
            self.inventory.set_variable(host, name, self._value(value))
        self._construct(host)

    def _construct(self, host: str) -> None:
        strict = self.get_option("strict")
        variables = self.inventory.get_host(host).get_vars()
        self._set_composite_vars(self.get_option("compose"), variables, host, strict=strict)
        variables = self.inventory.get_host(host).get_vars()
        self._add_host_to_composed_groups(self.get_option("groups"), variables, host, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, host, strict=strict)

    def _value(self, value: Any) -> Any:
        """As Ansible has it. Its own reader makes vault values, so that each version gets its own kind."""
        if isinstance(value, dict):
            return {key: self._value(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._value(item) for item in value]
        if isinstance(value, Vaulted):
            return self.loader.load("!vault |\n" + "\n".join("  " + line.strip() for line in value.splitlines()))
        # Said of each text as well, because trusted_by_default counts for the first inventory of a run alone (ansible-core 2.19 to 2.21).
        return trust_as_template(value) if isinstance(value, str) else value


def _files(source: Path) -> list[Path]:
    if source.is_file():
        return [source]
    if not source.is_dir():
        raise AnsibleParserError("Cannot take the customers of {0}: there is no such folder and no such file; give src, relative to the "
                                 "inventory file".format(source))
    files = [file for file in sorted(source.iterdir()) if file.suffix.lower() in SUFFIXES and file.is_file()]
    files = [file for file in files if not file.name.startswith(".") and not file.name.endswith(ENDINGS)]
    if not files:
        raise AnsibleParserError("Cannot take the customers of {0}: no file in it ends with {1}".format(source, ", ".join(SUFFIXES)))
    return files


def _unread(file: Path, text: str) -> Entry:
    return Entry(str(file), Customer(problems=[Problem(1, "the file {0}".format(text))]), "")


def _kept(entry: Entry) -> dict[str, Any]:
    """An entry as plain data."""
    customer = entry.customer
    return {"host": entry.host, "line": customer.line, "region": customer.region, "data": _swap(customer.data, True)}


def _recalled(file: str, kept: dict[str, Any]) -> Entry:
    return Entry(file, Customer(_swap(kept["data"], False), line=kept["line"], region=kept["region"]), kept["host"])


def _swap(value: Any, keep: bool) -> Any:
    """Vault values as mappings that JSON has, and back. They stay encrypted."""
    if isinstance(value, Vaulted):
        return {KEPT: str(value)}
    if isinstance(value, dict):
        if not keep and set(value) == {KEPT}:
            return Vaulted(value[KEPT])
        return {key: _swap(item, keep) for key, item in value.items()}
    return [_swap(item, keep) for item in value] if isinstance(value, list) else value
