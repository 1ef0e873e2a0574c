"""A bucket for files, on S3 or what speaks its language, as ``STORAGES`` wants it."""

from __future__ import annotations

from typing import Any, Final

CONNECT_SECONDS: Final = 5
READ_SECONDS: Final = 20  # without a byte
IN_MEMORY: Final = 1024 * 1024  # bytes of a file that is read; what is larger is on disk meanwhile


def bucket(name: str, *, endpoint: str, region: str, access_key: str, secret_key: str) -> dict[str, Any]:
    """A private bucket. Imports Amazon's library only here: nobody else waits for it."""
    from botocore.config import Config

    client = Config(
        signature_version="s3v4",
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": 3},
        # Only Amazon's own understands the checksums that are sent otherwise.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": name,
            "endpoint_url": endpoint or None,
            "region_name": region or "us-east-1",
            "access_key": access_key or None,
            "secret_key": secret_key or None,
            "client_config": client,
            "default_acl": "private",
            "file_overwrite": True,  # names are random, so nobody needs to ask first
            "max_memory_size": IN_MEMORY,
        },
    }
