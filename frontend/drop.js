// A file may be dragged onto the place around its field; the field shows its name. Works on any form with `data-drop`.
const over = (event) => event.target.closest?.("[data-drop]");

for (const name of ["dragover", "dragenter"]) {
  document.addEventListener(name, (event) => {
    const place = over(event);
    if (!place || ![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    place.classList.add("drop--over");
  });
}
for (const name of ["dragleave", "drop"]) {
  document.addEventListener(name, (event) => over(event)?.classList.remove("drop--over"));
}
document.addEventListener("drop", (event) => {
  const field = over(event)?.querySelector("input[type=file]");
  if (!field || !event.dataTransfer.files.length) return;
  event.preventDefault();
  const one = new DataTransfer();
  one.items.add(event.dataTransfer.files[0]);
  field.files = one.files;
  field.dispatchEvent(new Event("change", { bubbles: true }));
});
