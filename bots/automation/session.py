"""What a desktop session gives to programs with accessibility, on a private display: a message bus, the registry of accessibility, a window manager.

The bus starts nothing by itself, and the registry sits on the same bus: so three processes, each ended by its own id when the display ends.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
from pathlib import Path

from bots.automation.clipboard import wait_until
from bots.automation.display import Display
from bots.cases.errors import SystemException

START_SECONDS = 15.0
PLACES = "/usr/local/bin:/usr/bin:/usr/libexec:/usr/lib/at-spi2-core:/usr/lib/at-spi2"
"""Where distributions keep the registry beside ordinary programs."""
ADVICE = "Install the packages dbus-daemon, at-spi2-core and openbox."
BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


def furnish(display: Display) -> None:
    """Start what the programs of this private display need; it ends with the display. Raises SystemException naming what is missing."""
    folder = display.folder
    assert folder is not None
    place, settings = folder / "bus", folder / "bus.conf"
    settings.write_text(BUS.format(socket=place), encoding="utf-8")
    # Programs start as on their first day: nobody's settings, and nothing kept.
    homes = {f"XDG_{name}_HOME": str(folder / name.lower()) for name in ("CONFIG", "CACHE", "DATA")}
    for home in homes.values():
        Path(home).mkdir(mode=0o700, exist_ok=True)
    address = f"unix:path={place}"
    display.more.update(
        DBUS_SESSION_BUS_ADDRESS=address,
        AT_SPI_BUS_ADDRESS=address,
        GSETTINGS_BACKEND="memory",
        GIO_USE_VFS="local",
        LANG="C.UTF-8",
        LC_ALL="C.UTF-8",
        **homes,
    )
    try:
        _beside(display, "dbus-daemon", f"--config-file={settings}", "--nofork")
        if not wait_until(lambda: _answers(place), START_SECONDS):
            raise SystemException(f"the message bus did not start within {START_SECONDS:.0f} s", code="display_missing", advice=ADVICE)
        _beside(display, "at-spi2-registryd")
        _beside(display, "openbox", "--sm-disable")
    except SystemException:
        display.close()
        raise


def _beside(display: Display, name: str, *options: str) -> None:
    program = shutil.which(name, path=PLACES)
    if program is None:
        raise SystemException(f"{name}, which programs with accessibility need, is not installed", code="display_missing", advice=ADVICE)
    display.beside.append(display.start([program, *options], subprocess.DEVNULL))


def _answers(place: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as line:
        return line.connect_ex(str(place)) == 0
