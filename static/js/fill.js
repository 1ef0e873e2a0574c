// An example is put into the line of quick add, where one can read what it means before adding it.
document.addEventListener("click", (event) => {
  const example = event.target.closest("[data-fill]");
  const line = document.getElementById("quick-add-line");
  if (!example || !line) return;
  event.preventDefault();
  line.value = example.dataset.fill;
  line.focus();
  line.dispatchEvent(new Event("input", { bubbles: true }));
});
