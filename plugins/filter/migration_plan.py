# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: migration_plan
short_description: Whether a customer is affected by the move to owned ranges, and what to open
version_added: 0.1.0
description:
  - Decides by the rules of the vendor's questions and answers on the move from leased to owned ranges. New ranges are opened beside the old, and only
    what is retired is taken away.
  - It is what the role range_migration decides by.
positional: firewalls
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
requirements:
  - netaddr
options:
  _input:
    description: The report of the lookup P(mimecast.connect.ranges#lookup), with O(mimecast.connect.ranges#lookup:details=true).
    type: dict
    required: true
  firewalls:
    description: Services with their sources of today, as C(services) of M(mimecast.connect.firewall_allowlist_info), by name of the firewall.
    type: dict
    required: true
  restricts:
    description: V(false) if the firewall restricts nothing by source.
    type: bool
  saved:
    description: Documents that former runs kept, C(keep) of the result.
    type: list
    elements: dict
    default: []
  rollback:
    description: Bring back what the last run that took ranges away had found open.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Is this customer affected?
  ansible.builtin.debug:
    msg: "{{ lookup('mimecast.connect.ranges', 'us', spf=false, details=true) | mimecast.connect.migration_plan(firewalls) }}"
  vars:
    firewalls:
      mx1:
        - name: smtp
          ports: [25]
          mode: enforce
          sources: [207.211.30.0/24]
"""

RETURN = r"""
_value:
  description:
    - C(status), V(elsewhere), V(unrestricted), V(unknown) or V(complete) where nothing is to be done, else V(affected), V(retiring) or V(rolled_back).
    - C(why), a sentence. C(missing) and C(removed), networks that come and that go. C(kept_deprecated), ranges that stay although they are superseded.
      C(firewalls), the services as they have to be. C(keep), what to save before the change; C(saved), whether the last run has saved the same.
      C(record), that of the report.
  type: dict
"""

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.mimecast.connect.plugins.module_utils._ranges import migration
from ansible_collections.mimecast.connect.plugins.module_utils._ranges.parse import RangesError
from ansible_collections.mimecast.connect.plugins.plugin_utils._range_filter import need_netaddr


def migration_plan(value: Any, firewalls: Any, restricts: bool | None = None, saved: Any = (), rollback: bool = False) -> dict[str, Any]:
    """The decision, with what to save before it is carried out."""
    need_netaddr()
    try:
        documents = migration.check_saved(saved)
        row = migration.roll_back(value, firewalls, documents) if rollback else migration.decide(value, firewalls, restricts, documents)
    except RangesError as error:
        raise AnsibleFilterError("Cannot plan the move of ranges: {0}".format(error)) from error
    keep = migration.document(row, firewalls, datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"))
    again = bool(documents) and {**documents[-1], "at": ""} == {**keep, "at": ""}
    return {**row, "keep": keep, "saved": again, "record": value["record"]}


class FilterModule:
    """The filter."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {"migration_plan": migration_plan}
