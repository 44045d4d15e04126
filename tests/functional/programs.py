# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AnsibleModule.run_command for tests that call a job without a module: the part of it that the firewall uses."""

from __future__ import annotations

import os
import subprocess


def run_command(
    args: list[str], data: bytes = b"", binary_data: bool = True, environ_update: dict[str, str] | None = None, pass_fds: tuple[int, ...] = (),
) -> tuple[int, str, str]:
    """Exit status, output and errors."""
    assert binary_data
    done = subprocess.run(args, input=data, capture_output=True, check=False, env={**os.environ, **(environ_update or {})}, pass_fds=pass_fds)
    return done.returncode, done.stdout.decode(errors="surrogateescape"), done.stderr.decode(errors="surrogateescape")
