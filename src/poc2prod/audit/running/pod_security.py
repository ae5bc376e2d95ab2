"""The Pod Security Standards of Kubernetes, profile "restricted": what a pod may ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def excesses(spec: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the spec of a pod asks for and restricted ones may not."""
    for name in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.get(name):
            yield f"{name} is set"
    for volume in spec.get("volumes") or ():
        if "hostPath" in volume:
            yield f"volume {volume.get('name')} is a folder of the node"
    pod = spec.get("securityContext") or {}
    for container in (*spec["containers"], *(spec.get("initContainers") or ())):
        for reason in _container(container, pod):
            yield f"container {container.get('name')}: {reason}"


def _container(container: Mapping[str, Any], pod: Mapping[str, Any]) -> Iterator[str]:
    own = container.get("securityContext") or {}
    both = {**pod, **own}
    rights = own.get("capabilities") or {}
    if own.get("privileged"):
        yield "privileged is set"
    if own.get("allowPrivilegeEscalation") is not False:
        yield "allowPrivilegeEscalation is not false"
    if "ALL" not in (rights.get("drop") or ()):
        yield "capabilities.drop lacks ALL"
    if added := sorted({*(rights.get("add") or ())} - {"NET_BIND_SERVICE"}):
        yield f"capabilities.add has {', '.join(map(str, added))}"
    if both.get("runAsNonRoot") is not True or both.get("runAsUser") == 0:
        yield "it may run as root"
    if (both.get("seccompProfile") or {}).get("type") not in ("RuntimeDefault", "Localhost"):
        yield "seccompProfile is neither RuntimeDefault nor Localhost"
    if any(port.get("hostPort") for port in container.get("ports") or ()):
        yield "it takes a port of the node"
