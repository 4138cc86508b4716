"""How the bank's window looks and what its buttons are called, before and after a redesign."""

from __future__ import annotations

import tkinter as tk
from dataclasses import dataclass
from tkinter import ttk

WIDTH, HEIGHT = 900, 640
FAMILY = "DejaVu Sans"
MONO = "DejaVu Sans Mono"
# Negative sizes are pixels: the window looks the same whatever the screen's dots per inch are.
FONT, BOLD, SMALL, TINY, LARGE, DIGITS = (FAMILY, -15), (FAMILY, -15, "bold"), (FAMILY, -13), (FAMILY, -12), (FAMILY, -21, "bold"), (MONO, -15)


@dataclass(frozen=True)
class Skin:
    """Colours, captions (an underscore stands before the letter that Alt reaches) and the order of buttons."""

    bar: str = "#00395d"
    bar_text: str = "#ffffff"
    face: str = "#d6dde3"
    paper: str = "#f4f6f8"
    ink: str = "#10212e"
    accent: str = "#c8102e"
    select: str = "#1d6fa5"
    sign_in: str = "_Anmelden"
    search: str = "_Suchen"
    use: str = "_Übernehmen"
    go_on: str = "_Weiter"
    discard: str = "Ver_werfen"
    confirm_title: str = "Auftrag bestätigen"
    transfer: str = "Übe_rweisen"
    cancel: str = "Abbre_chen"
    filter: str = "_Filtern"
    export: str = "_Export CSV"
    mirrored: bool = False


USUAL = Skin()
REDESIGN = Skin(
    bar="#2f2f2f", face="#ece9d8", paper="#fffdf6", ink="#222222", accent="#2e7d32", select="#8a6d00", sign_in="_Login", search="_Finden", use="Aus_wählen", go_on="_Prüfen",
    confirm_title="Bitte prüfen", transfer="Freige_ben", cancel="Zur_ück", filter="Anwe_nden", export="Als Datei s_peichern", mirrored=True,
)  # fmt: skip


def dress(root: tk.Tk, skin: Skin) -> None:
    """Set colours and fonts of every widget made from now on."""
    style = ttk.Style(root)
    style.theme_use("clam")
    root.configure(background=skin.face)
    root.option_add("*Font", FONT)
    style.configure(
        "Treeview",
        font=TINY,
        rowheight=27,
        background="#ffffff",
        fieldbackground="#ffffff",
        foreground=skin.ink,
        bordercolor="#8796a3",
        lightcolor="#8796a3",
        darkcolor="#8796a3",
    )
    style.configure("Treeview.Heading", font=(FAMILY, -12, "bold"), background="#c3ced7", foreground=skin.ink, relief="raised", padding=(4, 5))
    style.map("Treeview", background=[("selected", skin.select)], foreground=[("selected", "#ffffff")])
    style.map("Treeview.Heading", background=[("active", "#c3ced7")])
    style.configure("Vertical.TScrollbar", background=skin.face, troughcolor=skin.paper, arrowcolor=skin.ink)
