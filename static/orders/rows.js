// A list of orders: the keys of its rows, its place when the reader comes back, and what stays where it is while a row or
// the list is brought up to date. The pages work without this file.
const table = () => document.querySelector("#orders .tbl");
const rowOf = (element) => element?.closest?.("tr[data-order]");

// ---- what a swap takes away: the ticks, the focus and the place of a row under the mouse
let kept = null;

function nameOf(row, element) {
  // The same thing in the row's next version: by id, by its name, else by its kind.
  if (element.id) return `#${CSS.escape(element.id)}`;
  if (element.name) return `[name="${element.name}"]`;
  return ["ord", "syncb", "mci-pay", "fix"].map((kind) => `.${kind}`).find((kind) => element.matches(kind)) || ".ord";
}

// A button that is off while its request runs has lost the focus before the answer comes.
let asked = null;
document.addEventListener("htmx:beforeRequest", () => {
  const row = rowOf(document.activeElement);
  asked = row ? { order: row.dataset.order, what: nameOf(row, document.activeElement) } : null;
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const target = event.detail.target;
  if (!(target instanceof Element) || !(target.id === "orders" || target.matches("tr[data-order]"))) return;
  const active = document.activeElement;
  const row = rowOf(active) || (target.matches("tr[data-order]") ? target : null) || document.querySelector("tr[data-order]:hover");
  const rows = [...document.querySelectorAll("tr[data-order]")];
  kept = {
    order: row?.dataset.order,
    top: row?.getBoundingClientRect().top,
    // The one after it: where the reader goes on when the row leaves the list.
    next: rows.slice(rows.indexOf(row) + 1).map((one) => one.dataset.order),
    what: row && row.contains(active) ? nameOf(row, active) : asked && asked.order === row?.dataset.order ? asked.what : null,
    ticked: [...document.querySelectorAll("[data-row]:checked")].map((box) => box.value),
  };
});

document.addEventListener("htmx:afterSettle", () => {
  if (!kept) return;
  const { order, top, next, what, ticked } = kept;
  kept = null;
  for (const value of ticked) {
    const box = document.querySelector(`[data-row][value="${value}"]`);
    if (box) box.checked = true;
  }
  document.dispatchEvent(new CustomEvent("mci:rows"));
  if (!order) return;
  const find = (pk) => document.querySelector(`tr[data-order="${pk}"]`);
  const row = find(order) || next.map(find).find(Boolean);
  if (!row) return;
  if (row.dataset.order === order) scrollBy({ top: row.getBoundingClientRect().top - top, behavior: "instant" });
  asked = null;
  if (!what || (document.activeElement && document.activeElement !== document.body && document.activeElement.isConnected)) return;
  (row.querySelector(what) || row.querySelector(".ord"))?.focus({ preventScroll: true });
});

// ---- a run that is under way: the list follows it, batch by batch, without a reload
const renew = document.getElementById("renew"); // there when the page came with a run under way
let done = document.getElementById("run")?.dataset.done;
document.addEventListener("htmx:afterSettle", (event) => {
  const run = document.getElementById("run");
  if (!renew || !run || event.detail.target?.id === "orders" || run.dataset.done === done) return;
  done = run.dataset.done;
  if (run.classList.contains("live")) renew.dispatchEvent(new CustomEvent("mci:renew", { bubbles: true }));
});

// ---- J and K walk the rows, X ticks, S syncs, Enter opens: only while the focus is inside the table (WCAG 2.1.4)
let at = -1;
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !(event.target instanceof Element)) return;
  if (event.target.matches("select,textarea,input:not([type=checkbox])") || !event.target.closest("#rows") || !table()) return;
  const links = [...table().querySelectorAll("tr[data-order] .ord")];
  if (!links.length) return;
  const focused = links.findIndex((link) => rowOf(link).contains(document.activeElement));
  if (focused >= 0) at = focused;
  const row = focused >= 0 ? rowOf(links[focused]) : null;
  const key = event.key.toLowerCase();
  if (key === "j" || key === "k") {
    at = Math.min(links.length - 1, Math.max(0, at + (key === "j" ? 1 : -1)));
    links[at].focus();
    event.preventDefault();
  } else if (key === "x" && row) {
    row.querySelector("[data-row]")?.click();
  } else if (key === "s" && row) {
    row.querySelector(".syncb")?.click();
  }
});

// ---- back from an order: the same list, page and row
const LIST = "mci:list";
document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("tr[data-order] a[href]") : null;
  if (!link) return;
  try {
    sessionStorage.setItem(LIST, JSON.stringify([location.pathname + location.search, rowOf(link).id, document.body.dataset.mciWho]));
  } catch { /* storage is off: the list opens at its top */ }
});
addEventListener("pageshow", () => {
  let asked = location.hash.slice(1);
  try {
    const [list, id, who] = JSON.parse(sessionStorage.getItem(LIST)) || [];
    const way = performance.getEntriesByType("navigation")[0]?.type;
    if (!asked && way === "back_forward" && who === document.body.dataset.mciWho && list === location.pathname + location.search) asked = id;
  } catch { /* nothing is known */ }
  const link = /^o\d+$/.test(asked || "") && document.querySelector(`#${asked} .ord`);
  if (!link) return;
  const { top, bottom } = link.getBoundingClientRect();
  if (top < 0 || bottom > innerHeight) rowOf(link).scrollIntoView({ block: "center", behavior: "instant" });
  link.focus({ preventScroll: true });
});
