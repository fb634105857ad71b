// A form that is sent says so, and is sent once. The button keeps its name and value: it is never disabled.
(() => {
  const root = document.getElementById("mci-work");
  const status = document.getElementById("mci-status");
  const LONG = 2500, GIVE_UP = 30000; // ms: from when there is a bar; until what was no page (a file) frees the button
  const working = new Map();

  const leaves = (form, button) => {
    const target = button?.getAttribute("formtarget") || form.target;
    const method = (button?.getAttribute("formmethod") || form.getAttribute("method") || "get").toLowerCase();
    return method !== "dialog" && (!target || target === "_self") && !form.matches("[hx-post], [hx-get], [data-mci-many], [data-hx-post]");
  };
  const begin = (form, button) => {
    const kept = { button, timers: [] };
    form.dataset.mciSent = "1";
    form.setAttribute("aria-busy", "true");
    if (button && root) {
      kept.children = [...button.childNodes];
      kept.width = button.style.minWidth;
      const small = button.matches(".iconbtn") || button.getBoundingClientRect().width < 60;
      button.classList.add("mci-working");
      button.setAttribute("aria-disabled", "true");
      button.replaceChildren(root.content.cloneNode(true));
      const words = button.querySelector("[data-words]");
      if (button.dataset.mciWorking) words.textContent = button.dataset.mciWorking;
      if (small) words.className = "vh";
    }
    kept.timers.push(setTimeout(() => {
      document.documentElement.classList.add("mci-long");
      if (status && root) status.textContent = root.dataset.long;
    }, LONG), setTimeout(() => end(form), GIVE_UP));
    working.set(form, kept);
  };
  const end = (form) => {
    const kept = working.get(form);
    working.delete(form);
    delete form.dataset.mciSent;
    form.removeAttribute("aria-busy");
    document.documentElement.classList.remove("mci-long");
    kept?.timers.forEach(clearTimeout);
    if (kept?.children) {
      kept.button.classList.remove("mci-working");
      kept.button.removeAttribute("aria-disabled");
      kept.button.replaceChildren(...kept.children);
    }
  };

  document.addEventListener("submit", (event) => {
    const form = event.target, button = event.submitter;
    if (form.dataset.mciSent) {
      event.preventDefault();
      return;
    }
    if (event.defaultPrevented || !leaves(form, button)) return;
    const shown = button || form.querySelector("button:not([type=button]):not([type=reset])");
    // After the browser has read the form, so that nothing of it is missing.
    form.dataset.mciSent = "1";
    setTimeout(() => (event.defaultPrevented ? delete form.dataset.mciSent : begin(form, shown)));
  });
  // Back by history, from the cache or not: everything is as it was before it was sent.
  addEventListener("pageshow", () => {
    [...working.keys()].forEach(end);
    document.querySelectorAll("form[data-mci-sent]").forEach((form) => delete form.dataset.mciSent);
  });
})();
