# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """What the modules have in common with regard to Ansible's features."""

    DOCUMENTATION = r"""
options: {}
attributes:
  idempotent:
    description: When run twice in a row with the same arguments, the second invocation indicates no change.
    support: full
  action:
    description: Indicates that this has a corresponding action plugin so some parts of the options can be executed on the controller.
    support: full
    details:
      - With a local connection, and without become or async, the work is done in the controller's worker process,
        which takes about a tenth of the time of a module process. Otherwise the ordinary module runs where the task runs.
      - Set the variable C(mimecast_in_process) to V(false) to run the ordinary module always.
  async:
    description: Supports being used with the C(async) keyword.
    support: full
  action_group:
    description: Use C(group/mimecast.connect.mimecast) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - mimecast.connect.mimecast
"""

    WRITES = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the service.
    support: full
    details:
      - The client lets no write through in check mode. The plan that is shown is the object that a real run carries out.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: full
"""

    READS = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the service.
    support: full
    details:
      - This module only reads.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: N/A
    details:
      - This module changes nothing.
"""
