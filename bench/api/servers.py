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


@dataclass(frozen=True)
class Variant:
    """``command`` has ``{port}`` where the port goes."""

    name: str
    command: Sequence[str]


def gunicorn(application: str, config: str) -> list[str]:
    """Both on Gunicorn have the settings that the product is served with."""
    command = [sys.executable, "-m", "gunicorn", "--config", str(ROOT / config)]
    return [*command, "--workers", str(PROCESSES), "--bind", "127.0.0.1:{port}", application]


UVICORN = [sys.executable, "-m", "uvicorn", "bench.api.twin:app", "--host", "127.0.0.1", "--port", "{port}"]
GRANIAN = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", "{port}"]
VARIANTS = {
    "ours": Variant("ours", gunicorn("todo_project.wsgi:application", "deploy/gunicorn.conf.py")),
    "twin": Variant(
        "twin",
        [*UVICORN, "--workers", str(PROCESSES), "--loop", "uvloop", "--http", "httptools", "--no-access-log"],
    ),
    "granian": Variant(
        "granian",
        [
            *GRANIAN,
            *(
                "--workers",
                str(PROCESSES),
                "--blocking-threads",
                "2",
                "--backpressure",
                "1000",
                "--no-access-log",
            ),
            "todo_project.wsgi:application",
        ],
    ),
    "floor": Variant("floor", gunicorn("bench.api.floor:application", "bench/api/floor_gunicorn.py")),
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
