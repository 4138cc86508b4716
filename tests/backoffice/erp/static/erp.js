"use strict";
// A form with data-confirm is first checked by the server (step=check); the server's terms fill the confirm dialog, whose own button sends the form.
let pending = null;

const busy = (on) => document.body.setAttribute("aria-busy", String(on));

function complain(form, text) {
  let place = form.querySelector("[role=alert]");
  if (!place) {
    place = document.querySelector("main > .error") || document.createElement("p");
    place.className = "error";
    place.setAttribute("role", "alert");
    document.querySelector("main .title").after(place);
  }
  place.textContent = text;
  place.hidden = false;
}

async function check(form) {
  const body = new FormData(form);
  body.append("step", "check");
  let answer, told;
  try {
    answer = await fetch(form.action, { method: "POST", body });
    if (answer.redirected) return location.assign(answer.url);
    told = answer.headers.get("content-type") === "application/json" ? await answer.json() : { error: answer.status === 403 ? "表单已过期，请刷新页面后重试。" : "系统内部错误，请稍后再试。" };
  } catch {
    told = { error: "网络异常，请重试。" };
  }
  const alert = form.querySelector("[role=alert]");
  if (alert) alert.hidden = true;
  if (!told.terms) return complain(form, told.error);
  const dialog = document.getElementById(form.dataset.confirm);
  for (const place of dialog.querySelectorAll("[data-term]")) place.textContent = told.terms[place.dataset.term];
  pending = form;
  dialog.showModal();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.confirm) return busy(true); // until the next page is there
  event.preventDefault();
  check(form);
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.open) document.getElementById(button.dataset.open).showModal();
  if ("yes" in button.dataset && pending) {
    busy(true);
    button.disabled = true; // one click, one form
    pending.submit();
    pending = null;
  }
  if ("close" in button.dataset) {
    const toast = button.closest(".toast");
    toast ? toast.remove() : button.closest("dialog").close();
  }
});

function notice(dialog) {
  dialog.querySelector("button").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    dialog.remove();
    fetch("/notice", { method: "POST", headers: { "X-CSRF": document.body.dataset.csrf } });
  });
  dialog.showModal();
}

function liveSearch(field) {
  const body = document.querySelector("table[data-rows] tbody");
  const width = document.querySelectorAll("table[data-rows] thead th").length;
  let timer = 0;
  let asked = 0;
  const show = ({ rows, total }) => {
    body.replaceChildren(
      ...rows.map(({ url, cells }) => {
        const tr = document.createElement("tr");
        cells.forEach((text, at) => {
          const td = tr.insertCell();
          if (at === 0) td.append(Object.assign(document.createElement("a"), { href: url, textContent: text }));
          else td.textContent = text;
          if (at === width - 1) td.className = "num";
        });
        return tr;
      }),
    );
    if (!rows.length) body.innerHTML = `<tr class="none"><td colspan="${width}">没有符合条件的订单</td></tr>`;
    document.querySelector(".pager").replaceChildren(Object.assign(document.createElement("span"), { textContent: `显示 ${rows.length} 条，共 ${total} 条` }));
  };
  const search = async () => {
    const turn = ++asked;
    body.parentElement.setAttribute("aria-busy", "true");
    const answer = await fetch(`${field.dataset.live}?q=${encodeURIComponent(field.value)}&size=${field.form.elements.size.value}`);
    if (answer.status === 401 || answer.redirected) return location.reload();
    const told = await answer.json();
    if (turn !== asked) return; // a later letter was typed meanwhile
    show(told);
    body.parentElement.setAttribute("aria-busy", "false");
  };
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, 300);
  });
}

for (const dialog of document.querySelectorAll("dialog[data-show]")) dialog.showModal();
for (const field of document.querySelectorAll("input[data-live]")) liveSearch(field);
for (const dialog of document.querySelectorAll("dialog[data-notice]")) notice(dialog);
busy(false);
