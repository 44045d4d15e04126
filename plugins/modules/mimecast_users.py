#!/usr/bin/python
# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mimecast_users
short_description: Import users, the known recipients of a tenant
version_added: 0.1.0
description:
  - Imports users from a list or a file. Known recipients are one of the ways in which the service checks whom mail is for.
  - The tenant's users are read first, and only those that are missing, have another name, or are not in O(group) yet are
    imported. Users that are not given stay as they are; an import removes none.
  - Every row is validated before anything is sent, and all that is wrong is said at once, by line.
  - Users are imported in files of 5,000, one after the other. No limit of the service is published for this call. Rows of 200
    bytes then still pass a proxy that takes 1 MiB, and 20,000 users take four imports.
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
extends_documentation_fragment:
  - mimecast.connect.api
  - mimecast.connect.attributes
  - mimecast.connect.attributes.writes
options:
  users:
    description: The users. Exactly one of O(users) and O(src) is given.
    type: list
    elements: dict
    suboptions:
      email:
        description: The address, without blanks or quotes. The case of letters does not matter.
        type: str
        required: true
      name:
        description: The name to show. Left out, the name of a known user is not compared.
        type: str
      password:
        description:
          - A password for the service, sent only with a user that is imported for another reason. It cannot be read, so a
            changed one is not noticed.
          - The service takes an import with one bad password not at all. In which column it wants passwords is not published;
            they go into the fourth, below the word C(password).
        type: str
  src:
    description:
      - A CSV file in UTF-8 or an XLSX file, where the task runs. XLSX needs the Python library openpyxl there; its first sheet is read.
      - A line of the first 99 holds the words C(email) and C(name), and C(password) if wanted, in the columns A to M, in
        any order and in small letters. All lines below it are users. CSV may be separated by commas, semicolons or tabs.
    type: path
  group:
    description:
      - A profile group, by its name, that all given users join. It must exist, see M(mimecast.connect.mimecast_group).
      - Its members are read, which takes a request for each hundred of them.
    type: str
  clear_group:
    description:
      - Whether all others are to leave O(group). If it has other members, whole domains included, the service empties it and
        the import fills it again with all given users. Mail that arrives meanwhile meets a group that is not complete.
    type: bool
    default: false
  allow_clear_group:
    description: O(clear_group) is refused unless this is true.
    type: bool
    default: false
  wait:
    description:
      - Whether to wait until the service has worked the imports off. Without it, rows that the service leaves out are not
        noticed, and a run soon after may import the same users again.
    type: bool
    default: true
  wait_timeout:
    description: Seconds to wait for all imports together. When they are over the task fails, and the import goes on at the service.
    type: int
    default: 600
seealso:
  - module: mimecast.connect.mimecast_group
"""

EXAMPLES = r"""
- name: Two recipients
  mimecast.connect.mimecast_users:
    users:
      - email: ada@example.com
        name: Ada Lovelace
      - email: office@example.com

- name: The sales team, and nobody else, in its group
  mimecast.connect.mimecast_users:
    users:
      - email: grace@example.com
        name: Grace Hopper
    group: Sales
    clear_group: true
    allow_clear_group: true
"""

RETURN = r"""
users:
  description: How many users were declared, and how many of them are created, renamed or only join the group; in check mode would be.
  returned: success
  type: dict
  sample: {declared: 20000, created: 12, updated: 1, joined: 0, removed_from_group: 0}
imports:
  description: The imports at the service, each with its id for get-import-status, number of users, and last seen status.
  returned: when something was imported
  type: list
  elements: dict
  sample: [{id: eNoVzc0OgjAQ, users: 13, status: completed}]
rejected:
  description: Users that the service left out, each with the line of the file (or the place in O(users)), email and reason.
  returned: when the service left out some, which fails the task
  type: list
  elements: dict
  sample: [{line: 17, email: x@elsewhere.example, reason: err_xdk_operation_forbidden_for_address}]
changes:
  description: The imports in their order, each with action, kind and name. In check mode those that would be made.
  returned: always
  type: list
  elements: dict
  sample: [{action: import, kind: users, name: 1 to 13 of 13, options: []}]
diff:
  description: Users and members that change, before and after; at most 1,000 of each, so that results stay small.
  returned: success
  type: dict
api:
  description: What the run cost at the service.
  returned: when the service was called
  type: dict
  sample: {requests: 205, retries: 0, waited_s: 0.0, writes: 1}
"""

from ansible_collections.mimecast.connect.plugins.module_utils._runner import main
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.users import JOB

if __name__ == "__main__":
    main(JOB)
