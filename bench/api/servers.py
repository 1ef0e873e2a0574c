"""The variants as processes: how each is started, and how much processor time it takes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

ROOT = Path(__file__).resolve().parent.parent.parent
PROCESSES = 2
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Variant:
    """``command`` has ``{port}`` where the port goes."""

    name: str
    command: Sequence[str]


def gunicorn(application: str) -> list[str]:
    """Both on Gunicorn have the settings that the product is served with."""
    command = [sys.executable, "-m", "gunicorn", "--config", str(ROOT / "deploy" / "gunicorn.conf.py")]
    return [*command, "--workers", str(PROCESSES), "--bind", "127.0.0.1:{port}", application]


UVICORN = [sys.executable, "-m", "uvicorn", "bench.api.twin:app", "--host", "127.0.0.1", "--port", "{port}"]
VARIANTS = {
    "ours": Variant("ours", gunicorn("todo_project.wsgi:application")),
    "twin": Variant(
        "twin",
        [*UVICORN, "--workers", str(PROCESSES), "--loop", "uvloop", "--http", "httptools", "--no-access-log"],
    ),
    "floor": Variant("floor", gunicorn("bench.api.floor:application")),
}


@contextmanager
def served(variant: Variant, port: int, environment: dict[str, str], log: Path) -> Iterator[int]:
    """Start a variant and wait until it answers. Yields its process id; ends it with its workers."""
    command = [part.format(port=port) for part in variant.command]
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        wait_until_it_answers(port, process, log)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
        with suppress(ProcessLookupError):  # whatever of its session is left
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_until_it_answers(
    port: int, process: subprocess.Popen[bytes], log: Path, seconds: float = 30
) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        try:
            urlopen(f"http://127.0.0.1:{port}/api/tasks", timeout=2)
        except HTTPError:
            return  # it answers, if only that it wants a token
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise SystemExit(f"{' '.join(process.args)} did not start; {log} says why.")  # type: ignore[arg-type]


def ask(port: int, token: str, method: str, path: str, body: str) -> bytes:
    """One answer. Raises HTTPError unless it is 2xx."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = Request(f"http://127.0.0.1:{port}{path}", body.encode() or None, headers, method=method)
    with urlopen(request, timeout=30) as answer:  # noqa: S310  (it is ours)
        return bytes(answer.read())


def cpu_seconds(pid: int) -> float:
    """What a process, its children and those of them that have ended took, in the kernel and outside."""
    parents: dict[int, int] = {}
    times: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        parents[int(path.parent.name)] = int(fields[1])
        times[int(path.parent.name)] = [int(ticks) for ticks in fields[11:15]]
    family = {each for each in parents if is_descendant(each, pid, parents)}
    return sum(sum(times[each]) for each in family) / TICKS


def is_descendant(pid: int, ancestor: int, parents: dict[int, int]) -> bool:
    while pid not in {ancestor, 0}:
        pid = parents.get(pid, 0)
    return pid == ancestor
