// Buttons that copy the text of the element whose id they name. Without a clipboard they stay hidden.
document.addEventListener("htmx:load", ({ target }) => {
  if (!navigator.clipboard) return;
  for (const button of target.querySelectorAll("button[data-copy]")) button.hidden = false;
});
document.addEventListener("click", async ({ target }) => {
  const button = target.closest("button[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
  button.lastChild.textContent = button.dataset.copied;
});
