# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: ranges
short_description: The networks from which the service connects to a customer
version_added: 0.1.0
description:
  - The ranges of one region, from all that is known of them. The customer's own list, a file of the customer, the SPF record of the region as
    the DNS has it now, the data that comes with the collection, and what a record of earlier runs remembers.
  - What any source has is in. A source that is silent, empty or unreachable takes nothing away and is a warning. A range leaves only when it is
    listed in O(retired).
  - The A grid and the B grid of the United States are never mixed. A range of the other grid in O(ranges) or O(file) is an error; one that the
    SPF record or the record brings is left out with a warning.
  - The vendor's own table of ranges is not part of this collection. Take it from the page I(Data Centers and URLs) into O(ranges) or O(file)
    before a firewall is locked down.
  - Nothing is written, so this is safe in check mode. The DNS is asked each time the expression is evaluated.
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
requirements:
  - netaddr
  - dnspython, unless O(spf=false)
options:
  _terms:
    description:
      - One region, by an account code such as V(CUSA12A34), a code such as V(us), V(usb), V(eu), V(de), V(ca), V(za), V(au), V(je) or
        V(uspcom), or a name such as V(Germany). A name that fits no region is an error with suggestions.
    type: list
    elements: str
    required: true
  ranges:
    description:
      - The customer's own list. Each entry is a network, an address, or a range such as C(192.0.2.0-192.0.2.63), which is read as networks.
      - IPv4-mapped IPv6 is read as IPv4. Host bits, masks and networks wider than a /16 (IPv6 a /32) are errors, and so are networks that mail
        on the Internet cannot come from.
    type: list
    elements: str
    default: []
  file:
    description:
      - A file of UTF-8 text with one entry a line, found like those of other lookups. Empty lines and what follows a C(#) do not count.
        A file without any range is an error.
    type: str
  spf:
    description: Whether the SPF record of the region is asked for.
    type: bool
    default: true
  spf_include:
    description: Name of that record, if the account shows another one than is known of the region.
    type: str
  resolver:
    description: Address, or address and port, of the resolver to ask instead of those of this machine.
    type: str
  timeout:
    description: Seconds that all questions to the DNS may take together.
    type: float
    default: 10
  bundled:
    description: Whether the data that comes with the collection counts.
    type: bool
    default: true
  record:
    description:
      - A file in YAML or JSON that remembers which source had which range and when. What it remembers is in, whatever the sources say today.
      - The lookup only reads it. Write C(record) of O(details=true) to it with M(ansible.builtin.copy), which leaves it alone in check mode.
        A file that does not exist yet is a warning. Keep one for each customer.
    type: str
  retired:
    description:
      - What is out, whatever any source says. Each entry is a mapping with C(range), C(reason), C(by) and C(from), the first day on which it
        counts, in UTC. An entry whose day is to come has no effect yet.
      - Take an entry out to undo it, or keep it and give it C(undone) with C(by) and C(reason).
      - An entry for what no source has is a warning, and so is one for what the SPF record still has. To retire everything is an error.
    type: list
    elements: dict
    default: []
  details:
    description: Return one report instead of the list.
    type: bool
    default: false
notes:
  - Use C(query), or C(lookup) with C(wantlist=true), for the list. A plain C(lookup) joins it with commas, as Ansible does.
"""

EXAMPLES = r"""
- name: What to open the firewall for
  ansible.builtin.debug:
    msg: "{{ query('mimecast.connect.ranges', 'CUSA12A34') }}"

- name: The customer's own list as well, and without what the vendor says may go
  ansible.builtin.debug:
    msg: "{{ query('mimecast.connect.ranges', 'us', ranges=own, retired=retired) }}"
  vars:
    own:
      - 170.10.128.0/22
    retired:
      - range: 205.217.25.132/32
        reason: Notice of the vendor, ticket 4711
        by: Jane Doe
        from: "2026-11-01"

- name: Remember what was seen, in a real run only
  ansible.builtin.copy:
    content: "{{ lookup('mimecast.connect.ranges', 'us', record=file, details=true).record | to_nice_yaml }}"
    dest: "{{ file }}"
    mode: "0644"
  vars:
    file: "{{ playbook_dir }}/ranges-us.yml"
"""

RETURN = r"""
_raw:
  description:
    - The networks to allow, as few as possible, IPv4 first; retired ones are not among them.
    - With O(details=true), one mapping. C(region) and C(region_name). C(cidrs), the same list. C(ranges), each range that any source has, with
      C(cidr), C(status) (V(current), V(deprecated) or V(retired)), C(first_seen) and C(last_seen) (days of sightings, or none), C(migration_role),
      C(allowed) (what of it is in the list) and C(sources) (each with the days on which it listed the range, and what it knows of it).
      C(retirements), each entry with its C(state) (V(effective), V(planned) or V(undone)) and what it C(removes). C(sources), what was asked, with
      the age of the data. C(warnings), C(notes) on how entries were read, and C(record), the document to keep.
  type: list
  elements: raw
"""

import difflib
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import yaml
from ansible.errors import AnsibleLookupError
from ansible.module_utils.basic import missing_required_lib
from ansible.plugins.lookup import LookupBase
from ansible.utils.display import Display
from ansible_collections.mimecast.connect.plugins.module_utils._dns.lookup import HAS_DNSPYTHON
from ansible_collections.mimecast.connect.plugins.module_utils._ranges import gather, report
from ansible_collections.mimecast.connect.plugins.module_utils._ranges.bundled import Bundled
from ansible_collections.mimecast.connect.plugins.module_utils._ranges.parse import RangesError
from ansible_collections.mimecast.connect.plugins.module_utils._ranges.region import region_named
from ansible_collections.mimecast.connect.plugins.module_utils._ranges.sets import HAS_NETADDR
from ansible_collections.mimecast.connect.plugins.module_utils._ranges.source import Heard
from ansible_collections.mimecast.connect.plugins.module_utils._ranges.spf import ask_spf

OPTIONS = ("ranges", "file", "spf", "spf_include", "resolver", "timeout", "bundled", "record", "retired", "details")


class LookupModule(LookupBase):
    """The ranges of a region."""

    def run(self, terms: list[Any], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[Any]:
        """The networks, or the report in a list."""
        try:
            self._check(terms, kwargs)
            self.set_options(var_options=variables, direct=kwargs)
            found = self._gather(terms[0], variables)
        except RangesError as error:
            raise AnsibleLookupError("Cannot tell the ranges of {0}: {1}".format(", ".join(map(str, terms)) or "no region", error)) from error
        self._tell(found)
        return [report.details(found)] if self.get_option("details") else [str(network) for network in found.cidrs]

    def _check(self, terms: list[Any], kwargs: dict[str, Any]) -> None:
        if len(terms) != 1:
            raise RangesError("give one region, as in lookup('mimecast.connect.ranges', 'eu'); ranges of several regions are several lookups")
        for name in kwargs:  # Ansible drops options that it does not know, and with a misspelt one the ranges in it
            if name not in OPTIONS:
                near = difflib.get_close_matches(name, OPTIONS, 1)
                raise RangesError("there is no option {0}{1}".format(name, "; did you mean {0}?".format(near[0]) if near else ""))
        if not HAS_NETADDR:
            raise RangesError(missing_required_lib("netaddr"))

    def _gather(self, term: Any, variables: dict[str, Any] | None) -> gather.Gathered:
        region, today = region_named(term), datetime.now(timezone.utc).date().isoformat()
        heard = []
        if self.get_option("ranges"):
            heard.append(gather.from_list(self.get_option("ranges")))
        if self.get_option("file"):
            heard.append(self._file(variables))
        if self.get_option("spf"):
            heard.append(self._spf(region.code, self.get_option("spf_include") or region.spf_include))
        if self.get_option("bundled"):
            heard.append(gather.from_bundle(Bundled(region.code), today))
        name = self.get_option("record") or ""
        record, missing = self._record(name) if name else (None, "")
        found = gather.gather(region, heard, record, name, self.get_option("retired") or [], today)
        found.warnings += [missing] if missing else []
        return found

    def _spf(self, code: str, include: str | None) -> Heard:
        if not include:
            return Heard("spf", "", complete=False, warnings=["no SPF record of region {0} is known: give spf_include, or spf=false".format(code)])
        if not HAS_DNSPYTHON:
            raise RangesError(missing_required_lib("dnspython", reason="for the SPF record; spf=false does without"))
        return ask_spf(include, self.get_option("resolver"), self.get_option("timeout"))

    def _file(self, variables: dict[str, Any] | None) -> Heard:
        name = self.get_option("file")
        path = self.find_file_in_search_path(variables, "files", name, ignore_missing=True)
        if not path:
            raise RangesError("there is no file {0}".format(name))
        return gather.from_file(name, _text(path, name))

    def _record(self, name: str) -> tuple[Any, str]:
        """The document, and a warning if there is none yet."""
        path = Path(self._loader.path_dwim(name))
        if not path.exists():
            return None, "there is no record {0} yet, so nothing is remembered".format(name)
        try:
            return yaml.safe_load(_text(str(path), name)) or "", ""
        except yaml.YAMLError as error:
            raise RangesError("{0} is no YAML: {1}".format(name, " ".join(str(error).split()))) from error

    def _tell(self, found: gather.Gathered) -> None:
        display = Display()
        for warning in found.warnings:
            display.warning("Ranges of region {0}: {1}".format(found.region.code, warning))
        for note in (note for one in found.heard for note in one.notes):
            display.v("Ranges of region {0}: {1}".format(found.region.code, note))


def _text(path: str, name: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise RangesError("cannot read {0}: {1}".format(name, error.strerror)) from error
    except UnicodeDecodeError as error:
        raise RangesError("{0} is no text in UTF-8".format(name)) from error
