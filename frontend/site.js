// Everything works without this file. It adds: partial updates (htmx), a print button, and "please wait" while a form is sent.
import "htmx.org";

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sending) return event.preventDefault();
  if (form.method === "post") form.dataset.sending = "1";
});

window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sending]").forEach((form) => delete form.dataset.sending);
});
