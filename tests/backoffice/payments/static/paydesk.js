"use strict";
// Search while typing, and the two steps of a refund: the form is checked by the server, which says what will be done.
const busy = (yes) => document.body.setAttribute("aria-busy", String(yes));
const search = document.querySelector("[data-search]");
if (search) {
  let timer = 0, turn = 0;
  search.addEventListener("input", () => {
    clearTimeout(timer);
    const mine = ++turn;
    busy(true);
    timer = setTimeout(async () => {
      const answer = await fetch(`${search.dataset.search}?q=${encodeURIComponent(search.value)}`);
      if (answer.status === 401) return location.reload();
      const rows = await answer.text();
      if (mine !== turn) return;
      document.getElementById(search.dataset.into).innerHTML = rows;
      document.querySelector(".pager")?.remove();
      busy(false);
    }, 300);
  });
}
const form = document.getElementById("refund"), sure = document.getElementById("confirm");
document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if ("close" in button.dataset) (button.closest(".toast") ? button.closest(".toast").remove() : button.closest("dialog").close());
  if ("back" in button.dataset) { sure.close(); form.showModal(); }
  if (button.dataset.refund) {
    form.querySelector("form").reset();
    form.querySelector("[name=capture_id]").value = button.dataset.refund;
    form.querySelector("[data-most]").textContent = `${button.dataset.currency} ${button.dataset.left}`;
    form.querySelector("[data-error]").hidden = true;
    form.showModal();
  }
});
document.addEventListener("submit", async (event) => {
  const sent = event.target;
  if (sent.method !== "post" && !sent.dataset.check) return;
  busy(true); // until the next page or step is there
  if (!sent.dataset.check) return;
  event.preventDefault();
  const error = form.querySelector("[data-error]");
  error.hidden = true;
  const answer = await fetch(sent.dataset.check, { method: "POST", body: new FormData(sent), headers: { "X-CSRF": document.body.dataset.csrf } });
  if (answer.status === 401 || answer.redirected) return location.reload();
  const said = answer.headers.get("content-type")?.includes("json") ? await answer.json() : { error: `The server answered ${answer.status}.` };
  if (said.error) {
    error.textContent = said.error;
    error.hidden = false;
  } else {
    for (const place of sure.querySelectorAll("[data-shown]")) place.textContent = said[place.dataset.shown];
    sure.querySelector("[name=draft]").value = said.draft;
    const go = sure.querySelector(".primary");
    go.textContent = `${go.dataset.caption} ${said.amount}`;
    form.close();
    sure.showModal();
  }
  busy(false);
});
busy(false);
