# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""A change that takes itself back unless somebody confirms it in time.

The way back is written down as a shell script and armed before anything is changed: as a timer of systemd, else as a process in
a session of its own. Whoever renames ``armed`` first decides, the timer or the confirmation. Files that bring rules back
after a reboot are written by the confirmation only, and all state is in /run: so a reboot is a way back as well.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._firewall import run
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.backends.protocol import FileEdit
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.change import SYSTEMD, Prepared, prove, take_back
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.confirm_scripts import apply_script, files_script, revert_script
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.errors import FirewallError
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.model import Live

STATE = "/run/mimecast_connect"
SHELL = "/bin/sh"
# A shell without job control starts it in no group of its own, so setsid need not fork and the number printed is its own.
DETACHED = 'setsid "$0" "$1" "$2" >/dev/null 2>&1 </dev/null & echo $!'
LEAST_S, MOST_S = 5, 3600
LOCK_S = 30
REVERT_S = 180  # longer than the script waits for the lock
ARMED, REVERTING, REVERTED, FAILED = "armed", "reverting", "reverted", "failed"


@dataclass(frozen=True)
class Pending:
    """A change that was begun: its folder, and what the marker in it says."""

    folder: str
    state: str
    about: dict[str, Any]

    @property
    def name(self) -> str:
        return os.path.basename(self.folder)

    def path(self, name: str) -> str:
        """A file of this change."""
        return os.path.join(self.folder, name)

    @property
    def title(self) -> str:
        """The change in words."""
        return "the change of {0} ({1})".format(self.about.get("at", "an unknown time"), "; ".join(self.about.get("changes", [])) or "nothing known of it")


def begin(change: Prepared, seconds: int, changes: list[str]) -> str:
    """Arm the way back, then apply the steps and prove them. Returns the name by which ``keep`` and ``revert`` know the change."""
    if not LEAST_S <= seconds <= MOST_S:
        raise FirewallError("confirm_timeout is {0}: give {1} to {2} seconds".format(seconds, LEAST_S, MOST_S))
    missing = [name for name in ("flock", "setsid") if not run.program(name)]
    if missing:
        raise FirewallError("Cannot arm the way back: there is no program {0} on this machine (package util-linux)".format(" and no ".join(missing)))
    with _lock() as lock:
        if any(one.state in (ARMED, REVERTING) for one in _all()):
            raise FirewallError("Another run has just begun a change of this firewall that waits to be confirmed")
        pending = _arm(change, seconds, changes)
        try:
            _apply(pending, change, lock)
            prove(change)
        except FirewallError as error:
            done = take_back(change) if _claim(pending, "ended") else "It is being taken back"
            _clear(pending)
            raise FirewallError("{0}. {1}".format(error, done)) from None
    return pending.name


def keep(name: str, files: tuple[FileEdit, ...]) -> None:
    """Confirm: write the files, then disarm. Until then the way back includes the files."""
    with _lock():
        pending = _found(name)
        if pending.state != ARMED:
            raise FirewallError(_ended(pending))
        try:
            _write(pending, "files", files_script(files, pending.folder, _write_text))
            for edit in files:
                run.write_file(edit)
        except FirewallError as error:
            raise FirewallError("Cannot confirm the change: {0}".format(error)) from None
        if not _claim(pending, "kept"):
            raise FirewallError("The confirmation came too late: the change is being taken back")
        _clear(pending)


def revert(name: str) -> str:
    """Take the change back now, and say how that went."""
    pending = _found(name)
    told = _ended(_reverted(pending))
    _clear(pending)
    return told


def settle(dry: bool) -> list[str]:
    """What former runs left: told, and unless ``dry`` ended. A change that nobody confirmed is taken back."""
    told = []
    for pending in _all():
        if not pending.state:
            if not dry:
                _sweep(pending)
            continue
        if dry and pending.state == ARMED:
            told.append("{0} waits to be confirmed, else it takes itself back; the next run of firewall_allowlist takes it back first".format(
                _capital(pending.title)))
            continue
        ended = pending if dry else _reverted(pending)
        if ended.state:
            told.append(_ended(ended))
        if not dry:
            _clear(ended)
    return told


def _sweep(pending: Pending) -> None:
    """What a run left that was killed before it armed, or after it had confirmed; never what another one is about to arm."""
    with _lock():
        if not _read(pending.folder).state:
            _clear(pending)


def _arm(change: Prepared, seconds: int, changes: list[str]) -> Pending:
    about = {"at": time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime()), "seconds": seconds, "changes": changes}
    pending = Pending(os.path.join(_state(), secrets.token_hex(8)), ARMED, about)
    there = Live(change.desired, change.live.drift, names=change.backend.names(change.desired))
    undo = change.backend.render(change.live.allowlist, there)
    try:
        os.mkdir(pending.folder, 0o700)
        for number, step in enumerate(undo):
            _write(pending, "undo.{0}".format(number), step.text)
        for number, step in enumerate(change.steps):
            _write(pending, "do.{0}".format(number), step.text)
        _write(pending, "apply", apply_script(change.steps, pending.folder))
        _write(pending, "revert", revert_script(undo, pending.folder, STATE))
        _write(pending, ARMED, json.dumps(about))
        _start(pending, seconds)
    except OSError as error:
        shutil.rmtree(pending.folder, ignore_errors=True)
        raise FirewallError("Cannot arm the way back, so nothing was changed: {0}".format(error)) from None
    return pending


def _start(pending: Pending, seconds: int) -> None:
    """systemd's timers outlive whatever ends a log-in with all of its processes."""
    script = pending.path("revert")
    if _systemd_is_ours():
        timer = ("systemd-run", "--quiet", "--collect", "--unit=" + _unit(pending), "--on-active={0}s".format(seconds),
                 "--timer-property=AccuracySec=100ms", SHELL, script)
        if run.call(timer)[0] == 0:
            return
    _write(pending, "pid", run.call((SHELL, "-c", DETACHED, SHELL, script, str(seconds)))[1].strip())


def _systemd_is_ours() -> bool:
    """Whether systemd runs, and what it starts sees the same network and files as we do."""
    try:
        return bool(os.path.isdir(SYSTEMD) and run.program("systemd-run")) and all(
            os.readlink("/proc/1/ns/" + kind) == os.readlink("/proc/self/ns/" + kind) for kind in ("net", "mnt"))
    except OSError:
        return False


def _unit(pending: Pending) -> str:
    return "mimecast-connect-" + pending.name


def _apply(pending: Pending, change: Prepared, lock: int) -> None:
    """By a script in a session of its own: once begun it comes to its end, even if this process is killed."""
    if run.call(("setsid", SHELL, pending.path("apply")), limit=0, pass_fds=(lock,))[0]:
        number = (run.read_file(pending.path("failed_step")) or "0").strip()
        raise FirewallError("Cannot change the firewall: {0} refused: {1}".format(
            " ".join(change.steps[int(number)].command), run.brief(run.read_file(pending.path("errors")) or "it said nothing")))


def _reverted(pending: Pending) -> Pending:
    """The change after its way back was gone, by us or by whoever claimed it."""
    if pending.state == ARMED:
        # The script decides who is first, and comes to its end even if this process is killed.
        run.call(("setsid", SHELL, pending.path("revert")), limit=0)
    until = time.monotonic() + REVERT_S
    while True:
        now = _read(pending.folder)
        if now.state != REVERTING:
            return now
        if time.monotonic() > until:  # whoever claimed it has died
            with contextlib.suppress(OSError):
                os.rename(pending.path(REVERTING), pending.path(ARMED))
            return _reverted(_read(pending.folder))
        time.sleep(0.1)


def _ended(pending: Pending) -> str:
    if pending.state == REVERTED:
        return "{0} was not confirmed and has been taken back".format(_capital(pending.title))
    if pending.state == FAILED:
        return "{0} was not confirmed, and could not be taken back wholly: {1}".format(
            _capital(pending.title), run.brief(run.read_file(pending.path("log")) or "nobody said why"))
    return "{0} is being taken back".format(_capital(pending.title))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _claim(pending: Pending, name: str) -> bool:
    """Whether we are the first to end it."""
    try:
        os.rename(pending.path(ARMED), pending.path(name))
    except FileNotFoundError:
        return False
    return True


def _clear(pending: Pending) -> None:
    """Nothing of an ended change stays: no timer, no process, no file."""
    if _read(pending.folder).state in (ARMED, REVERTING):
        return
    pid = (run.read_file(pending.path("pid")) or "").strip()
    if pid:
        _kill(int(pid), pending.path("revert"))
    elif _systemd_is_ours():
        run.call(("systemctl", "--quiet", "stop", _unit(pending) + ".timer"))
    shutil.rmtree(pending.folder, ignore_errors=True)


def _kill(pid: int, script: str) -> None:
    """The process that waits, and its sleep; another one that has got the number since is left alone."""
    with contextlib.suppress(OSError):
        with open("/proc/{0}/cmdline".format(pid), "rb") as file:
            ours = os.fsencode(script) in file.read().split(b"\0")
        if ours:
            os.killpg(pid, 9)


def _all() -> list[Pending]:
    if not os.path.isdir(STATE):
        return []
    return [_read(entry.path) for entry in sorted(os.scandir(_state()), key=lambda one: one.name) if entry.is_dir(follow_symlinks=False)]


def _found(name: str) -> Pending:
    if not re.match(r"[0-9a-f]{16}\Z", name) or not os.path.isdir(os.path.join(STATE, name)):
        raise FirewallError("There is no change {0!r} that waits to be confirmed: it was ended by another run, or by a reboot".format(name))
    return _read(os.path.join(_state(), name))


def _read(folder: str) -> Pending:
    for state in (ARMED, REVERTING, REVERTED, FAILED, ARMED, REVERTING, REVERTED, FAILED):  # twice: it may be renamed while we look
        text = run.read_file(os.path.join(folder, state))
        if text is not None:
            try:
                return Pending(folder, state, json.loads(text))
            except ValueError:
                return Pending(folder, state, {})
    return Pending(folder, "", {})


def _state() -> str:
    """The folder of all changes; what is in it is run by root, so it has to be root's alone."""
    with contextlib.suppress(FileExistsError):
        os.mkdir(STATE, 0o700)
    found = os.lstat(STATE)
    if found.st_uid != os.geteuid() or found.st_mode & 0o170077 != 0o040000:
        raise FirewallError("{0} has to be a folder of the user that runs this, with mode 0700: remove it".format(STATE))
    return STATE


@contextlib.contextmanager
def _lock() -> Iterator[int]:
    """One run at a time; the script of the way back waits for it too."""
    try:
        handle = os.open(_state(), os.O_RDONLY)
    except OSError as error:
        raise FirewallError("Cannot open {0}: {1}".format(STATE, error.strerror)) from None
    try:
        until = time.monotonic() + LOCK_S
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise FirewallError("Another run has been changing this firewall for more than {0} s".format(LOCK_S)) from None
                time.sleep(0.1)
        yield handle
    finally:
        os.close(handle)


def _write(pending: Pending, name: str, text: str) -> None:
    _write_text(pending.path(name), text)


def _write_text(path: str, text: str) -> None:
    """At once, so that nobody reads half of it."""
    with open(path + ".new", "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(text)
    os.replace(path + ".new", path)
