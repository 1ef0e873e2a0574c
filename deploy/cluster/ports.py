"""The ports of a cluster."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from deploy.local.ports import free_block


@dataclass(frozen=True)
class ClusterPorts:
    etcd: int
    etcd_peers: int
    api: int
    controllers: int
    scheduler: int
    kwok: int
    injector: int

    @classmethod
    def fixed(cls) -> ClusterPorts:
        """Those of ``python -m deploy.cluster``."""
        return cls(12379, 12380, 16443, 16444, 16445, 16446, 16447)

    @classmethod
    def free(cls) -> ClusterPorts:
        """Ports that nobody uses and no other call gives away while this process lives."""
        return cls(*free_block()[:7])

    def saved(self) -> dict[str, int]:
        return asdict(self)
