"""Programs that only tests need, installed by the distribution's package manager where we may."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path


def install(*names: str) -> bool:
    """Install Debian packages as root; False where we may not or they cannot be had. Two test processes take turns."""
    if os.name != "posix" or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    import fcntl

    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with (Path(tempfile.gettempdir()) / "returns-bots-apt.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for command in (["apt-get", "update", "-q"], ["apt-get", "install", "-y", "-q", "--no-install-recommends", *names]):
            if subprocess.run(command, env=environment, capture_output=True, check=False).returncode:
                return False
    return True
