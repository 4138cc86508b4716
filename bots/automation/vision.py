"""Finding things on a picture of the screen: a small image that must fit almost exactly, or words read by OCR."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bots.cases.errors import ConfigProblem

if TYPE_CHECKING:
    import numpy as np

    Pixels = np.ndarray[Any, Any]

LEAST_SCORE = 0.9
"""An exact match scores 1.00, a hovered button .997, a screen at another scale below .75, and something else still up to .69."""
OCR_SECONDS = 20
OCR_SCALE = 2
"""Words on a picture of twice the size are read much better."""
Point = tuple[int, int]


def find_image(screen: Pixels, file: Path) -> list[Point]:
    """Centres of all places where the image fits with at least LEAST_SCORE; overlapping fits count once."""
    import cv2

    needle = cv2.imread(str(file), cv2.IMREAD_COLOR)
    if needle is None:
        raise ConfigProblem(f"{file}: the image of a locator is missing or cannot be read")
    height, width = needle.shape[:2]
    if height > screen.shape[0] or width > screen.shape[1]:
        return []
    scores = cv2.matchTemplate(screen, needle, cv2.TM_CCOEFF_NORMED)
    found: list[Point] = []
    while True:
        _, score, _, (x, y) = cv2.minMaxLoc(scores)
        if not LEAST_SCORE <= score <= 1.001:
            return found
        found.append((x + width // 2, y + height // 2))
        scores[max(0, y - height // 2) : y + height // 2 + 1, max(0, x - width // 2) : x + width // 2 + 1] = -1


def can_read() -> bool:
    """Is an OCR program there? It is optional: a locator's other ways are used without it."""
    return shutil.which("tesseract") is not None


def find_words(screen: Pixels, text: str, languages: str = "eng") -> list[Point]:
    """Centres of all places where the words stand next to each other, read by tesseract; case and accents do not count."""
    import cv2

    done, png = cv2.imencode(".png", cv2.resize(screen, None, fx=OCR_SCALE, fy=OCR_SCALE, interpolation=cv2.INTER_CUBIC))
    program = shutil.which("tesseract")
    if not done or program is None:
        return []
    try:
        read = subprocess.run(
            [program, "stdin", "stdout", "--psm", "11", "-l", languages, "tsv"], input=png.tobytes(), capture_output=True, timeout=OCR_SECONDS, check=True
        ).stdout.decode("utf-8", errors="replace")
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
        return []
    words = [row for row in csv.DictReader(io.StringIO(read), delimiter="\t", quoting=csv.QUOTE_NONE) if (row["text"] or "").strip()]
    wanted = [_fold(word) for word in text.split()]
    found: list[Point] = []
    for at in range(len(words) - len(wanted) + 1):
        run = words[at : at + len(wanted)]
        if [_fold(row["text"]) for row in run] == wanted:
            left, right = int(run[0]["left"]), int(run[-1]["left"]) + int(run[-1]["width"])
            top, bottom = min(int(row["top"]) for row in run), max(int(row["top"]) + int(row["height"]) for row in run)
            found.append(((left + right) // 2 // OCR_SCALE, (top + bottom) // 2 // OCR_SCALE))
    return found


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in plain if char.isalnum())
