# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real Dovecot that does nothing but judge log-ins for Postfix."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

USER, PASSWORD = "relay@acme.example", "Pa55+word/of=mine"
PLACES = "/usr/sbin:/usr/local/sbin"
# No penalty for wrong passwords: the tests would wait for it.
CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols =
ssl = no
auth_mechanisms = {mechanisms}
auth_failure_delay = 0
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {folder}/users
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home=/nonexistent
}}
service auth {{
  unix_listener postfix {{
    mode = 0666
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""


def why_not() -> str:
    """Why Dovecot cannot be used here; empty when it can."""
    return "" if shutil.which("dovecot", path=PLACES) else "dovecot not installed"


@contextmanager
def sasl(mechanisms: str = "plain login") -> Iterator[Path]:
    """The socket at which Postfix asks; it knows USER with PASSWORD alone."""
    with tempfile.TemporaryDirectory(prefix="mimecast-sasl-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # Dovecot's and Postfix's own users must get in
        (folder / "dovecot.conf").write_text(CONFIG.format(folder=folder, mechanisms=mechanisms), encoding="utf-8")
        users = folder / "users"
        users.write_text(f"{USER}:{PASSWORD}\n", encoding="utf-8")
        users.chmod(0o644)
        program = [str(shutil.which("dovecot", path=PLACES)), "-F", "-c", str(folder / "dovecot.conf")]
        process = subprocess.Popen(program, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait(folder, process)
            yield folder / "run" / "postfix"
        finally:
            process.terminate()
            process.wait(10)


def _wait(folder: Path, process: subprocess.Popen[bytes]) -> None:
    """Until it greets as the authentication protocol says."""
    deadline = time.monotonic() + 15
    while True:
        try:
            with socket.socket(socket.AF_UNIX) as sock:
                sock.settimeout(2)
                sock.connect(str(folder / "run" / "postfix"))
                if sock.recv(7) == b"VERSION":
                    return
        except OSError:
            pass
        if process.poll() is not None or time.monotonic() > deadline:
            log = folder / "log"
            raise RuntimeError(f"Cannot start Dovecot: {log.read_text(encoding='utf-8') if log.exists() else process.poll()}")
        time.sleep(0.05)
