# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A process that runs one of the firewall modules: a thread cannot enter a mount namespace. Module, check mode and options come as JSON."""

from __future__ import annotations

import json
import sys
from importlib import import_module

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from programs import run_command

from ansible_collections.mimecast.connect.plugins.module_utils._runner import execute


def main() -> None:
    """From standard input to standard output."""
    said = json.load(sys.stdin)
    job = import_module("ansible_collections.mimecast.connect.plugins.modules." + said["module"]).JOB
    checked = ArgumentSpecValidator(job.argument_spec, **job.rules).validate(said["options"])
    failed = {"failed": True, "msg": checked.errors.msg} if checked.error_messages else None
    json.dump(failed or execute(job, checked.validated_parameters, said["check"], run_command=run_command)[0], sys.stdout)


if __name__ == "__main__":
    main()
