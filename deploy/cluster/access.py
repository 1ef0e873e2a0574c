"""Who may talk to the API server, and how: keys, tokens, kubeconfigs. Made anew for each cluster."""

from __future__ import annotations

import json
import secrets
import subprocess
from pathlib import Path

from deploy.local.failure import StackError
from deploy.local.ports import LOOPBACK

ADMIN = ("admin", "system:masters")
CONTROLLERS = ("system:kube-controller-manager", "system:masters")
SCHEDULER = ("system:kube-scheduler", "system:masters")
MACHINES = ("kwok", "system:masters")
PEOPLE = {"admin": ADMIN, "controllers": CONTROLLERS, "scheduler": SCHEDULER, "kwok": MACHINES}


class Access:
    """What ``folder`` holds of it. The API server writes its own certificate there, which clients trust."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.server = f"https://{LOOPBACK}:{port}"
        self.certificate = folder / "certificates" / "apiserver.crt"
        self.service_account_key = folder / "service-accounts.key"
        self.tokens = folder / "tokens.csv"
        # Of the injector, which the API server trusts for itself.
        self.injector_certificate = folder / "injector.crt"
        self.injector_key = folder / "injector.key"

    def kubeconfig(self, who: str) -> Path:
        """The file with which ``admin``, ``controllers``, ``scheduler`` or ``kwok`` reach the API."""
        return self.folder / f"{who}.kubeconfig"

    def prepare(self) -> None:
        """Write everything that is not there yet. Raises StackError without OpenSSL."""
        if self.tokens.exists():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        self._make_keys()
        tokens = {who: secrets.token_hex(32) for who in PEOPLE}
        for who, token in tokens.items():
            _private(self.kubeconfig(who), json.dumps(self._kubeconfig(token)))
        rows = [f'{tokens[who]},{name},{name},"{group}"' for who, (name, group) in PEOPLE.items()]
        _private(self.tokens, "\n".join(rows) + "\n")

    def _make_keys(self) -> None:
        """Those with which the tokens of service accounts are signed, and those of the injector."""
        for key in (self.service_account_key, self.injector_key):
            _private(key, "")
        _openssl("genrsa", "-out", self.service_account_key, "2048")
        names = ["-subj", "/CN=injector", "-addext", f"subjectAltName=IP:{LOOPBACK}"]
        made: list[str | Path] = ["-keyout", self.injector_key, "-out", self.injector_certificate]
        _openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names, *made)

    def _kubeconfig(self, token: str) -> dict[str, object]:
        """In JSON, which is YAML, too. Source: https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/"""
        cluster = {"server": self.server, "certificate-authority": str(self.certificate)}
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "here", "cluster": cluster}],
            "users": [{"name": "me", "user": {"token": token}}],
            "contexts": [{"name": "here", "context": {"cluster": "here", "user": "me"}}],
            "current-context": "here",
        }


def _openssl(*arguments: str | Path) -> None:
    try:
        subprocess.run(["openssl", *arguments], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise StackError(f"OpenSSL did not make a key: {error}") from error


def _private(file: Path, text: str) -> None:
    file.touch(mode=0o600)
    file.write_text(text)
