// The keys of the console: / goes to the search, the arrows walk through what it found, Escape leaves it.
"use strict";

document.addEventListener("keydown", (event) => {
  const box = document.getElementById("q");
  if (!box || event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing) {
    event.preventDefault();
    box.focus();
    box.select();
    return;
  }
  const list = box.getAttribute("hx-target") === "#found" ? "#found" : "#results";
  const found = [...document.querySelectorAll(`${list} a[href]`)];
  if (event.key === "Escape" && (event.target === box || found.includes(event.target))) {
    const shown = document.getElementById("found");
    if (shown) shown.replaceChildren();
    box.focus();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const step = event.key === "ArrowDown" ? 1 : -1;
    const here = event.target === box ? -1 : found.indexOf(event.target);
    if (event.target !== box && here < 0) return;
    event.preventDefault();
    (found[here + step] || box).focus();
  }
});

// A button that copies a text is shown where there are scripts.
for (const button of document.querySelectorAll("button[data-copies]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).value);
    button.textContent = button.dataset.copied;
  });
}

// What was found goes away when another part of the page is used.
document.addEventListener("focusin", (event) => {
  const shown = document.getElementById("found");
  if (shown && !event.target.closest(".find")) shown.replaceChildren();
});

// A part of a page that is told anew keeps what was opened in it, and waits while somebody types in it.
const opened = new Set();
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.id === "acts" && event.target.querySelector("details.act[open]")) event.preventDefault();
});
document.addEventListener("htmx:beforeSwap", (event) => {
  opened.clear();
  for (const each of event.detail.target.querySelectorAll("details[id][open]")) opened.add(each.id);
});
document.addEventListener("htmx:afterSettle", () => {
  for (const id of opened) {
    const again = document.getElementById(id);
    if (again) again.open = true;
  }
  opened.clear();
});

// The form of a plan tells how many steps are ticked. A list that grew goes on at its first new line.
const tellTicked = () => {
  const told = document.querySelector(".scope.ticked");
  if (!told) return;
  const count = document.querySelectorAll('input[form="plan"]:checked').length;
  told.hidden = count === 0;
  told.textContent = told.dataset.count.replace("{count}", count);
  told.previousElementSibling.hidden = count > 0;
};
document.addEventListener("change", (event) => {
  if (event.target.matches('input[form="plan"]')) tellTicked();
});
let grown = null;
document.addEventListener("htmx:beforeSwap", (event) => {
  const more = event.detail.target;
  grown = more.matches(".more") ? { list: more.parentElement, at: [...more.parentElement.children].indexOf(more) } : null;
});
document.addEventListener("htmx:afterSettle", () => {
  const first = grown && grown.list.children[grown.at];
  grown = null;
  if (first) (first.querySelector("input, a[href]") || first).focus();
});
document.addEventListener("DOMContentLoaded", tellTicked);
