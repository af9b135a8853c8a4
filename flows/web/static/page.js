// What a page does more where scripts run: buttons that copy. Without scripts they stay hidden, and nothing is missing.
"use strict";

function offerCopying(root) {
  for (const button of root.querySelectorAll("button[data-copy]")) {
    button.hidden = !navigator.clipboard;
  }
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  await navigator.clipboard.writeText(source.value ?? source.textContent);
  const before = button.textContent;
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = before; }, 1500);
});

document.addEventListener("DOMContentLoaded", () => offerCopying(document));
document.addEventListener("htmx:afterSettle", () => offerCopying(document));
