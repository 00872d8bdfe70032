// Machine data: values that keep new by themselves, and charts to zoom. Without this file the pages show what the server has put there.
import { live } from "./iot/live.js";
import { charts } from "./iot/history.js";

const begin = () => {
  document.querySelectorAll("[data-live]").forEach(live);
  document.querySelectorAll("[data-history]").forEach(charts);
};
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
else begin();
