"""Builds the image from ``deploy/Dockerfile``."""

from __future__ import annotations

from pathlib import Path

from deploy.image.docker import Docker

SECONDS = 900.0


def build(docker: Docker, context: Path, base: str, tag: str, **arguments: str) -> str:
    """``arguments`` are further build arguments, by their names. Returns the tag. Raises StackError when it fails."""
    given = {"BASE_IMAGE": base, **arguments}
    options = [part for name, value in given.items() for part in ("--build-arg", f"{name}={value}")]
    # The network of the host: this daemon has no other.
    command = ("build", "--network", "host", "--file", str(context / "deploy" / "Dockerfile"), "--tag", tag)
    docker.run(*command, *options, str(context), seconds=SECONDS)
    return tag
