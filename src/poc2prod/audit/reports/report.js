"use strict";
// Without this script, or on paper, everything shows.
const form = document.getElementById("filters");
const findings = [...document.querySelectorAll(".finding")];
const details = [...document.querySelectorAll("details.more")];
const boxes = [...form.querySelectorAll("[name=status]")];
const OPEN = ["ERROR", "FAIL", "STUB", "STALE", "MISSING", "UNKNOWN"];

const apply = () => {
  const statuses = boxes.filter((box) => box.checked).map((box) => box.value);
  const wanted = { step: form.elements.step.value, role: form.elements.role.value };
  const text = form.elements.text.value.trim().toLowerCase();
  let shown = 0;
  for (const finding of findings) {
    const { step, role, status } = finding.dataset;
    finding.hidden = !(
      statuses.includes(status) &&
      (!wanted.step || wanted.step === step) &&
      (!wanted.role || wanted.role === role) &&
      (!text || finding.textContent.toLowerCase().includes(text))
    );
    shown += !finding.hidden;
  }
  for (const group of document.querySelectorAll(".group[aria-labelledby]")) {
    group.hidden = !group.querySelector(".finding:not([hidden])");
  }
  document.getElementById("shown").textContent = `${shown} of ${findings.length} checks`;
};

const follow = () => {
  const target = document.getElementById(location.hash.slice(1));
  if (!target) return;
  if (target.closest("[hidden]")) {
    for (const hidden of [target, target.closest(".group")]) hidden.hidden = false;
    form.reset();
  }
  if (target.matches(".finding")) target.querySelector("details").open = true;
  target.scrollIntoView();
};

for (const one of details) one.open = false;
addEventListener("beforeprint", () => {
  for (const one of details) {
    one.dataset.was = one.open ? "open" : "";
    one.open = true;
  }
});
addEventListener("afterprint", () => {
  for (const one of details) one.open = one.dataset.was === "open";
});
form.addEventListener("input", apply);
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", () => setTimeout(apply));
document.getElementById("only-open").addEventListener("click", () => {
  for (const box of boxes) box.checked = OPEN.includes(box.value);
  apply();
});
addEventListener("hashchange", follow);
form.hidden = false;
apply();
follow();
