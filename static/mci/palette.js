// Ctrl K (and /) opens the search over everything: a combobox over links. Without this file its form is a plain one.
(() => {
  const palette = document.getElementById("mci-palette");
  if (!palette?.showModal) return;
  const field = palette.querySelector("[role=combobox]");
  const found = document.getElementById("mci-palette-found");
  const status = document.getElementById("mci-palette-say");
  const options = () => [...found.querySelectorAll("[role=option]")];
  let opener = null;

  const choose = (option) => {
    options().forEach((one) => one.setAttribute("aria-selected", String(one === option)));
    if (option) {
      field.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else field.removeAttribute("aria-activedescendant");
  };
  const open = (text = "") => {
    if (palette.open) return;
    opener = document.activeElement;
    palette.showModal();
    if (text) field.value = text;
    field.focus();
    field.select();
    htmx.trigger(field, "mci:open");
  };

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    const ctrlK = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k";
    const slash = event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey;
    if ((!ctrlK && !slash) || document.querySelector("dialog:modal:not(#mci-palette)")) return;
    event.preventDefault();
    if (palette.open) field.select();
    else open();
  });
  document.querySelectorAll("[data-mci-palette]").forEach((way) => {
    way.addEventListener("click", (event) => { event.preventDefault(); open(way.value); });
    way.addEventListener("input", () => { const text = way.value; way.value = ""; open(text); field.setSelectionRange(text.length, text.length); });
  });
  palette.addEventListener("close", () => opener?.isConnected && opener.focus({ preventScroll: true }));
  palette.addEventListener("click", (event) => { if (event.target === palette || event.target.closest("[data-close]")) palette.close(); });

  field.addEventListener("keydown", (event) => {
    const all = options();
    const at = all.findIndex((one) => one.getAttribute("aria-selected") === "true");
    const to = { ArrowDown: at + 1 < all.length ? at + 1 : 0, ArrowUp: at > 0 ? at - 1 : all.length - 1 }[event.key];
    if (to !== undefined && all.length) {
      event.preventDefault();
      choose(all[to]);
    } else if (event.key === "Escape") {
      event.preventDefault(); // a search field would only be emptied
      palette.close();
    } else if (event.key === "Enter" && at >= 0) {
      event.preventDefault();
      all[at].click();
    }
  });
  field.addEventListener("input", () => choose(null));
  found.addEventListener("htmx:afterSwap", () => {
    const some = options().length > 0;
    field.setAttribute("aria-expanded", String(some));
    choose(null);
    status.textContent = found.querySelector("[data-mci-say]")?.dataset.mciSay ?? "";
  });
})();
