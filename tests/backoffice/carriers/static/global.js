"use strict";
// GlobalPost's events come by script, a page at a time; the table is busy until its first page is there.
const table = document.querySelector("table[data-tracking]");
if (table) {
  const more = document.querySelector("[data-more]");
  const shown = document.querySelector("[data-shown]");
  const body = table.tBodies[0];
  let page = 0;
  const load = async () => {
    table.setAttribute("aria-busy", "true");
    more.disabled = true;
    const answer = await fetch(`/api/events?tracking=${encodeURIComponent(table.dataset.tracking)}&page=${page + 1}`);
    if (answer.status === 401) location.href = "/login?expired=1";
    if (!answer.ok) {
      shown.textContent = "Events could not be loaded.";
      more.hidden = more.disabled = false;
      table.setAttribute("aria-busy", "false");
      return;
    }
    const data = await answer.json();
    page = data.page;
    for (const event of data.events) {
      const row = body.insertRow();
      for (const name of ["date", "zone", "place", "code", "text"]) row.insertCell().textContent = event[name];
      row.cells[3].className = "code";
    }
    shown.textContent = data.total ? `${body.rows.length} of ${data.total} events` : "No events yet.";
    more.hidden = body.rows.length >= data.total;
    more.disabled = false;
    table.setAttribute("aria-busy", "false");
  };
  more.addEventListener("click", load);
  load();
}
const banner = document.querySelector("dialog.cookies");
if (banner) {
  banner.showModal();
  banner.addEventListener("click", async (event) => {
    if (!("cookies" in event.target.dataset)) return;
    await fetch("/cookies", { method: "POST", headers: { "X-CSRF": document.body.dataset.csrf } });
    banner.close();
  });
}
