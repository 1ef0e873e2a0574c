// Files on the page of a task: each that is chosen or dropped goes by itself, with a bar that says how far it is.
const attach = (form) => {
  const input = form.elements.files;
  const uploads = form.querySelector(".uploads");
  const section = form.parentElement;
  form.dataset.alone = ""; // the styles show the line instead of the button

  const row = (name) => {
    const item = uploads.appendChild(document.createElement("li"));
    item.className = "upload";
    const label = item.appendChild(document.createElement("span"));
    label.textContent = name;
    label.className = "truncate";
    const bar = item.appendChild(document.createElement("progress"));
    bar.setAttribute("aria-label", name);
    return { item, bar };
  };

  const refuse = (item, sentence) => {
    item.className = "field-error";
    item.textContent = sentence;
  };

  const send = (file) =>
    new Promise((done) => {
      const { item, bar } = row(file.name);
      const say = (words) => refuse(item, words.replace("%s", file.name));
      if (file.size > Number(form.dataset.most)) return done(say(form.dataset.tooLarge));
      const body = new FormData();
      body.append("files", file);
      const xhr = new XMLHttpRequest();
      xhr.open("POST", form.action);
      xhr.setRequestHeader("HX-Request", "true");
      xhr.setRequestHeader("X-CSRFToken", form.elements.csrfmiddlewaretoken.value);
      xhr.upload.addEventListener("progress", ({ loaded, total }) => ((bar.max = total || 1), (bar.value = loaded)));
      xhr.addEventListener("loadend", () => {
        if (xhr.status === 200) item.remove();
        else if (xhr.status === 422) refuse(item, xhr.responseText);
        else say(form.dataset.failed);
        done();
      });
      xhr.send(body);
    });

  const sendAll = async (files) => {
    uploads.replaceChildren();
    for (const file of files) await send(file);
    htmx.trigger(document.body, "task-changed", { task: form.dataset.attach });
  };

  input.addEventListener("change", () => {
    const files = [...input.files];
    input.value = "";
    if (files.length) sendAll(files);
  });

  // A folder has no content that could be sent; what carries no file is not for us.
  const carriesFiles = ({ dataTransfer }) => dataTransfer.types.includes("Files");
  for (const name of ["dragenter", "dragover"])
    section.addEventListener(name, (event) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      section.dataset.drop = "over";
    });
  section.addEventListener("dragleave", ({ relatedTarget }) => {
    if (!section.contains(relatedTarget)) delete section.dataset.drop;
  });
  section.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    delete section.dataset.drop;
    sendAll(event.dataTransfer.files);
  });
};
document.addEventListener("htmx:load", ({ target }) => {
  for (const form of target.querySelectorAll("[data-attach]:not([data-alone])")) attach(form);
});
