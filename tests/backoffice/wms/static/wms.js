"use strict";
// Dialogs open and close; a form with data-confirm first shows its terms again and is sent by the dialog's own button only.
document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.open) document.getElementById(button.dataset.open).showModal();
  if ("close" in button.dataset) {
    const toast = button.closest(".toast");
    toast ? toast.remove() : button.closest("dialog").close();
  }
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  const button = event.submitter;
  if (!form.dataset.confirm || (button && "yes" in button.dataset)) {
    document.body.setAttribute("aria-busy", "true"); // until the next page is there
    return;
  }
  event.preventDefault();
  const dialog = document.getElementById(form.dataset.confirm);
  for (const place of dialog.querySelectorAll("[data-from]")) place.textContent = form.elements[place.dataset.from].value;
  dialog.showModal();
});
for (const dialog of document.querySelectorAll("dialog[data-show]")) dialog.showModal();
document.body.setAttribute("aria-busy", "false");
