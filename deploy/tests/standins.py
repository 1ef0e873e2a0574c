"""Stand-ins for doctl, kubectl, helm and their like: each notes how it was called and answers what the test said."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from deploy.local.service import ROOT

SCRIPTS = ROOT / "deploy" / "scripts"
PROGRAMS = ("doctl", "kubectl", "helm", "terraform", "aws", "curl", "psql", "pg_dump", "pg_restore", "age")
# Each call is a line of calls.txt, what came through a pipe a file of its own. The first answer that fits wins.
PROGRAM = """#!/usr/bin/env bash
call="$(basename "$0") $*"
exec 9> "$STANDINS/lock"
flock 9  # the parts of a pipe run at the same time
printf '%s\\n' "${call//$'\\n'/ }" >> "$STANDINS/calls.txt"
number=$(wc -l < "$STANDINS/calls.txt")
exec 9>&-
cat > "$STANDINS/input.$number"
while IFS=$'\\t' read -r pattern status output; do
  if [[ $call =~ $pattern ]]; then
    printf '%b' "$output"
    exit "$status"
  fi
done < "$STANDINS/answers.txt"
"""


class Standins:
    """Stand first on the PATH of the scripts that ``run`` runs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "bin").mkdir()
        (folder / "calls.txt").touch()
        (folder / "answers.txt").touch()
        for name in PROGRAMS:
            file = folder / "bin" / name
            file.write_text(PROGRAM)
            file.chmod(0o755)
        self.environment = {"VALUES_FOLDER": str(folder / "values")}
        self.answer("^helm version", "v4.3.1")

    def answer(self, pattern: str, output: str = "", status: int = 0) -> None:
        """What a call that fits the pattern prints, and its exit status. The first pattern that fits counts."""
        shown = output.replace("\\", "\\\\").replace("\n", "\\n")
        answers = self._folder / "answers.txt"
        answers.write_text(answers.read_text() + f"{pattern}\t{status}\t{shown}\n")

    def run(self, script: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a script of deploy/scripts to its end, with nobody at the terminal."""
        path = f"{self._folder / 'bin'}:{os.environ['PATH']}"
        return subprocess.run(
            [SCRIPTS / script, *arguments],
            env={
                "PATH": path,
                "HOME": str(self._folder),
                "STANDINS": str(self._folder),
                **self.environment,
                **environment,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    @property
    def calls(self) -> list[str]:
        """What was called, in order, each with its arguments."""
        return (self._folder / "calls.txt").read_text().splitlines()

    def calls_of(self, pattern: str) -> list[str]:
        return [call for call in self.calls if re.search(pattern, call)]

    def input_of(self, pattern: str) -> str:
        """What the first call that fits was given through a pipe."""
        number = next(number for number, call in enumerate(self.calls, 1) if re.search(pattern, call))
        return (self._folder / f"input.{number}").read_text()

    def happened_in_order(self, *patterns: str) -> bool:
        """Whether a call fits each pattern, one after the other."""
        calls = iter(self.calls)
        return all(any(re.search(pattern, call) for call in calls) for pattern in patterns)
