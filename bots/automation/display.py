"""The screen that desktop programs are shown on: a private one on Linux, the signed-in user's on Windows and macOS."""

from __future__ import annotations

import atexit
import contextlib
import os
import secrets
import select
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bots.cases.errors import SystemException

SIZE = (1280, 800)
"""Width and height of a private display; images of locators are taken at this size."""
FAMILY_LOCAL = 256
START_SECONDS = 15.0
ADVICE = "Run `run_bot.py setup`, which names the packages that are missing."


class Display:
    """One X display, or the desktop that is simply there where X is not used. close() ends what was started."""

    def __init__(self, name: str = "", authority: Path | None = None, server: subprocess.Popen[bytes] | None = None, folder: Path | None = None) -> None:
        self.name, self._authority, self._server, self._folder = name, authority, server, folder
        self.more: dict[str, str] = {}
        """Further variables of programs that are to appear here."""
        self.beside: list[subprocess.Popen[bytes]] = []
        """What runs for these programs and ends with the display, last first."""
        atexit.register(self.close)

    @property
    def private(self) -> bool:
        return self._server is not None

    @property
    def folder(self) -> Path | None:
        """A folder that is there as long as the display is; None where it is not ours."""
        return self._folder

    @property
    def alive(self) -> bool:
        """Whether the server that we started still runs; a display of others is taken to live."""
        return self._server is None or self._server.poll() is None

    def variables(self) -> dict[str, str]:
        """The environment of a program that is to appear here."""
        if not self.name:
            return {**os.environ, **self.more}
        more = {"DISPLAY": self.name, **self.more} | ({"XAUTHORITY": str(self._authority)} if self._authority else {})
        return {**{key: value for key, value in os.environ.items() if key != "WAYLAND_DISPLAY"}, **more}

    @contextmanager
    def entered(self) -> Iterator[None]:
        """This display is the process's own inside the block: for libraries that only look into the environment, and only once."""
        before = {key: os.environ.get(key) for key in ("DISPLAY", "XAUTHORITY")}
        os.environ.update({key: value for key, value in self.variables().items() if key in before})
        try:
            yield
        finally:
            for key, value in before.items():
                if value is None:
                    os.environ.pop(key, None)
                else:
                    os.environ[key] = value

    def start(self, command: Sequence[str], errors: int, folder: Path | None = None) -> subprocess.Popen[bytes]:
        """Start a program on this display; it ends with us, even when we are killed (Linux). Its error output goes to the file `errors`."""
        return _spawn(command, env=self.variables(), stderr=errors, cwd=folder)

    def attach(self, command: Sequence[str], errors: int) -> subprocess.Popen[bytes]:
        """As `start`, with pipes to talk to the program."""
        return _spawn(command, env=self.variables(), stderr=errors, talks=True)

    def close(self) -> None:
        """End the private display; calling it again does nothing."""
        atexit.unregister(self.close)
        while self.beside:
            end(self.beside.pop())
        if self._server is not None:
            end(self._server)
            self._server = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None


def open_display(*, private: bool = True, size: tuple[int, int] = SIZE) -> Display:
    """A display for desktop programs.

    On Linux a private one (Xvfb), so that nobody's typing and no screen lock comes between; with `private` False the DISPLAY
    of the environment if there is one. On Windows and macOS the signed-in user's desktop, which must stay unlocked.
    Raises SystemException when none can be had.
    """
    if sys.platform in {"win32", "darwin"}:
        return Display()
    if not private and os.environ.get("DISPLAY"):
        return _shared(os.environ["DISPLAY"])
    return _start_private(size)


def _shared(name: str) -> Display:
    """The display that is there. Without an authority file Xlib for Python gives up, so an empty one is made."""
    given = Path(os.environ.get("XAUTHORITY") or Path.home() / ".Xauthority")
    if given.exists():
        return Display(name, given)
    folder = Path(tempfile.mkdtemp(prefix="display-"))
    (folder / "authority").touch(mode=0o600)
    return Display(name, folder / "authority", folder=folder)


def _start_private(size: tuple[int, int]) -> Display:
    program = shutil.which("Xvfb")
    if program is None:
        raise SystemException("Xvfb, the private display, is not installed", code="display_missing", advice=ADVICE)
    folder = Path(tempfile.mkdtemp(prefix="display-"))
    authority, cookie = folder / "authority", secrets.token_bytes(16)
    # Without a cookie every user of this machine could look at the bank's window.
    authority.touch(mode=0o600)
    authority.write_bytes(_authority("0", cookie))
    reader, writer = os.pipe()
    log = (folder / "log").open("wb")
    screen = f"{size[0]}x{size[1]}x24"
    # -r: no auto-repeat. A busy machine may leave seconds between our key-down and key-up, and Enter must not become thirty of them.
    server = _spawn(
        [program, "-displayfd", str(writer), "-screen", "0", screen, "-dpi", "96", "-r", "-nolisten", "tcp", "-noreset", "-auth", str(authority)],
        stderr=log.fileno(),
        pass_fds=(writer,),
    )
    os.close(writer)
    log.close()
    number = _number(reader, server)
    if not number:
        end(server)
        said = (folder / "log").read_text(errors="replace").strip().splitlines()
        shutil.rmtree(folder, ignore_errors=True)
        raise SystemException(
            f"Xvfb did not start within {START_SECONDS:.0f} s: {said[-1] if said else 'it said nothing'}", code="display_missing", advice=ADVICE
        )
    authority.write_bytes(_authority(number, cookie))
    return Display(f":{number}", authority, server, folder)


def _number(reader: int, server: subprocess.Popen[bytes]) -> str:
    """The display number that the server writes once it listens, or nothing when it dies or is too slow."""
    text, deadline = b"", time.monotonic() + START_SECONDS
    with os.fdopen(reader, "rb", buffering=0) as pipe:
        while not text.endswith(b"\n") and time.monotonic() < deadline and server.poll() is None:
            if select.select([pipe], [], [], 0.1)[0]:
                text += pipe.read(16)
    return text.decode().strip()


def _authority(number: str, cookie: bytes) -> bytes:
    """An Xauthority file with one entry: this host's local connections to display `number`."""
    parts = (socket.gethostname().encode(), number.encode(), b"MIT-MAGIC-COOKIE-1", cookie)
    return struct.pack(">H", FAMILY_LOCAL) + b"".join(struct.pack(">H", len(part)) + part for part in parts)


def _spawn(
    command: Sequence[str],
    *,
    stderr: int,
    env: dict[str, str] | None = None,
    cwd: Path | None = None,
    pass_fds: tuple[int, ...] = (),
    talks: bool = False,
) -> subprocess.Popen[bytes]:
    """Start a program that dies with this process where the system can promise that (Linux, setpriv)."""
    setpriv = shutil.which("setpriv") if sys.platform.startswith("linux") else None
    tied = [setpriv, "--pdeathsig", "KILL", "--", *command] if setpriv else list(command)
    try:
        pipe = subprocess.PIPE if talks else subprocess.DEVNULL
        return subprocess.Popen(tied, stdin=pipe, stdout=pipe, stderr=stderr, env=env, cwd=cwd, pass_fds=pass_fds)
    except OSError as error:
        raise SystemException(f"{command[0]} cannot be started: {error}", code="program_missing") from None


def end(process: subprocess.Popen[bytes], seconds: float = 3.0) -> None:
    """Ask a program to end, and make it end when it does not."""
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
    if process.poll() is None:
        process.kill()
        process.wait()
