// Where the reader goes on: skip links to the regions of a page, and the focus after htmx has exchanged a part.
(() => {
  // The first thing to read after a refused form is what is wrong.
  (document.querySelector("[data-mci-focus]") ?? document.querySelector("main [aria-invalid=true]"))?.focus();

  // After "Skip to content": each element with data-mci-region="its name", and the parts that every list has. They are
  // looked for when the reader is there, so that what has come and gone is told as it is.
  const skips = document.getElementById("mci-skips");
  const REGIONS = [
    ["[data-mci-region]", null],
    ["main form.filters", "filters"],
    ["main .scroll, main .mci-rows, main .mci-link-list, main .mci-desk, main .tbl", "list"],
    [".bulk", "bulk"],
  ];
  const seen = (node) => node.getClientRects().length > 0 && !node.closest("dialog, [popover]:not(:popover-open):not(.side)");
  const build = () => {
    skips.querySelectorAll("a[data-mci-skip]").forEach((link) => link.remove());
    const told = new Set();
    for (const [selector, kind] of REGIONS) {
      for (const node of document.querySelectorAll(selector)) {
        const name = node.dataset.mciRegion || (kind && skips.dataset[kind]);
        if (!name || told.has(name) || !seen(node)) continue;
        told.add(name);
        node.id ||= `mci-region-${told.size}`;
        const link = document.createElement("a");
        Object.assign(link, { className: "skip", href: `#${node.id}`, textContent: skips.dataset.to.replace("{name}", name) });
        link.dataset.mciSkip = "";
        skips.append(link);
      }
    }
  };
  skips?.addEventListener("focusin", (event) => { if (!event.target.hasAttribute("data-mci-skip")) build(); });
  skips?.addEventListener("click", (event) => {
    const target = document.getElementById(event.target.closest("a")?.hash.slice(1) ?? "");
    if (!target) return;
    event.preventDefault();
    if (!target.matches("a[href], button, input, select, textarea, [tabindex]")) target.tabIndex = -1;
    target.focus();
    target.scrollIntoView({ block: "nearest" });
  });

  // htmx gives the focus back to what has the same id. Else: to the same control of the new part, to what the part marks
  // with data-mci-focus, to its heading, to the part itself. Who is elsewhere stays there.
  const before = new WeakMap();
  const CONTROLS = "a[href], button, input:not([type=hidden]), select, textarea, summary";
  const words = (node) => (node.getAttribute("aria-label") || node.textContent || "").trim().replace(/\s+/g, " ");
  const like = (old) => (node) =>
    node.tagName === old.tag && node.getAttribute("name") === old.name && (old.name ? !old.value || node.value === old.value : node.getAttribute("href") === old.href && words(node) === old.words);

  document.addEventListener("htmx:beforeRequest", (event) => {
    const { elt, target, xhr } = event.detail;
    const active = document.activeElement;
    if (!active || active === document.body || !(elt.contains(active) || target?.contains(active))) return;
    before.set(xhr, {
      id: active.id, tag: active.tagName, name: active.getAttribute("name"), href: active.getAttribute("href"),
      value: active.matches("input[type=radio], input[type=checkbox], button") ? active.value : "", words: words(active), node: active,
    });
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target, xhr } = event.detail;
    const old = before.get(xhr) || (target?.contains(document.activeElement) && document.activeElement !== target
      ? { id: document.activeElement.id, tag: document.activeElement.tagName, name: document.activeElement.getAttribute("name"), href: document.activeElement.getAttribute("href"), value: "", words: words(document.activeElement), node: document.activeElement }
      : null);
    if (!old || !target) return;
    before.set(xhr, { ...old, target, parent: target.parentElement, at: [...(target.parentElement?.children ?? [])].indexOf(target) });
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const old = before.get(event.detail.xhr);
    if (!old?.target) return;
    before.delete(event.detail.xhr);
    const part = old.target.isConnected ? old.target : old.parent?.children[old.at];
    const marked = part?.querySelector?.("[data-mci-focus]");
    const lost = !document.activeElement || document.activeElement === document.body;
    if (marked) return marked.focus();
    if (!lost || !part) return;
    if (old.node.isConnected && !old.node.disabled) return old.node.focus({ preventScroll: true });
    const same = (old.id && document.getElementById(old.id)) || [...part.querySelectorAll(CONTROLS)].find(like(old));
    if (same && !same.disabled) return same.focus({ preventScroll: true });
    const heading = part.querySelector("h1, h2, h3, legend, caption") || part;
    if (!heading.hasAttribute("tabindex")) heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  });
})();
