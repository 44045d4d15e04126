# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Windows firewall: a script that makes or changes one allowing rule for each service.

There is no rule that denies: a block would win over every allow. What locks down is that the profile blocks what no rule allows, so the
script names the other rules that allow these ports.
"""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.mimecast.connect.plugins.module_utils._firewall.vendors.powershell import array, literals, quoted
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.vendors.shape import Held, Names, Rendering, Vendor, Wish, both, held, lines_of

# Without * ? [ ]: the cmdlets take those for patterns, and would change rules of others.
NAMES = Names(r"[A-Za-z0-9_][A-Za-z0-9_. -]*", 255, "letters, digits, spaces and _ . -")
ROW = "  @{ Name = "
TAIL = """\
foreach ($rule in $rules) {
  $settings = @{ Direction = 'Inbound'; Action = 'Allow'; Enabled = 'True'; Profile = 'Any'
    Protocol = 'TCP'; LocalPort = $rule.Ports; RemoteAddress = $rule.Sources }
  if (Get-NetFirewallRule -Name $rule.Name -ErrorAction SilentlyContinue) {
    Set-NetFirewallRule -Name $rule.Name @settings
  } else {
    New-NetFirewallRule -Name $rule.Name -DisplayName $rule.Name @settings | Out-Null
  }
}
$ours = @($rules | ForEach-Object { $_.Name })
$ports = @($rules | ForEach-Object { $_.Ports })
Get-NetFirewallRule -Direction Inbound -Action Allow -Enabled True | Where-Object { $ours -notcontains $_.Name } | ForEach-Object {
  $filter = $_ | Get-NetFirewallPortFilter
  if (@('TCP', 'Any') -contains $filter.Protocol -and @($filter.LocalPort | Where-Object { $_ -eq 'Any' -or $ports -contains $_ }).Count) {
    Write-Warning ('Rule ' + $_.Name + ' (' + $_.DisplayName + ') allows these ports as well')
  }
}
"""


def _lines(wish: Wish) -> Iterator[str]:
    yield "$ErrorActionPreference = 'Stop'"
    yield "$rules = @("
    for service in wish.allowlist.services:
        name = quoted(NAMES.checked("{0}-{1}".format(wish.name, service.name)))
        yield "{0}{1}; Ports = {2}".format(ROW, name, array(str(port) for port in service.ports))
        yield "     Sources = {0} }}".format(array(both(service)))
    yield ")"


def render(wish: Wish) -> Rendering:
    """The script, which ansible.windows.win_powershell runs as well."""
    content = lines_of(_lines(wish)) + TAIL
    return Rendering(content, {"win_powershell": {"script": content}})


def parse(text: str) -> dict[str, Held]:
    """The services of the script."""
    lines = text.splitlines()
    found = {}
    for number, line in enumerate(lines):
        if line.startswith(ROW):
            name, *ports = literals(line)
            found[name] = held(literals(lines[number + 1]), map(int, ports))
    return found


def steps(wish: Wish, where: str) -> tuple[str, ...]:
    """How a person brings it to the server."""
    return (
        "Run {0} in PowerShell as administrator on the mail server.".format(where),
        "It warns of other rules that allow these ports. To lock down, disable them, Exchange's own for its receive connectors too.",
        "See with Get-NetFirewallProfile that the active profile is enabled and blocks inbound connections by default.",
    )


VENDOR = Vendor("Windows firewall", render, parse, steps, always=True, modules=("ansible.windows",))
