# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the gates, all or by name, four at a time, and count what passed.

    python3 tools/gates.py [GATE or GROUP]...

Output goes to `.build/logs/GATE.log`; a failed gate shows the end of it. The last line printed is
`N passed, N failed, N skipped`: a gate that runs pytest counts with each of its tests, any other gate as one.
"""

from __future__ import annotations

import os
import re
import sys
import threading
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

import tree
from steps import GATES, Failed, Gate, Log, Skipped

TAIL_LINES = 60
WITH_PYTEST = ("units", "functional")
# Twice the processors: tests of firewalls and of silent servers mostly wait.
WORKERS = min(4, 2 * (os.cpu_count() or 1))

_SUMMARY = re.compile(r"^=* ?((?:\d+ [a-z]+(?:, )?)+) in \d[\d.]*s\b", re.MULTILINE)
# What pip says would push the finding out of the lines shown.
_CHATTER = re.compile(r"(Collecting|Installing|Successfully installed|Using cached|Requirement already|WARNING: Location) |  +(Downloading|Using|━)")
_REASON = re.compile(r"^SKIPPED \[\d+\] .*", re.MULTILINE)
# pytest's word -> ours. A deselected test or a warning is no result.
_WORDS = {
    "passed": "passed", "xpassed": "passed", "failed": "failed", "error": "failed", "errors": "failed",
    "skipped": "skipped", "xfailed": "skipped",
}


@dataclass
class Result:
    """How one gate went."""

    gate: Gate
    verdict: str
    seconds: float
    why: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    tail: str = ""
    reasons: list[str] = field(default_factory=list)

    def show(self) -> None:
        tests = ", ".join(f"{number} {word}" for word, number in self.counts.items() if number)
        counted = self.gate.group in WITH_PYTEST and self.verdict != "skipped"
        note = "; ".join(part for part in (self.why, tests if counted else "") if part)
        print(f"{self.verdict:8}{self.gate.name:16}{self.seconds:7.1f} s  {note}".rstrip())
        for line in self.reasons:
            print(f"        {line}")
        if self.tail:
            print(self.tail)
        sys.stdout.flush()


def pytest_counts(text: str) -> dict[str, int]:
    """Sum the results in every pytest summary line of `text`."""
    counts: dict[str, int] = {}
    for summary in _SUMMARY.findall(text):
        for number, word in re.findall(r"(\d+) ([a-z]+)", summary):
            if word in _WORDS:
                counts[_WORDS[word]] = counts.get(_WORDS[word], 0) + int(number)
    return counts


def run_gate(gate: Gate, shown: threading.Lock) -> Result:
    """Run one gate to its end, whatever that is, and show its line."""
    log, start = Log(gate.name), time.monotonic()
    verdict, why = "passed", ""
    try:
        gate.work(log)
    except Skipped as reason:
        verdict, why = "skipped", str(reason)
    except Failed as reason:
        verdict, why = "failed", str(reason)
    except Exception as error:  # a broken gate must not hide the results of the others
        verdict, why = "failed", f"{type(error).__name__}: {error}"
    result = Result(gate, verdict, time.monotonic() - start, why)
    text = log.text()
    if gate.group in WITH_PYTEST:
        result.counts = pytest_counts(text)
        result.reasons = sorted(set(_REASON.findall(text)))
    if not result.counts or (verdict == "failed" and not result.counts.get("failed")):
        result.counts[verdict] = result.counts.get(verdict, 0) + 1
    if verdict == "failed":
        lines = [line for line in text.splitlines() if not _CHATTER.match(line)]
        result.tail = "\n".join(lines[-TAIL_LINES:])
    with shown:
        result.show()
    return result


def run_all(gates: list[Gate]) -> list[Result]:
    """Run gates side by side, each as soon as what it needs has ended; a failed need makes it a skipped one."""
    waiting, done, shown = list(gates), {}, threading.Lock()
    active: dict[Future[Result], Gate] = {}
    with ThreadPoolExecutor(WORKERS) as pool:
        try:
            while waiting or active:
                for gate in [gate for gate in waiting if len(active) < WORKERS]:
                    if len(active) >= WORKERS or any(need not in done for need in gate.needs):
                        continue
                    waiting.remove(gate)
                    failed = [need for need in gate.needs if done[need].verdict != "passed"]
                    if failed:
                        done[gate.name] = Result(gate, "skipped", 0, f"{failed[0]} did not pass", {"skipped": 1})
                        done[gate.name].show()
                    else:
                        active[pool.submit(run_gate, gate, shown)] = gate
                if active:
                    for future in wait(active, return_when=FIRST_COMPLETED).done:
                        done[active.pop(future).name] = future.result()
        except KeyboardInterrupt:
            Log.stop_all()
            raise
    return list(done.values())


def chosen(names: list[str]) -> list[Gate]:
    """The gates with these names or groups, and those they need, in the order of GATES."""
    known = {word for gate in GATES for word in (gate.name, gate.group)}
    for name in names:
        if name not in known:
            raise SystemExit(f"Unknown gate {name!r}, expected one of: {', '.join(sorted(known))}")
    picked = {gate.name for gate in GATES if not names or gate.name in names or gate.group in names}
    picked |= {need for gate in GATES if gate.name in picked for need in gate.needs}
    return [gate for gate in GATES if gate.name in picked]


def main(names: list[str]) -> int:
    """Run what was asked for; 0 when nothing failed, 130 when interrupted."""
    gates = chosen(names)
    tree.copy()
    start = time.monotonic()
    try:
        results = run_all(gates)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    total = {word: sum(result.counts.get(word, 0) for result in results) for word in ("passed", "failed", "skipped")}
    print(f"{len(results)} gates in {time.monotonic() - start:.1f} s")
    print(", ".join(f"{number} {word}" for word, number in total.items()))
    return 1 if total["failed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
