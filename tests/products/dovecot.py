"""Dovecot as a real IMAP server on a loopback port, run by an ordinary user from a folder of its own."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import threading
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from imapclient import IMAPClient

from tests.products import packages

ACCOUNT, PASSWORD = "returns@seller.example", "dovecot-practice-42"
NOBODY = 65534
CONFIGURATION = """
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 0
mail_location = maildir:{base}/mail/%u
first_valid_uid = 1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
passdb {{
  driver = static
  args = password={password}
  mechanisms = plain login
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {base}/oauth2.conf
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={base}/home/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
"""


def install() -> str:
    """Dovecot's program; installed where we may. Raises LookupError where it cannot be had."""
    for _ in range(2):
        program = shutil.which("dovecot") or ("/usr/sbin/dovecot" if Path("/usr/sbin/dovecot").exists() else None)
        if program:
            return program
        if not packages.install("dovecot-imapd"):
            break
    raise LookupError("Dovecot is not installed and cannot be installed here: apt-get install dovecot-imapd")


@dataclass
class Tokens:
    """A provider of access tokens, and Dovecot's check of them. `good` are the tokens that hold; `asked` counts what was fetched."""

    good: set[str] = field(default_factory=set)
    asked: list[dict[str, str]] = field(default_factory=list)
    refuses: bool = False
    lasts: int = 3600
    url: str = ""

    def grant(self, form: dict[str, str]) -> dict[str, object] | None:
        self.asked.append(form)
        if self.refuses:
            return None
        token = f"token-{len(self.asked)}"
        self.good.add(token)
        return {"access_token": token, "expires_in": self.lasts, "token_type": "Bearer"}


@contextlib.contextmanager
def token_server(tokens: Tokens) -> Iterator[Tokens]:
    """POST /token gives a token, GET /check?access_token= says whose it is."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            granted = tokens.grant(dict(urllib.parse.parse_qsl(body)))
            self._answer(200, granted) if granted else self._answer(400, {"error": "invalid_grant", "error_description": body})

        def do_GET(self) -> None:
            token = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query)).get("access_token", "")
            self._answer(200, {"email": ACCOUNT, "active": True}) if token in tokens.good else self._answer(401, {"error": "invalid_token"})

        def _answer(self, code: int, told: dict[str, object]) -> None:
            body = json.dumps(told).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    tokens.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield tokens
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=10)


@dataclass(frozen=True)
class Dovecot:
    """A running Dovecot."""

    port: int
    host: str = "127.0.0.1"

    def deliver(self, raw: bytes, folder: str = "INBOX") -> None:
        """Put a mail into a folder, as an MTA would."""
        with IMAPClient(self.host, self.port, ssl=False) as client:
            client.login(ACCOUNT, PASSWORD)
            client.append(folder, raw)

    def renumber(self) -> None:
        """What a restored backup does: the folder "Processed" comes again with another UIDVALIDITY."""
        with IMAPClient(self.host, self.port, ssl=False) as client:
            client.login(ACCOUNT, PASSWORD)
            client.delete_folder("Processed")
            client.create_folder("Processed")


@contextlib.contextmanager
def dovecot(base: Path, tokens: Tokens) -> Iterator[Dovecot]:
    """Dovecot in `base`, ended with the block. Started as root it runs as nobody."""
    import grp
    import pwd

    program = install()
    root = os.geteuid() == 0
    uid, gid = (NOBODY, NOBODY) if root else (os.getuid(), os.getgid())
    for name in ("run", "state", "mail", "home"):
        (base / name).mkdir(parents=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    (base / "oauth2.conf").write_text(
        f"tokeninfo_url = {tokens.url}/check?access_token=\nintrospection_mode = \nusername_attribute = email\nactive_attribute = active\nactive_value = true\n",
        encoding="utf-8",
    )
    text = CONFIGURATION.format(base=base, user=pwd.getpwuid(uid).pw_name, group=grp.getgrgid(gid).gr_name, port=port, password=PASSWORD, uid=uid, gid=gid)
    (base / "dovecot.conf").write_text(text, encoding="utf-8")
    command = [program, "-F", "-c", str(base / "dovecot.conf")]
    if root:
        for path in (base, *base.rglob("*")):
            os.chown(path, uid, gid)
        command = ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups", *command]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        _wait_for(port, process, base)
        yield Dovecot(port)
    finally:
        process.terminate()
        process.wait(timeout=15)


def _wait_for(port: int, process: subprocess.Popen[str], base: Path) -> None:
    for _ in range(200):
        if process.poll() is not None:
            assert process.stderr is not None
            log = base / "log"
            raise RuntimeError(f"Dovecot ended at once: {process.stderr.read()} {log.read_text() if log.exists() else ''}")
        with socket.socket() as probe:
            probe.settimeout(0.1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        threading.Event().wait(0.05)
    raise RuntimeError("Dovecot did not open its port within 10 seconds")
