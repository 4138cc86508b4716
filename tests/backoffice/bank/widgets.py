"""The bank window's own entries, buttons and tables: everything can be reached and copied by keyboard."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Iterable, Sequence
from tkinter import ttk

from .look import BOLD, DIGITS, FONT, SMALL, Skin


def mnemonic(caption: str) -> tuple[str, int, str]:
    """`Übe_rweisen` as the text, the place of the underlined letter (-1: none) and the key that Alt goes with."""
    at = caption.find("_")
    text = caption.replace("_", "", 1)
    return text, at, text[at].lower() if at >= 0 else ""


def teach_entries(root: tk.Tk, copy: Callable[[str], None]) -> None:
    """Ctrl+A selects all and pasting replaces what is selected, which Tk does not do by itself on X11; what is copied goes to `copy`."""

    def select_all(event: tk.Event[tk.Entry]) -> str:
        event.widget.selection_range(0, "end")
        event.widget.icursor("end")
        return "break"

    def paste(event: tk.Event[tk.Entry]) -> str:
        entry = event.widget
        if str(entry.cget("state")) == "normal":
            if entry.selection_present():
                entry.delete("sel.first", "sel.last")
            try:
                entry.insert("insert", root.clipboard_get())
            except tk.TclError:
                root.bell()
        return "break"

    def copy_selected(event: tk.Event[tk.Entry]) -> str:
        entry = event.widget
        if entry.selection_present() and not entry.cget("show"):
            copy(entry.selection_get())
        return "break"

    for key in ("<Control-a>", "<Control-A>"):
        root.bind_class("Entry", key, select_all)
    root.bind_class("Entry", "<<Copy>>", copy_selected)
    root.bind_class("Entry", "<<Paste>>", paste)


class Field:
    """A captioned line of input; `reach` are the Alt keys of the page it stands on."""

    def __init__(
        self,
        parent: tk.Misc,
        skin: Skin,
        caption: str,
        reach: dict[str, Callable[[], object]],
        row: int,
        *,
        width: int = 34,
        readonly: bool = False,
        secret: bool = False,
        right: bool = False,
        column: int = 0,
    ) -> None:
        text, at, key = mnemonic(caption)
        tk.Label(parent, text=text, underline=at, font=FONT, background=parent["background"], foreground=skin.ink, anchor="w").grid(
            row=row, column=column, sticky="w", padx=(18 if column else 0, 18), pady=6
        )
        self.variable = tk.StringVar(parent)
        self.entry = tk.Entry(
            parent, textvariable=self.variable, width=width, font=DIGITS, relief="sunken", borderwidth=2, highlightthickness=2, highlightcolor=skin.select, readonlybackground=skin.face,
            highlightbackground=parent["background"], justify="right" if right else "left", state="readonly" if readonly else "normal", show="●" if secret else "", selectbackground=skin.select,
        )  # fmt: skip
        self.entry.grid(row=row, column=column + 1, sticky="w", pady=6, ipady=4)
        if key:
            reach[f"alt+{key}"] = self.focus

    def focus(self) -> None:
        self.entry.focus_set()
        self.entry.selection_range(0, "end")

    @property
    def text(self) -> str:
        return self.variable.get()

    @text.setter
    def text(self, value: str) -> None:
        self.variable.set(value)


def button(parent: tk.Misc, skin: Skin, caption: str, do: Callable[[], object], reach: dict[str, Callable[[], object]], *, strong: bool = False) -> tk.Button:
    """A raised push button, pressed by mouse, by space or Enter while focused, and by its Alt key."""
    text, at, key = mnemonic(caption)
    made = tk.Button(
        parent, text=text, underline=at, command=do, font=BOLD if strong else FONT, relief="raised", borderwidth=2, padx=18, pady=4, takefocus=True, highlightthickness=2,
        background=skin.bar if strong else skin.face, foreground=skin.bar_text if strong else skin.ink, activebackground=skin.select, activeforeground="#ffffff",
        highlightcolor=skin.select, highlightbackground=parent["background"],
    )  # fmt: skip
    if key:
        reach[f"alt+{key}"] = do
    return made


class Table:
    """A table of texts. Ctrl+A marks every row; Ctrl+C copies headings and marked rows, separated by tabs."""

    def __init__(
        self,
        parent: tk.Misc,
        columns: Sequence[tuple[str, int, bool]],
        copy: Callable[[str], None],
        *,
        height: int,
        on_enter: Callable[[], object] | None = None,
    ) -> None:
        """`columns` are (heading, width in pixels, right-aligned); what is copied goes to `copy`."""
        self._to_clipboard = copy
        self.headings = [heading for heading, _, _ in columns]
        self.frame = tk.Frame(parent, background=parent["background"])
        self.tree = ttk.Treeview(self.frame, columns=self.headings, show="headings", height=height, selectmode="extended")
        for heading, width, right in columns:
            self.tree.heading(heading, text=heading, anchor="e" if right else "w")
            self.tree.column(heading, width=width, stretch=False, anchor="e" if right else "w")
        self.tree.tag_configure("odd", background="#edf2f6")
        bar = ttk.Scrollbar(self.frame, orient="vertical", command=self.tree.yview)
        self.tree.configure(yscrollcommand=bar.set)
        self.tree.pack(side="left", fill="both", expand=True)
        bar.pack(side="right", fill="y")
        for key in ("<Control-a>", "<Control-A>"):
            self.tree.bind(key, self._mark_all)
        for key in ("<Control-c>", "<Control-C>"):
            self.tree.bind(key, self._copy)
        if on_enter is not None:
            self.tree.bind("<Return>", lambda _: (on_enter(), "break")[1])
            self.tree.bind("<Double-Button-1>", lambda _: on_enter())

    def show(self, rows: Iterable[Sequence[str]]) -> None:
        """Replace all rows."""
        self.tree.delete(*self.tree.get_children())
        for number, row in enumerate(rows):
            self.tree.insert("", "end", iid=str(number), values=[" ".join(str(cell).split()) for cell in row], tags=("odd",) if number % 2 else ())

    def focus(self) -> None:
        """Put the keyboard into the table, on its first row if none is marked."""
        self.tree.focus_set()
        if (rows := self.tree.get_children()) and not self.tree.selection():
            self.tree.focus(rows[0])
            self.tree.selection_set(rows[0])

    @property
    def marked(self) -> list[int]:
        return [int(row) for row in self.tree.selection()]

    def _mark_all(self, _: object) -> str:
        self.tree.selection_set(self.tree.get_children())
        return "break"

    def _copy(self, _: object) -> str:
        rows = [self.tree.set(row) for row in self.tree.selection()]
        self._to_clipboard("\n".join("\t".join(line) for line in [self.headings, *([row[heading] for heading in self.headings] for row in rows)]))
        return "break"


class Dialog:
    """A message over the page. As Windows message boxes do, it gives its whole text on Ctrl+C."""

    def __init__(
        self,
        root: tk.Tk,
        skin: Skin,
        title: str,
        lines: Sequence[tuple[str, str]] | str,
        buttons: Sequence[tuple[str, Callable[[], object]]],
        copy: Callable[[str], None],
        *,
        alarm: bool = False,
    ) -> None:
        """`lines` are (caption, value) pairs or one text; the last button is the one that Escape presses and that has the focus at first."""
        self.title = title
        self.keys: dict[str, Callable[[], object]] = {}
        body = lines if isinstance(lines, str) else "\n".join(f"{caption}: {value}" for caption, value in lines)
        captions = [mnemonic(caption)[0] for caption, _ in buttons]
        rule = "-" * 27
        self.text = "\n".join((rule, title, rule, body, rule, "   ".join(captions), rule))
        self.frame = tk.Frame(root, background=skin.paper, relief="raised", borderwidth=3)
        tk.Label(self.frame, text=title, font=BOLD, background=skin.accent if alarm else skin.bar, foreground="#ffffff", anchor="w", padx=14, pady=7).pack(
            fill="x"
        )
        inside = tk.Frame(self.frame, background=skin.paper, padx=26, pady=20)
        inside.pack(fill="both", expand=True)
        if isinstance(lines, str):
            tk.Label(inside, text=lines, font=FONT, background=skin.paper, foreground=skin.ink, justify="left", wraplength=460, anchor="w").pack(fill="x")
        else:
            self._pairs(inside, skin, lines)
        bar = tk.Frame(self.frame, background=skin.face, padx=16, pady=12)
        bar.pack(fill="x")
        made = [button(bar, skin, caption, do, self.keys, strong=number == 0) for number, (caption, do) in enumerate(buttons)]
        for one in made if skin.mirrored else reversed(made):
            one.pack(side="right", padx=5)
        self.default = made[-1]
        self.keys["escape"] = buttons[-1][1]
        self.keys["return"] = lambda: self._pressed(made)
        for key in ("<Control-c>", "<Control-C>"):
            for widget in (self.frame, *made):
                widget.bind(key, lambda _: (copy(self.text), "break")[1])
        self.frame.place(relx=0.5, rely=0.5, anchor="center", width=560)
        self.frame.grab_set()
        self.default.focus_set()

    def _pairs(self, inside: tk.Frame, skin: Skin, lines: Sequence[tuple[str, str]]) -> None:
        for row, (caption, value) in enumerate(lines):
            tk.Label(inside, text=caption, font=SMALL, background=skin.paper, foreground="#4d5f6e", anchor="w").grid(
                row=row, column=0, sticky="nw", padx=(0, 22), pady=5
            )
            tk.Label(inside, text=value, font=BOLD, background=skin.paper, foreground=skin.ink, anchor="w", wraplength=360, justify="left").grid(
                row=row, column=1, sticky="w", pady=5
            )

    def _pressed(self, made: Sequence[tk.Button]) -> None:
        focused = self.frame.focus_get()
        next((one for one in made if one == focused), self.default).invoke()

    def close(self) -> None:
        self.frame.grab_release()
        self.frame.destroy()
