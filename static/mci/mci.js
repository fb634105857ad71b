// Small behaviours of the shell. Everything here is an enhancement: the pages work without it.
(() => {
  const on = (type, selector, handler) =>
    document.addEventListener(type, (event) => {
      const element = event.target instanceof Element ? event.target.closest(selector) : null;
      if (element) handler(element, event);
    });

  // <button data-mci-close> closes the message it stands in.
  on("click", "[data-mci-close]", (button) => button.closest(".note")?.remove());

  // <button data-mci-copy="text"> copies; the label says so for two seconds.
  on("click", "[data-mci-copy]", async (button) => {
    try {
      await navigator.clipboard.writeText(button.dataset.mciCopy);
    } catch {
      return;
    }
    const status = document.getElementById("mci-status");
    if (status) status.textContent = status.dataset.copied;
    button.classList.add("ok");
    setTimeout(() => button.classList.remove("ok"), 2000);
  });

  // <button data-mci-reveal="id"> shows what is typed in a password field.
  on("click", "[data-mci-reveal]", (button) => {
    const field = document.getElementById(button.dataset.mciReveal);
    const shown = field.type === "text";
    field.type = shown ? "password" : "text";
    button.setAttribute("aria-pressed", String(!shown));
  });

  // <select data-mci-autosubmit> sends its form on change (the form keeps a button for those without JavaScript).
  on("change", "[data-mci-autosubmit]", (field) => field.form.requestSubmit());

  // A form is sent once: the second click on the same page does nothing. Coming back by history frees it again.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.hasAttribute("data-mci-many") || form.matches("[hx-post]")) return;
    if (form.dataset.mciSent) {
      event.preventDefault();
      return;
    }
    form.dataset.mciSent = "1";
    setTimeout(() => delete form.dataset.mciSent, 8000);
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) document.querySelectorAll("form[data-mci-sent]").forEach((form) => delete form.dataset.mciSent);
  });

  // The first thing to read after a refused form is what is wrong.
  const focus = () => document.querySelector("[data-mci-focus]")?.focus();
  focus();
  document.addEventListener("htmx:afterSwap", (event) => event.detail.target.querySelector?.("[data-mci-focus]")?.focus());

  // Ctrl K goes to the search field.
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      const field = document.getElementById("mci-search");
      if (!field || field.offsetParent === null) return;
      event.preventDefault();
      field.focus();
      field.select();
    }
  });

  // No connection, or an answer that htmx does not swap: say so, and take it back when it works again.
  const banner = document.getElementById("mci-banner");
  if (banner) {
    const show = (text) => { banner.textContent = text; banner.hidden = false; };
    const hide = () => { banner.hidden = true; };
    document.addEventListener("htmx:sendError", () => show(banner.dataset.offline));
    document.addEventListener("htmx:timeout", () => show(banner.dataset.offline));
    document.addEventListener("htmx:responseError", (event) =>
      show({ 429: banner.dataset.slow, 503: banner.dataset.busy }[event.detail.xhr.status] || banner.dataset.error));
    document.addEventListener("htmx:afterOnLoad", hide);
    addEventListener("offline", () => show(banner.dataset.offline));
    addEventListener("online", hide);
  }
})();
