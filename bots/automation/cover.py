"""What a picture must not show: password fields, card numbers, secrets and frames of other sites are found on the page and blacked out in the picture.

Nothing is changed on the page, which is about to be clicked. The places are asked for before and after the picture is taken, and both are covered, so that a
page that moves in between hides nothing less. Where they cannot be had, the whole picture is black.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from typing import Any

from bots.cases.errors import SystemException

Spans = Callable[[str], Sequence[tuple[int, int]]]
"""Where a text holds what must not be seen: (start, end)."""
Box = tuple[float, float, float, float]
"""Left, top, right, bottom in CSS pixels of the visible page."""

MARGIN = 2
ROUNDS = 3

# The texts of the page, of its frames of the same site and of its shadow roots, each with what is needed to find a place in it again. Words that stand
# in one block are one text, whatever elements they are put together from.
_WALK = r"""
  const inline = new Set(['A','ABBR','B','BDI','BDO','CODE','EM','FONT','I','LABEL','MARK','S','SMALL','SPAN','STRONG','SUB','SUP','TT','U','WBR']);
  const skipped = new Set(['SCRIPT','STYLE','NOSCRIPT','TEMPLATE','HEAD','TITLE']);
  const parts = [], inputs = [], closed = [];
  const blockOf = (n) => { let up = n.parentElement; while (up && inline.has(up.tagName)) up = up.parentElement; return up; };
  const walk = (root, dx, dy, doc) => {
    const turn = doc.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT,
      (n) => n.nodeType === 1 && skipped.has(n.tagName) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT);
    for (let n = turn.nextNode(); n; n = turn.nextNode()) {
      if (n.nodeType === 3) { if (n.data) parts.push({n, dx, dy, block: blockOf(n), words: n.data.trim() ? n.data : ' '}); continue; }
      if (n.shadowRoot) walk(n.shadowRoot, dx, dy, doc);
      if (n.tagName === 'INPUT' || n.tagName === 'TEXTAREA' || n.tagName === 'SELECT') inputs.push({n, dx, dy});
      if (n.tagName === 'IFRAME' || n.tagName === 'FRAME' || n.tagName === 'OBJECT' || n.tagName === 'EMBED') {
        const box = n.getBoundingClientRect();
        let inner = null;
        try { inner = n.contentDocument; } catch { inner = null; }
        if (inner && inner.body) walk(inner.body, dx + box.left + n.clientLeft, dy + box.top + n.clientTop, inner);
        else if (box.width > 1 && box.height > 1) closed.push([box.left + dx, box.top + dy, box.right + dx, box.bottom + dy]);
      }
    }
  };
  if (document.body) walk(document.body, 0, 0, document);
  let text = '', last = null;
  for (const part of parts) {
    if (last && (last.block !== part.block || last.dx !== part.dx || last.dy !== part.dy)) text += '\n';
    part.from = text.length;
    text += part.words;
    last = part;
  }
  const boxOf = (one) => { const b = one.n.getBoundingClientRect(); return [b.left + one.dx, b.top + one.dy, b.right + one.dx, b.bottom + one.dy]; };
  const secret = (n) => n.type === 'password' || /password|one-time-code|cc-number|cc-csc/.test(n.autocomplete || '');
  const valueOf = (n) => n.tagName === 'SELECT' ? [...n.selectedOptions].map((o) => o.label).join(' ') : ['hidden', 'submit', 'button', 'checkbox', 'radio', 'file', 'image', 'reset'].includes(n.type) ? '' : n.value;
"""
LOOK = f"() => {{ {_WALK} return {{text, values: inputs.map((one) => valueOf(one.n)), boxes: [...closed, ...inputs.filter((one) => secret(one.n)).map(boxOf)]}}; }}"
PLACES = f"""(asked) => {{ {_WALK}
  if (text !== asked.text) return null;
  const boxes = asked.inputs.map((at) => boxOf(inputs[at]));
  for (const [from, to] of asked.spans) for (const part of parts) {{
    const end = part.from + part.words.length;
    if (end <= from || part.from >= to || !part.n.data.trim()) continue;
    const range = part.n.ownerDocument.createRange();
    range.setStart(part.n, Math.max(0, from - part.from));
    range.setEnd(part.n, Math.min(part.n.data.length, to - part.from));
    for (const b of range.getClientRects()) boxes.push([b.left + part.dx, b.top + part.dy, b.right + part.dx, b.bottom + part.dy]);
  }}
  return boxes;
}}"""


def places(run: Callable[[str], Any], spans: Spans) -> list[Box] | None:
    """What to cover on the page as it is now; None where it cannot be told. `run` evaluates a script in the page and gives its value."""
    for _ in range(ROUNDS):
        seen = run(f"({LOOK})()")
        if not isinstance(seen, dict):
            return None
        boxes = [_box(box) for box in seen["boxes"]]
        # The script counts in UTF-16 units, Python in characters.
        found = [(_units(seen["text"][:start]), _units(seen["text"][:end])) for start, end in spans(seen["text"])]
        fields = [at for at, value in enumerate(seen["values"]) if value and spans(value)]
        if not found and not fields:
            return boxes
        more = run(f"({PLACES})({json.dumps({'text': seen['text'], 'spans': found, 'inputs': fields})})")
        if isinstance(more, list):
            return [*boxes, *map(_box, more)]
    return None


def _box(given: Sequence[float]) -> Box:
    left, top, right, bottom = map(float, given)
    return left, top, right, bottom


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cover(picture: bytes, boxes: Sequence[Box] | None, quality: int) -> bytes:
    """The JPEG with these places black; all of it where the places are not known (None)."""
    if boxes is not None and not boxes:
        return picture
    import cv2
    import numpy

    image = cv2.imdecode(numpy.frombuffer(picture, numpy.uint8), cv2.IMREAD_COLOR)
    if image is None:
        raise SystemException("the browser gave a picture that cannot be read", code="no_picture")
    height, width = image.shape[:2]
    for left, top, right, bottom in boxes if boxes is not None else [(0.0, 0.0, float(width), float(height))]:
        if right > left and bottom > top:
            corners = (math.floor(left) - MARGIN, math.floor(top) - MARGIN), (math.ceil(right) + MARGIN, math.ceil(bottom) + MARGIN)
            cv2.rectangle(image, *corners, (0, 0, 0), cv2.FILLED)
    return bytes(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes())
