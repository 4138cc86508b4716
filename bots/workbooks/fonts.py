"""Fonts for PDFs: a Latin font that has every European letter where the system offers one, and the standard Chinese font."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from xml.sax.saxutils import escape

# First found is embedded. Without any, Helvetica is used, and letters beyond Western European lose their marks.
LATIN_FILES = (
    Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"),
    Path("/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf"),
    Path("C:/Windows/Fonts/arial.ttf"),
    Path("/System/Library/Fonts/Supplemental/Arial.ttf"),
)
BOLD = {
    "DejaVuSans.ttf": "DejaVuSans-Bold.ttf",
    "LiberationSans-Regular.ttf": "LiberationSans-Bold.ttf",
    "arial.ttf": "arialbd.ttf",
    "Arial.ttf": "Arial Bold.ttf",
}
CJK = "STSong-Light"
_CJK_RUN = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f]+")


@lru_cache(maxsize=1)
def latin() -> tuple[str, str]:
    """Names of the regular and bold Latin font, registered with reportlab."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfbase.ttfonts import TTFont

    pdfmetrics.registerFont(UnicodeCIDFont(CJK))
    for file in LATIN_FILES:
        bold = file.with_name(BOLD[file.name])
        if file.exists() and bold.exists():
            pdfmetrics.registerFont(TTFont("Voucher", str(file)))
            pdfmetrics.registerFont(TTFont("Voucher-Bold", str(bold)))
            return "Voucher", "Voucher-Bold"
    return "Helvetica", "Helvetica-Bold"


def markup(text: object) -> str:
    """Text from anywhere as reportlab paragraph markup: escaped, Chinese and Japanese runs in a font that has them."""
    clean = "".join(char for char in str(text if text is not None else "") if char >= " ")
    if latin()[0] == "Helvetica":
        clean = "".join(char if _CJK_RUN.match(char) else char.encode("cp1252", "replace").decode("cp1252") for char in clean)
    parts, at = [], 0
    for run in _CJK_RUN.finditer(clean):
        parts.append(escape(clean[at : run.start()]))
        parts.append(f'<font name="{CJK}">{escape(run.group())}</font>')
        at = run.end()
    return "".join([*parts, escape(clean[at:])])
