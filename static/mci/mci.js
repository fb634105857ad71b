// Small behaviours of the shell. Everything here is an enhancement: the pages work without it.
(() => {
  const on = (type, selector, handler) =>
    document.addEventListener(type, (event) => {
      const element = event.target instanceof Element ? event.target.closest(selector) : null;
      if (element) handler(element, event);
    });
  const status = document.getElementById("mci-status");
  const say = (text) => { if (status) status.textContent = text; };

  // Messages lie over the page and move nothing. They are read out once: those of a new page from here, those that
  // htmx puts into the region by the region itself.
  const region = document.getElementById("messages");
  if (region?.textContent.trim()) {
    setTimeout(() => say([...region.querySelectorAll("[data-mci-text]")].map((part) => part.textContent.trim()).join(" ")), 150);
  }
  document.addEventListener("toggle", (event) => {
    if (!event.target.matches?.("#messages details") || event.target.open) return;
    const had = event.target.contains(document.activeElement);
    event.target.remove();
    if (had) document.getElementById("content")?.focus({ preventScroll: true });
  }, true);
  // What went well goes by itself, unless somebody is at it; what did not stays until it is closed.
  const fade = () => document.querySelectorAll("#messages details:is([data-level=success],[data-level=info]):not([data-mci-timed])").forEach((note) => {
    note.dataset.mciTimed = "";
    const go = () => (note.matches(":hover, :focus-within") ? setTimeout(go, 4000) : note.remove());
    setTimeout(go, 12000);
  });
  fade();
  document.addEventListener("htmx:oobAfterSwap", fade);
  // A message never lies over what has the focus: it moves below.
  document.addEventListener("focusin", (event) => {
    const box = document.getElementById("messages");
    if (!box || !box.children.length || box.contains(event.target) || !document.querySelector(".shell")) return;
    box.classList.remove("mci-low");
    const [a, b] = [event.target.getBoundingClientRect(), box.getBoundingClientRect()];
    box.classList.toggle("mci-low", a.width > 0 && a.left < b.right && a.right > b.left && a.top < b.bottom && a.bottom > b.top && a.height < 200);
  });

  // <button data-mci-copy="text"> copies; the label says so for two seconds.
  on("click", "[data-mci-copy]", async (button) => {
    try {
      await navigator.clipboard.writeText(button.dataset.mciCopy);
    } catch {
      return;
    }
    say(status?.dataset.copied);
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

  // No connection, or an answer that htmx does not swap: say so, and take it back when it works again. That the session
  // is over has words of its own (session.js).
  const banner = document.getElementById("mci-banner");
  if (banner) {
    const show = (text) => { banner.textContent = text; banner.hidden = false; };
    const hide = () => { banner.hidden = true; };
    document.addEventListener("htmx:sendError", () => show(banner.dataset.offline));
    document.addEventListener("htmx:timeout", () => show(banner.dataset.offline));
    document.addEventListener("htmx:responseError", (event) => {
      const code = event.detail.xhr.status;
      if (code !== 401) show({ 429: banner.dataset.slow, 503: banner.dataset.busy }[code] || banner.dataset.error);
    });
    document.addEventListener("htmx:afterOnLoad", hide);
    addEventListener("offline", () => show(banner.dataset.offline));
    addEventListener("online", hide);
  }
})();
