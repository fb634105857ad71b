// The inbox: what is selected (priced by the server), the sheet, the keys. The page works without this file.
const boxes = () => [...document.querySelectorAll("[data-row]")];
const all = () => document.getElementById("all");
const bulk = document.getElementById("bulk");
const bar = document.getElementById("selection");
let waiting = 0;

function paint() {
  const found = boxes();
  const ticked = found.filter((box) => box.checked).length;
  found.forEach((box) => box.closest("tr").classList.toggle("sel", box.checked));
  const top = all();
  if (top) {
    top.checked = ticked > 0 && ticked === found.length;
    top.indeterminate = ticked > 0 && ticked < found.length;
    top.disabled = found.length === 0;
  }
  // One primary button at a time: the header's goes quiet while something is selected.
  const header = document.querySelector(".mci-sync-all");
  header?.classList.toggle("btn-primary", ticked === 0);
  header?.classList.toggle("btn-quiet", ticked > 0);
  return ticked;
}

function pick({ everything = false } = {}) {
  if (!bulk) return;
  bulk.elements.everything.value = everything ? "1" : "";
  const ticked = paint();
  clearTimeout(waiting);
  if (!ticked) return;
  // What the bar shows is what its button sends: until the new figures are here it sends nothing.
  bar.setAttribute("aria-busy", "true");
  bar.querySelectorAll("button:not([form])").forEach((button) => { button.disabled = true; });
  waiting = setTimeout(() => bulk.dispatchEvent(new CustomEvent("mci:pick", { bubbles: true })), everything ? 0 : 180);
}

document.addEventListener("change", (event) => {
  if (event.target === all()) boxes().forEach((box) => { box.checked = event.target.checked; });
  if (event.target === all() || event.target.matches?.("[data-row]")) pick();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-clear],[data-everything],[data-sheet-close]");
  if (!button) return;
  if (button.matches("[data-clear]")) {
    boxes().forEach((box) => { box.checked = false; });
    pick();
    all()?.focus();
  } else if (button.matches("[data-everything]")) {
    pick({ everything: true });
  } else {
    document.getElementById("sheet").close();
  }
});

// A row that comes back from the server keeps its tick (orders/rows.js), and the bar its figures.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target === bar) bar.removeAttribute("aria-busy");
  if (event.detail.target.id === "sheet-body") {
    const sheet = document.getElementById("sheet");
    if (!sheet.open) sheet.showModal();
    document.getElementById("sheet-title")?.focus();
  }
});
document.addEventListener("mci:rows", () => {
  if (document.querySelector("[data-row]:checked")) pick();
  else paint();
});

// The result of a run takes the focus: at once where it was over before the page came, else when it ends while it is
// watched; then the list below shows what it did. A slow page may learn of the end before this file runs.
const renew = document.getElementById("renew"); // there when the page came with a run under way
let watched = true;
function ended() {
  const run = document.getElementById("run");
  if (!watched || !run || run.classList.contains("live")) return;
  watched = false;
  document.getElementById("run-title")?.focus();
  renew?.dispatchEvent(new CustomEvent("mci:renew", { bubbles: true }));
}
ended();
document.addEventListener("htmx:afterSettle", ended);

addEventListener("pageshow", () => { if (paint()) pick(); });
