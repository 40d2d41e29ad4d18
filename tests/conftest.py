"""What all tests share: their files lie on a memory disk where there is one with room, since a ledger waits for each of its writes."""

import os
import shutil
from pathlib import Path

MEMORY_DISK = Path("/dev/shm")  # noqa: S108 - a folder of its own is made there
ROOM = 2 * 1024**3
"""Bytes that must be free: a small one, as containers have it, is left alone."""

if MEMORY_DISK.is_dir() and os.access(MEMORY_DISK, os.W_OK) and shutil.disk_usage(MEMORY_DISK).free > ROOM:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY_DISK))
