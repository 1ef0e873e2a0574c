"""What lies in the layers of an image, those that a later one hides included."""

from __future__ import annotations

import json
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from deploy.image.docker import Docker

LARGEST = 5_000_000  # bytes of a file that are looked into; keys are small


@dataclass(frozen=True)
class LayerFile:
    """``name`` is its path in the image. ``content`` is the beginning of a large one."""

    layer: int
    name: str
    content: bytes


def files(docker: Docker, image: str) -> Iterator[LayerFile]:
    """Every regular file of every layer, the base's first."""
    with tempfile.TemporaryDirectory(prefix="todo-image-") as folder:
        saved = Path(folder) / "image.tar"
        docker.run("save", "--output", str(saved), image)
        with tarfile.open(saved) as archive:
            for number, name in enumerate(_manifest(archive)["Layers"]):
                with tarfile.open(fileobj=archive.extractfile(name)) as layer:
                    yield from _files(layer, number)


def _manifest(archive: tarfile.TarFile) -> dict[str, list[str]]:
    """Source: https://github.com/moby/docker-image-spec"""
    content = archive.extractfile("manifest.json")
    found: list[dict[str, list[str]]] = json.load(content) if content else [{}]
    return found[0]


def _files(layer: tarfile.TarFile, number: int) -> Iterator[LayerFile]:
    for member in layer:
        stream = layer.extractfile(member) if member.isreg() else None
        if stream is not None:
            yield LayerFile(number, member.name.removeprefix("./"), stream.read(LARGEST))


def history(docker: Docker, image: str) -> list[str]:
    """The commands that made the image, whole."""
    said = docker.run("history", "--no-trunc", "--format", "{{json .CreatedBy}}", image)
    return [json.loads(line) for line in said.splitlines()]
