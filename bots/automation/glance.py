"""Looking at a page without touching it: one small script a look, run over the browser's own debugging channel.

Playwright brings a large script of its own into every new document before its first look, twice where a look also reads
(45 to 70 ms of a core a page). A glance does without it: it finds by css, and by role and name where both are beyond doubt.
Whatever it is not sure of it says nothing about, and the caller asks Playwright: a glance saves time, it never decides
otherwise. Whatever clicks or types goes through Playwright, which checks that an element can be used.
"""

from __future__ import annotations

import base64
import json
from time import monotonic
from typing import TYPE_CHECKING, Any, Literal

from bots.automation.locators import Way

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page

Want = Literal["count", "visible", "any", "text", "table", "fields", "inputs", "region"]
"""What to read of the one that is found: nothing, whether the first (`visible`) or any of them (`any`) shows, its text, rows,
captions with values, what named fields hold, or all text and input values inside it."""
ROLES = frozenset({"alert", "button", "dialog", "link", "status", "table"})
"""Roles whose elements and names the script below tells for certain."""

# One call reads a whole table (captions and the text of every cell, 40 to 400 times faster than cell by cell) or a definition list.
READ = {
    "table": r"""(n) => {
  const line = (n) => (n.innerText ?? n.textContent).replace(/\s+/g, ' ').trim();
  const rows = [...n.querySelectorAll('tbody tr')].filter((r) => r.querySelector('td'));
  return {head: [...n.querySelectorAll('thead th')].map(line), rows: rows.map((r) => [...r.querySelectorAll('td, th')].map(line))};
}""",
    "fields": r"""(n) => {
  const cell = (n) => (n.innerText ?? n.textContent).replace(/[ \t\u00a0]+/g, ' ').trim();
  const pairs = [];
  const add = (key, value, tag) => value && value.tagName === tag && pairs.push([cell(key), cell(value)]);
  for (const dt of n.querySelectorAll('dt')) add(dt, dt.nextElementSibling, 'DD');
  for (const th of n.querySelectorAll('tr > th:first-child')) add(th, th.nextElementSibling, 'TD');
  return pairs;
}""",
    "inputs": r"""(n) => {
  const held = new Map();
  for (const i of n.querySelectorAll('input[name]:not([type=password]), select[name], textarea[name]')) if (!held.has(i.name)) held.set(i.name, i.value);
  return [...held];
}""",
    "region": r"""(n) => [n.innerText, ...[...n.querySelectorAll('input, textarea, select')].map((i) => i.value)].join('\n')""",
    "text": "(n) => n.innerText",
    "count": "() => null",
}
# find() gives the elements that Playwright would find, or null when in doubt: shadow roots, selectors only Playwright
# knows, names that are put together from more than plain text, pictures, generated content or titles.
SCRIPT = r"""(asked) => {
  const native = {
    alert: [], status: ['output'], table: ['table'], dialog: ['dialog'], link: ['a[href]', 'area[href]'],
    button: ['button', 'input[type=button]', 'input[type=submit]', 'input[type=reset]', 'input[type=image]'],
  };
  // Roles that take an element's own away for certain; `none` and what is no role may leave it.
  const other = new Set((Object.keys(native).join(' ') + ' alertdialog checkbox combobox grid gridcell heading img listbox log menuitem option radio row searchbox switch tab '
    + 'textbox tooltip treegrid treeitem').split(' '));
  const flat = (text) => text.replace(/[\u200b\u00ad]/g, '').replace(/\s+/g, ' ').trim();
  const plain = (n) => {
    if (n.children.length || n.hasAttribute('aria-label') || n.hasAttribute('aria-labelledby')) return null;
    const made = ['::before', '::after'].some((part) => !['none', 'normal', ''].includes(getComputedStyle(n, part).content));
    return made ? null : flat(n.textContent);
  };
  const nameOf = (n, role) => {
    const ids = (n.getAttribute('aria-labelledby') || '').split(/\s+/).filter(Boolean);
    if (ids.length) {
      const parts = ids.map((id) => n.getRootNode().getElementById(id)).filter(Boolean).map(plain);
      return parts.length && !parts.includes(null) ? flat(parts.join(' ')) : null;
    }
    const label = flat(n.getAttribute('aria-label') || '');
    if (label) return label;
    if (n.title || n.tagName === 'INPUT' || n.tagName === 'AREA') return null;
    if (role === 'button' || role === 'link') return n.labels && n.labels.length ? null : plain(n);
    if (role === 'table' && n.caption) return plain(n.caption);
    return '';
  };
  const usable = (n) => n.checkVisibility({visibilityProperty: true}) && !n.closest('[aria-hidden="true" i]');
  const shown = (n) => {
    const box = n.getBoundingClientRect();
    return getComputedStyle(n).display === 'contents' ? null : n.checkVisibility({visibilityProperty: true}) && box.width > 0 && box.height > 0;
  };
  const roots = new Map();
  const shadows = (root) => {
    if (!roots.has(root)) roots.set(root, [...root.querySelectorAll('*')].some((n) => n.shadowRoot));
    return roots.get(root);
  };
  const find = (scope, way) => {
    if (shadows(scope)) return null;
    try {
      if (way.css) return [...scope.querySelectorAll(way.css)];
    } catch { return null; }
    const said = [...scope.querySelectorAll('[role]')];
    if (said.some((n) => /\s/.test(n.getAttribute('role').trim()))) return null;
    const css = native[way.role].join(',');
    const named = said.filter((n) => n.getAttribute('role').trim() === way.role);
    const born = css ? [...scope.querySelectorAll(css)] : [];
    if (born.some((n) => n.hasAttribute('role') && !other.has(n.getAttribute('role').trim()))) return null;
    const meant = [...named, ...born.filter((n) => !n.hasAttribute('role'))];
    if (meant.some((n) => getComputedStyle(n).display === 'contents')) return null;
    const all = meant.filter(usable);
    all.sort((one, other) => (one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1));
    if (way.name === null) return all;
    const names = all.map((n) => nameOf(n, way.role));
    return names.includes(null) ? null : all.filter((_, at) => names[at] === flat(way.name));
  };
  const read = {READERS};
  return asked.map(({way, frame, within, want}) => {
    let scope = document;
    if (frame) {
      const frames = find(scope, frame);
      scope = frames && frames.length === 1 ? frames[0].contentDocument : null;
      if (!scope) return null;
    }
    if (within) {
      const around = find(scope, within);
      if (!around || around.length !== 1) return around && !around.length ? {count: 0, read: want === 'visible' || want === 'any' ? false : null} : null;
      scope = around[0];
    }
    const found = find(scope, way);
    if (!found) return null;
    if (want === 'visible' || want === 'any') {
      const seen = (want === 'any' ? found : found.slice(0, 1)).map(shown);
      return seen.includes(null) ? null : {count: found.length, read: seen.includes(true)};
    }
    return {count: found.length, read: found.length === 1 ? read[want](found[0]) : null};
  });
}""".replace("READERS", ", ".join(f"{name}: {script}" for name, script in READ.items()))
WAIT = f"""(asked, most) => new Promise((done) => {{
  const look = {SCRIPT};
  const started = performance.now();
  const turn = () => {{
    const seen = look(asked);
    if (seen.some((one) => !one || one.read) || performance.now() - started > most) done(seen);
    else setTimeout(turn, 15);
  }};
  turn();
}})"""


def question(way: Way, text: str, want: Want, *, frame: str | None = None, within: tuple[Way, str] | None = None) -> dict[str, Any] | None:
    """What to ask about one way of an element, its text already filled in; None when a glance cannot tell."""
    asked, around = _way(way, text), _way(*within) if within else None
    if asked is None or (within and around is None):
        return None
    return {"way": asked, "within": around, "frame": {"css": frame} if frame else None, "want": want}


def _way(way: Way, text: str) -> dict[str, Any] | None:
    if way.css is not None:
        return {"css": text}
    if way.role in ROLES:
        return {"role": way.role, "name": text if way.name is not None else None}
    return None


class Glance:
    """The debugging channel of one page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._channel: CDPSession | None = None

    def _send(self, method: str, **params: Any) -> dict[str, Any] | None:
        """What the browser answers, or None when it cannot (the page is just changing, or was closed)."""
        from playwright.sync_api import Error

        try:
            if self._channel is None:
                self._channel = self.page.context.new_cdp_session(self.page)
            answer: dict[str, Any] = self._channel.send(method, params)
        except Error:
            return None
        return answer

    def look(self, asked: list[dict[str, Any]]) -> list[dict[str, Any] | None]:
        """For each question `count` and `read` (None unless exactly one was found); None where in doubt."""
        return self._run(f"({SCRIPT})({json.dumps(asked)})") or [None] * len(asked)

    def wait(self, asked: list[dict[str, Any]], timeout_s: float) -> list[dict[str, Any] | None]:
        """Wait, over changes of the page too, until one of the questions (`any`) is answered with yes or one is in doubt; after the time the last look."""
        from playwright.sync_api import Error

        end = monotonic() + timeout_s
        while (left := end - monotonic()) > 0:
            seen = self._run(f"({WAIT})({json.dumps(asked)}, {left * 1000:.0f})", awaitPromise=True)
            if seen is not None:
                return seen
            try:
                self.page.wait_for_load_state("domcontentloaded", timeout=left * 1000)
            except Error:
                break
        return [None] * len(asked)

    def _run(self, expression: str, **more: Any) -> list[dict[str, Any] | None] | None:
        answer = self._send("Runtime.evaluate", expression=expression, returnByValue=True, **more)
        value = (answer or {}).get("result", {}).get("value")
        return value if isinstance(value, list) else None

    def value(self, expression: str) -> Any:
        """What a script in the page comes to, as plain data; None when it cannot be run now."""
        return (self._send("Runtime.evaluate", expression=expression, returnByValue=True) or {}).get("result", {}).get("value")

    def picture(self, quality: int) -> bytes | None:
        """A JPEG of the visible page as it is, or None."""
        answer = self._send("Page.captureScreenshot", format="jpeg", quality=quality, optimizeForSpeed=True)
        return base64.b64decode(answer["data"]) if answer else None
