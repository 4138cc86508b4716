"""A window of nobody whom the bot knows: comes up on top, takes the keyboard, and ends with whoever started it. `python stranger.py`."""

from __future__ import annotations

import os
import sys
import threading
import tkinter as tk

TITLE = "Systemmeldung"


def end_with_parent() -> None:
    """The starter holds our standard input: when it is gone, or closes it, so are we."""
    sys.stdin.read()
    os._exit(0)


def main() -> None:
    window = tk.Tk(className=TITLE)
    window.geometry("420x180+240+200")
    line = tk.Entry(window, width=40)
    line.pack(padx=20, pady=60)
    line.bind("<Control-a>", lambda _: (line.selection_range(0, "end"), "break")[1])
    window.wait_visibility()
    window.focus_force()
    line.focus_set()
    window.update()
    window.title(TITLE)
    window.update()
    threading.Thread(target=end_with_parent, daemon=True).start()
    print("up", flush=True)
    window.mainloop()


if __name__ == "__main__":
    main()
