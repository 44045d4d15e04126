#!/usr/bin/python
# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mimecast_directory_sync
short_description: Start a synchronisation of directories
version_added: 0.1.0
description:
  - Starts a synchronisation of all enabled directory connectors, and waits for its end if wanted.
  - One that is running already is not a change. An answer 504 counts as started, as it has been seen to.
  - With O(test) none is started unless the service can read each directory.
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
extends_documentation_fragment:
  - mimecast.connect.api
  - mimecast.connect.attributes
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the service.
    support: full
    details:
      - In check mode nothing is started, and a change is predicted. The tests of O(test) are made, since they change nothing.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: none
  idempotent:
    description: When run twice in a row with the same arguments, the second invocation indicates no change.
    support: partial
    details:
      - Each run starts a synchronisation unless one is running.
options:
  start:
    description: Whether a synchronisation is started. If V(false), nothing changes; the connectors are tested, or a running one is waited for.
    type: bool
    default: true
  test:
    description:
      - Whether the service runs its own tests of each enabled connector first. If one fails the module fails, names it, and starts nothing.
      - Of most answers just C(success) is published. A test without it is V(unknown) and stops nothing.
    type: bool
    default: false
  wait:
    description: Whether to wait until no connector is synchronising any more.
    type: bool
    default: false
  wait_timeout:
    description: Seconds to wait at most. After that the module fails, and the synchronisation goes on.
    type: int
    default: 900
seealso:
  - module: mimecast.connect.mimecast_directory_connector
"""

EXAMPLES = r"""
- name: New mailboxes can receive at once
  mimecast.connect.mimecast_directory_sync:
    wait: true

- name: The service can read the directories
  mimecast.connect.mimecast_directory_sync:
    start: false
    test: true
"""

RETURN = r"""
status:
  description: What the service answered, V(sync_requested) or V(already_in_progress). In check mode what it would be; V(not_started) without O(start).
  returned: success
  type: str
  sample: sync_requested
tests:
  description: For each enabled connector its name, its type and one verdict for each test, V(ok), V(failed) or V(unknown), with the service's answer.
  returned: when O(test) is set
  type: list
  elements: dict
  sample: [{connector: Head office, type: active_directory, tests: [{test: connectivity, verdict: ok, answer: {success: true}}]}]
msg:
  description: The same as a sentence.
  returned: always
  type: str
  sample: A synchronisation was started
api:
  description: What the run cost at the service.
  returned: when the service was called
  type: dict
  sample: {requests: 2, retries: 0, waited_s: 0.0, writes: 0}
"""

from ansible_collections.mimecast.connect.plugins.module_utils._jobs.directory import SYNCHRONISATION as JOB
from ansible_collections.mimecast.connect.plugins.module_utils._runner import main

if __name__ == "__main__":
    main(JOB)
