"""What the numbers were measured on and with."""

import os
import platform
import resource
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

PACKAGES = ("levelset", "numpy", "scipy", "scikit-learn", "torch", "jax", "jaxlib")


def available_cores() -> int:
    """Count the CPUs that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def provenance(command: str, threads: int) -> dict[str, Any]:
    """Describe a run: what was typed, when (ISO 8601, UTC), with what and on what.

    Args:
        command: What was typed.
        threads: Cores that are used.

    Returns:
        The beginning of every benchmark's JSON; "schema" is the version of its form.
    """
    return {
        "schema": 1,
        "command": command,
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        "hardware": hardware(threads),
    }


def hardware(threads: int) -> dict[str, Any]:
    """Describe the machine.

    Args:
        threads: Cores that the contestants use.

    Returns:
        Processor, cores, threads, caches in bytes where known, memory in bytes, platform.
    """
    return {
        "processor": _processor(),
        "cores_available": available_cores(),
        "threads_used": threads,
        "cache_bytes": _caches(),
        "memory_bytes": _memory(),
        "platform": platform.platform(),
    }


def versions() -> dict[str, str | None]:
    """Find the versions of Python and of every package that may take part; None is absent."""
    found: dict[str, str | None] = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = None
    return found


def peak_memory_bytes() -> int:
    """Find the most memory that this process ever held at once.

    Linux's own figure is of the program alone; that of `getrusage` begins with the memory of the
    process that started it, and stands in elsewhere (macOS counts it in bytes).
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return 1024 * int(line.split()[1])
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if platform.system() == "Darwin" else 1024 * most


def _processor() -> str:
    description = Path("/proc/cpuinfo")
    if description.exists():
        for line in description.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _caches() -> dict[str, int]:
    names = ("SC_LEVEL1_DCACHE_SIZE", "SC_LEVEL2_CACHE_SIZE", "SC_LEVEL3_CACHE_SIZE")
    known = getattr(os, "sysconf_names", {})
    return {name: os.sysconf(name) for name in names if name in known}


def _memory() -> int | None:
    known = getattr(os, "sysconf_names", {})
    if "SC_PHYS_PAGES" not in known:
        return None
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
