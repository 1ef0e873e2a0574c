"""Drives a server with ``wrk``: quick enough that what is measured is the server."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

# Every connection sends the prepared requests in turn; at the end one line of JSON says how it went.
SCRIPT = """
local requests, last = {}, 0
function init(args)
  for line in io.lines("%s") do
    local token, method, path, body = line:match("^([^\\t]*)\\t([^\\t]*)\\t([^\\t]*)\\t(.*)$")
    local headers = {["Authorization"] = "Bearer " .. token, ["Host"] = "localhost"}
    headers["Content-Type"] = "application/json"
    requests[#requests + 1] = wrk.format(method, path, headers, body ~= "" and body or nil)
  end
end
function request()
  last = last %% #requests + 1
  return requests[last]
end
function done(summary, latency, _)
  local e = summary.errors
  io.write(string.format(
    '\\n{"requests": %%d, "seconds": %%f, "errors": %%d, "p50_ms": %%f, "p99_ms": %%f}\\n',
    summary.requests, summary.duration / 1e6, e.connect + e.read + e.write + e.status + e.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
"""

Request = tuple[str, str, str, str]  # token, method, path, body


class Load:
    """The requests of one kind, in a file that ``wrk`` reads."""

    def __init__(self, folder: Path, name: str, requests: Sequence[Request]) -> None:
        self.first = requests[0]
        listed = folder / f"{name}.tsv"
        listed.write_text("".join("\t".join(request) + "\n" for request in requests))
        self._script = folder / f"{name}.lua"
        self._script.write_text(SCRIPT % listed)

    def drive(self, port: int, seconds: float, connections: int = 32) -> dict[str, Any]:
        """Requests, seconds, errors (refused, broken, late, or answered other than 2xx), p50_ms, p99_ms."""
        command = ["wrk", "-t1", f"-c{connections}", f"-d{round(seconds)}s", "--timeout", "30s"]
        command += ["-s", str(self._script), f"http://127.0.0.1:{port}"]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return dict(json.loads(output.strip().splitlines()[-1]))
