"""Takes locators from a page: a person points at an element, and the ways to find it again are ranked and tried.

Nothing in the page is clicked while a person points. What a page says about itself is data: it becomes quoted text in a way.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bots.automation.finding import find
from bots.automation.locators import Element, Way

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Locator, Page

TOLD = "returns-bots: pointed"
"""What the script says on the console when an element was taken, or when the person is done."""
ROLES = frozenset(
    "alert alertdialog button cell checkbox columnheader combobox dialog form grid gridcell heading img link list listbox listitem main menu menuitem navigation "
    "option progressbar radio region row search searchbox slider spinbutton status switch tab table tablist tabpanel textbox tree treeitem".split()
)
"""Roles that a way may name; what has another role is found by something else."""
ALONE = frozenset({"alert", "alertdialog", "dialog", "status", "main"})
"""Roles of which a page has one at most at a time, so that they say enough without a name."""
NAMED_BY_TEXT = frozenset({"row", "cell", "gridcell", "listitem", "list", "table", "grid", "option"})
"""Roles whose name may be their whole content, which is another one tomorrow."""
LONGEST_NAME = 80
UNSTABLE = re.compile(r"\d{3,}|[0-9a-f]{8,}|^:|:r\w+:|^(ember|react|radix|mui|headlessui|ng-|el-id|input-)|[-_]\d+$", re.IGNORECASE)
"""Ids and attributes that a program makes up anew for each page."""

FACTS = r"""
element => {
  const FLEETING = 'dialog, [role=dialog], [role=alertdialog], [role=alert], [role=status], [aria-live]';
  const fold = text => (text || '').replace(/\s+/g, ' ').trim();
  function step(element) {
    const tag = element.localName, alike = element.parentElement ? [...element.parentElement.children].filter(other => other.localName === tag) : [element];
    return alike.length > 1 ? `${tag}:nth-of-type(${alike.indexOf(element) + 1})` : tag;
  }
  const attributes = {};
  for (const {name, value} of element.attributes) {
    if (['id', 'name', 'type', 'href', 'rel', 'action'].includes(name) || name.startsWith('data-')) attributes[name] = value;
  }
  const trail = [];
  for (let at = element; at && at !== document.documentElement; at = at.parentElement) {
    trail.unshift({css: step(at), tag: at.localName, id: at === element ? '' : at.id});
  }
  const captions = element.localName === 'table' ? [...element.querySelectorAll('thead th')].map(one => fold(one.innerText))
    : element.localName === 'dl' || element.querySelector(':scope dl') ? [...element.querySelectorAll('dt')].map(one => fold(one.innerText)) : [];
  return {
    tag: element.localName, attributes, trail, captions, kind: element.localName === 'table' ? 'columns' : captions.length ? 'fields' : '',
    label: element.labels && element.labels.length ? fold(element.labels[0].innerText) : '', placeholder: element.getAttribute('placeholder') || '',
    fleeting: !!element.closest(FLEETING), secret: element.type === 'password',
  };
}
""".strip()
"""What an element says about itself; see `Facts`."""

SCRIPT = r"""
(() => {
  if (window.top !== window || window.__pointing) return;
  const INTERACTIVE = 'button, a[href], input, select, textarea, summary, [role=button], [role=link], [role=checkbox], [role=tab], [role=menuitem]';
  const REGIONS = 'dialog, [role=dialog], [role=alertdialog], form, fieldset, article, section, [role=region], aside, main';
  const host = document.createElement('div'), box = document.createElement('div'), badge = document.createElement('div');
  const state = {picked: null, around: [], ended: false, pointing: sessionStorage.getItem('__pointing') !== 'no', shown: null, deeper: []};

  host.setAttribute('aria-hidden', 'true');
  host.setAttribute('popover', 'manual');
  Object.assign(host.style, {position: 'fixed', inset: '0', width: '100vw', height: '100vh', margin: '0', padding: '0', border: '0',
                             background: 'transparent', overflow: 'hidden', pointerEvents: 'none', zIndex: '2147483647', maxWidth: 'none', maxHeight: 'none'});
  Object.assign(box.style, {position: 'fixed', border: '2px solid #d6006c', background: 'rgba(214,0,108,.12)', boxSizing: 'border-box', display: 'none'});
  Object.assign(badge.style, {position: 'fixed', right: '8px', bottom: '8px', padding: '6px 10px', font: '13px sans-serif', color: '#fff', background: '#333'});
  const shadow = host.attachShadow({mode: 'closed'});  // closed: no locator ever finds the overlay itself
  shadow.append(box, badge);

  function raise() {
    if (!document.body) return;
    if (!host.isConnected) document.documentElement.append(host);
    if (host.matches(':popover-open')) host.hidePopover();
    host.showPopover();  // again on top, also over a modal dialog
  }
  function label() {
    badge.textContent = state.pointing ? 'click: take   ↑ ↓: wider, narrower   F2: use the page   Esc: done' : 'using the page   F2: point again';
    badge.style.background = state.pointing ? '#d6006c' : '#333';
  }
  function show(element) {
    if (element !== state.shown) raise();
    state.shown = element;
    if (!element) { box.style.display = 'none'; return; }
    const place = element.getBoundingClientRect();
    Object.assign(box.style, {display: 'block', left: place.left + 'px', top: place.top + 'px', width: place.width + 'px', height: place.height + 'px'});
  }
  function under(event) {
    const found = document.elementFromPoint(event.clientX, event.clientY);
    if (!found || found === host) return null;
    const labelled = found.closest('label');
    return found.closest(INTERACTIVE) || (labelled && labelled.control) || found;
  }
  function tell() { console.debug('TOLD'); }
  function swallow(event) {
    if (!state.pointing) return false;
    event.preventDefault();
    event.stopImmediatePropagation();
    return !state.picked;  // until the one that was taken is written down, nothing else is taken
  }

  for (const kind of ['mousedown', 'mouseup', 'pointerup', 'click', 'dblclick', 'auxclick', 'contextmenu', 'touchstart', 'touchend']) {
    window.addEventListener(kind, swallow, {capture: true, passive: false});
  }
  window.addEventListener('pointermove', event => {
    if (state.pointing && !state.picked && !(state.deeper.length && state.deeper[0] === under(event))) { state.deeper = []; show(under(event)); }
  }, true);
  window.addEventListener('pointerdown', event => {
    if (!swallow(event)) return;
    const taken = (state.deeper.length && state.shown) || under(event);
    if (!taken) return;
    show(taken);
    state.picked = taken;
    state.around = [];
    for (let at = taken.parentElement; at; at = at.parentElement) if (at.matches(REGIONS)) state.around.push(at);
    tell();
  }, true);
  window.addEventListener('keydown', event => {
    if (event.key === 'F2') {
      event.preventDefault();
      state.pointing = !state.pointing;
      sessionStorage.setItem('__pointing', state.pointing ? 'yes' : 'no');
      show(null); raise(); label();
      return;
    }
    if (!swallow(event)) return;
    if (event.key === 'Escape') { state.ended = true; tell(); }
    if (event.key === 'ArrowUp' && state.shown && state.shown.parentElement && state.shown !== document.body) {
      state.deeper.push(state.shown);
      show(state.shown.parentElement);
    }
    if (event.key === 'ArrowDown' && state.deeper.length) show(state.deeper.pop());
  }, true);

  state.release = () => { state.picked = null; state.deeper = []; show(null); };
  window.__pointing = state;
  label();
  if (document.body) raise(); else document.addEventListener('DOMContentLoaded', raise);
})();
""".replace("TOLD", TOLD)


@dataclass(frozen=True)
class Step:
    """One element on the way down to the element, as css would name it."""

    css: str
    tag: str
    id: str = ""


@dataclass(frozen=True)
class Facts:
    """What the browser says about an element: `role` and `name` as assistive programs get them, the rest as the page wrote it."""

    tag: str
    role: str = ""
    name: str = ""
    label: str = ""
    placeholder: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    trail: tuple[Step, ...] = ()
    captions: tuple[str, ...] = ()
    """Column captions of a table, or the captions of a definition list."""
    kind: str = ""
    """columns, fields, or empty: what the captions are for."""
    fleeting: bool = False
    """It is, or stands in, a dialog or message: it is not there all the time."""
    secret: bool = False


@dataclass(frozen=True)
class Taken:
    """An element that a person pointed at, and the ways that find it and nothing else, best first."""

    facts: Facts
    ways: tuple[Way, ...]


Pointer = Callable[["Page"], None]
"""Moves the mouse in place of a person; for tests."""


# -- ranking ---------------------------------------------------------------------------------------------------------------
def generalise(text: str, samples: Mapping[str, str]) -> str:
    """The text with the values of samples replaced by `{their name}`: "Refund cap_12" becomes "Refund {capture_id}"."""
    for name, value in sorted(samples.items(), key=lambda pair: -len(pair[1])):
        if len(value) >= 3:
            text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", lambda _, name=name: f"{{{name}}}", text)  # type: ignore[misc]  # name is bound now
    return text


def propose(facts: Facts, samples: Mapping[str, str] | None = None) -> tuple[Way, ...]:
    """Ways to find an element again, best first: role and name, label, placeholder, test id, css by what is stable, css by position.

    What a person reads outlives what a programmer wrote, and both outlive the position. Values of samples become parameters.
    Text with braces of its own is not used, as braces stand for parameters.
    """
    known = samples or {}

    def words(text: str) -> str | None:
        clean = re.sub(r"\s+", " ", text).strip()
        return None if not clean or "{" in clean or "}" in clean else generalise(clean, known)

    found: list[Way] = []
    name = words(facts.name) if len(facts.name) <= LONGEST_NAME else None
    if facts.role in ROLES and name and not (facts.role in NAMED_BY_TEXT and facts.kind == "" and facts.role != "table"):
        found.append(Way(role=facts.role, name=name))
    if facts.role in ALONE:
        found.append(Way(role=facts.role))
    if label := words(facts.label):
        found.append(Way(label=label))
    if placeholder := words(facts.placeholder):
        found.append(Way(placeholder=placeholder))
    if test_id := words(facts.attributes.get("data-testid", "")):
        found.append(Way(test_id=test_id))
    found += [Way(css=css) for css in _by_attributes(facts, known)]
    if trail := _by_position(facts):
        found.append(Way(css=trail))
    return tuple(dict.fromkeys(found))


def _by_attributes(facts: Facts, samples: Mapping[str, str]) -> list[str]:
    """Css by id, name, other attributes and type, in this order; values that look made up are left out."""
    ranked = sorted(facts.attributes, key=lambda key: ({"id": 0, "name": 1, "type": 9, "rel": 8}.get(key, 2), key))
    found = []
    for key in ranked:
        value = facts.attributes[key]
        general = generalise(value, samples)
        if not value or "{" in value or "}" in value or key == "data-testid" or UNSTABLE.search(re.sub(r"\{\w+\}", "", general)):
            continue
        plain_id = key == "id" and re.fullmatch(r"[A-Za-z_][\w-]*", general)
        found.append(f"{facts.tag}#{general}" if plain_id else f"{facts.tag}[{key}={_quoted(general)}]")
    return found


def _quoted(text: str) -> str:
    """A css string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _by_position(facts: Facts) -> str:
    """Css from the nearest ancestor with a stable id, or from the body, step by step."""
    steps: list[str] = []
    for step in reversed(facts.trail):
        if step.id and re.fullmatch(r"[A-Za-z_][\w-]*", step.id) and not UNSTABLE.search(step.id):
            return " > ".join([f"{step.tag}#{step.id}", *reversed(steps)])
        steps.append(step.css)
    return " > ".join(reversed(steps))


# -- pointing --------------------------------------------------------------------------------------------------------------
class Eye:
    """Describes elements of a page and finds ways to them. An element is named by a script expression that gives it, e.g. `window.found.search`."""

    def __init__(self, page: Page, samples: Mapping[str, str] | None = None) -> None:
        self.page, self.samples = page, dict(samples or {})
        self._session: CDPSession | None = None

    def taken(self, which: str, scope: Page | Locator) -> Taken:
        """What it is, and the ways that find it and nothing else inside `scope`."""
        facts = self.facts(which)
        return Taken(facts, tuple(way for way in propose(facts, self.samples) if self._fits(way, which, scope)))

    def _fits(self, way: Way, which: str, scope: Page | Locator) -> bool:
        """Whether the way finds exactly one element, and the right one."""
        from playwright.sync_api import Error

        try:
            locator = find(scope, way, self.samples)
            return locator.count() == 1 and bool(locator.evaluate(f"element => element === {which}"))
        except Error:
            return False  # a selector that the browser does not take is no way

    def facts(self, which: str) -> Facts:
        """Facts of the element that this script expression stands for."""
        told: dict[str, Any] = self.page.evaluate(f"() => ({FACTS})({which})")
        role, name = self._spoken(which)
        trail = tuple(Step(step["css"], step["tag"], step["id"]) for step in told.pop("trail"))
        return Facts(role=role, name=name, trail=trail, captions=tuple(told.pop("captions")), **told)

    def _spoken(self, which: str) -> tuple[str, str]:
        """Role and name as Chromium gives them to assistive programs."""
        if self._session is None:
            self._session = self.page.context.new_cdp_session(self.page)
        handle = self._session.send("Runtime.evaluate", {"expression": which})["result"]["objectId"]
        nodes = self._session.send("Accessibility.getPartialAXTree", {"objectId": handle, "fetchRelatives": False})["nodes"]
        node = nodes[0] if nodes else {}
        role = str(node.get("role", {}).get("value", ""))
        return {"image": "img"}.get(role, role), str(node.get("name", {}).get("value", ""))


class Recorder(Eye):
    """Lets a person point at elements of a page, one after the other."""

    def __init__(self, page: Page, samples: Mapping[str, str] | None = None, pointer: Pointer | None = None) -> None:
        super().__init__(page, samples)
        self._pointer = pointer
        page.add_init_script(SCRIPT)
        page.evaluate(SCRIPT)

    def next(self) -> Taken | None:
        """Wait until something is taken; None when the person is done or has closed the window."""
        from playwright.sync_api import Error

        try:
            self.page.evaluate("() => window.__pointing && window.__pointing.release()")
            with self.page.expect_console_message(lambda message: message.text == TOLD, timeout=0):
                if self._pointer is not None:
                    self._pointer(self.page)
            if self.page.evaluate("() => window.__pointing.ended"):
                return None
            return self.taken("window.__pointing.picked", self.page)
        except Error:
            if self.page.is_closed():
                return None
            raise

    def regions(self) -> tuple[Taken, ...]:
        """What stands around the element taken last (dialog, form, section, the page's main part), nearest first; each found by at least one way."""
        count: int = self.page.evaluate("() => window.__pointing.around.length")
        around = (self.taken(f"window.__pointing.around[{index}]", self.page) for index in range(count))
        return tuple(taken for taken in around if taken.ways)

    def inside(self, region: Element) -> Taken | None:
        """The element taken last, with the ways that find it alone inside `region`; None when it does not stand in that region."""
        scope = find(self.page, region.ways[0], self.samples)
        if scope.count() != 1 or not scope.evaluate("element => element !== window.__pointing.picked && element.contains(window.__pointing.picked)"):
            return None
        return self.taken("window.__pointing.picked", scope)


# -- page files ------------------------------------------------------------------------------------------------------------
def set_element(text: str, name: str, element: Element) -> str:
    """A page file's text with this element in it, new or in place of the one of that name; every other line and comment stays.

    Raises ValueError when the file's `elements` are not written one below the other.
    """
    lines = text.rstrip("\n").split("\n")
    head = next((number for number, line in enumerate(lines) if re.match(r"elements:", line)), None)
    if head is None:
        lines.append("elements:")
        head = len(lines) - 1
    if re.fullmatch(r"elements:\s*(\{\s*\})?\s*(#.*)?", lines[head]) is None:
        raise ValueError("write `elements:` with one element below the other")
    lines[head] = "elements:"
    end = next((number for number in range(head + 1, len(lines)) if re.match(r"\S", lines[number]) and not lines[number].startswith("#")), len(lines))
    start = next((number for number in range(head + 1, end) if re.match(rf'  "?{re.escape(name)}"?:', lines[number])), None)
    if start is None:
        return "\n".join([*lines[:end], *_as_yaml(name, element), *lines[end:]]) + "\n"
    over = next((number for number in range(start + 1, end) if re.match(r" {0,2}\S", lines[number])), end)
    return "\n".join([*lines[:start], *_as_yaml(name, element), *lines[over:]]) + "\n"


def set_path(text: str, path: str) -> str:
    """A page file's text with this address as its `path`, in place of the one that it has (or had as a comment)."""
    line = f"path: {json.dumps(path, ensure_ascii=False)}"
    for pattern in (r"^path:.*$", r"^# path:.*$"):
        if re.search(pattern, text, flags=re.MULTILINE):
            return re.sub(pattern, lambda _: line, text, count=1, flags=re.MULTILINE)
    return f"{line}\n{text}"


def _as_yaml(name: str, element: Element) -> list[str]:
    """An element as the lines of a page file."""
    lines = [f"  {_key(name)}:"]
    if element.risk != "read":
        lines.append(f"    risk: {element.risk.value}")
    if element.optional:
        lines.append("    optional: true")
    if element.within:
        lines.append(f"    within: {element.within}")
    lines.append("    ways:")
    for way in element.ways:
        pairs = ", ".join(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in way.model_dump(exclude_none=True).items())
        lines.append(f"      - {{{pairs}}}")
    for title in ("columns", "fields"):
        captions: dict[str, str] | None = getattr(element, title)
        if captions:
            lines += [f"    {title}:", *(f"      {_key(ours)}: {json.dumps(caption, ensure_ascii=False)}" for ours, caption in captions.items())]
    return lines


def _key(name: str) -> str:
    """A name as a key of YAML, which takes a bare `no` or `on` for false or true."""
    return name if name not in ("y", "n", "yes", "no", "on", "off", "true", "false", "null") else f'"{name}"'
