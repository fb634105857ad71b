// Selecting orders: all of the page, the tint of the ticked rows. The figures come from the server (hx-get on the table).
const rows = () => [...document.querySelectorAll("[data-row]")];
const one = () => document.getElementById("all"); // the list may be brought up to date under it

function paint() {
  const all = one();
  const boxes = rows();
  const ticked = boxes.filter((box) => box.checked).length;
  boxes.forEach((box) => box.closest("tr").classList.toggle("sel", box.checked));
  if (all) {
    all.checked = ticked > 0 && ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
    all.disabled = boxes.length === 0;
  }
}

document.addEventListener("change", (event) => {
  const all = one();
  if (all && event.target === all) rows().forEach((box) => { box.checked = all.checked; });
  if (event.target === all || event.target.matches?.("[data-row]")) paint();
});
document.getElementById("bulk")?.addEventListener("reset", () => setTimeout(paint));
addEventListener("pageshow", paint);

// The result of a run takes the focus when it ends while it is watched; then the list below shows what it did.
const renew = document.getElementById("renew"); // there when the page came with a run under way
let watched = !!renew;
document.addEventListener("htmx:afterSettle", () => {
  const run = document.getElementById("run");
  if (!watched || !run || run.classList.contains("live")) return;
  watched = false;
  document.getElementById("run-title")?.focus();
  renew.dispatchEvent(new CustomEvent("mci:renew", { bubbles: true }));
});
document.addEventListener("mci:rows", () => {
  paint();
  // The bar's figures are of what is ticked now.
  document.querySelector("[data-row]:checked")?.dispatchEvent(new Event("change", { bubbles: true }));
});
