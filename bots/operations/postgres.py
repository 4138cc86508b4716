"""A PostgreSQL of one's own for a while: for the drill and for tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# The database server refuses to run as root; one of these runs it then.
OTHER_USERS = ("postgres", "nobody")


def installed() -> Path | None:
    """The folder with initdb and pg_ctl: on the path, or where Debian puts the newest version; None where there is none, and on Windows."""
    if os.name == "nt":
        return None
    if found := shutil.which("initdb"):
        return Path(found).parent
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda file: int(file.parts[-3]) if file.parts[-3].isdigit() else 0)
    return places[-1].parent if places else None


def _runs_as() -> str | None:
    """The user that runs the server, or None for ourselves."""
    import pwd

    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in OTHER_USERS if name in known), None)


@contextmanager
def postgres_server(programs: Path) -> Iterator[str]:
    """A throw-away PostgreSQL in a temporary folder, reached by a socket in it (so no port can clash); gives the URL of its database `postgres`."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    user = _runs_as()
    if user:
        shutil.chown(folder, user)

    def run(program: str, *arguments: str) -> None:
        with (folder.parent / f"{folder.name}.log").open("ab") as log:
            subprocess.run([programs / program, *arguments], user=user, cwd=folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL, check=True)

    data = str(folder / "data")
    try:
        run("initdb", "--pgdata", data, "--username", "tester", "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync")
        settings = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
        run("pg_ctl", "--pgdata", data, "--wait", "--timeout", "60", "--log", str(folder / "server.log"), "--options", settings, "start")
        try:
            yield f"postgresql+psycopg://tester@/postgres?host={folder}"
        finally:
            run("pg_ctl", "--pgdata", data, "--wait", "--mode", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        (folder.parent / f"{folder.name}.log").unlink(missing_ok=True)
