// What HTML cannot do by itself: ticking all rows of a list, saying how many are ticked, and a key that leads to the search.
// Pages work without it; it only follows what the form holds.
"use strict";

function boxesOf(list) {
  return [...list.querySelectorAll("tbody .tick input[type=checkbox]")];
}

function tell(list) {
  const boxes = boxesOf(list);
  const ticked = boxes.filter((box) => box.checked).length;
  const all = list.querySelector("[data-tick-all]");
  if (all) {
    all.checked = ticked > 0 && ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
  }
  const said = list.querySelector("[data-ticked]");
  if (said) said.textContent = ticked ? `${ticked} selected ·` : "";
}

document.addEventListener("change", (event) => {
  const list = event.target.closest("#list");
  if (!list) return;
  if (event.target.matches("[data-tick-all]")) {
    for (const box of boxesOf(list)) box.checked = event.target.checked;
  }
  tell(list);
});

document.addEventListener("htmx:after:swap", () => {
  const list = document.getElementById("list");
  if (list) tell(list);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.target.closest("input, select, textarea, [contenteditable]")) return;
  const box = document.getElementById("q") || document.getElementById("find");
  if (!box) return;
  event.preventDefault();
  box.focus();
  box.select();
});
