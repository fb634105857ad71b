// The boxes that Select2 puts in the place of a select have no name of their own: they get that of its label.
(() => {
  const named = (select) => {
    const label = select.labels[0]?.textContent.replace(/:\s*$/, "").trim();
    const box = select.nextElementSibling?.querySelector(".select2-selection");
    if (!label || !box) return;
    const shown = box.querySelector(".select2-selection__rendered");
    shown?.removeAttribute("role");
    shown?.removeAttribute("aria-readonly");
    select.labels[0].id ||= `${select.id}-label`;
    box.setAttribute("aria-labelledby", [select.labels[0].id, shown?.id].filter(Boolean).join(" "));
  };
  const all = () => document.querySelectorAll("select.admin-autocomplete").forEach(named);
  // Select2 comes when it is ready, and again with each row that is added.
  new MutationObserver((changes) => {
    if (changes.some((change) => [...change.addedNodes].some((node) => node.matches?.(".select2-container, tr, .inline-related")))) all();
  }).observe(document.documentElement, { childList: true, subtree: true });
  addEventListener("load", all);
  addEventListener("load", () => window.django?.jQuery(document).on("select2:open", (event) => {
    const label = event.target.labels?.[0]?.textContent.trim();
    const search = document.querySelector(".select2-container--open .select2-search__field");
    const list = document.querySelector(".select2-results__options");
    if (!label || !list) return;
    for (const part of [search, list, list.closest(".select2-container")]) part?.setAttribute("aria-label", label);
    list.closest(".select2-container").setAttribute("role", "region"); // it hangs from the body, outside of all parts
    for (const part of [search, event.target.nextElementSibling?.querySelector(".select2-selection")]) part?.setAttribute("aria-controls", list.id);
  }));
})();
