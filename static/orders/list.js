// Selecting orders: all of the page, the tint of the ticked rows. The figures come from the server (hx-get on the table).
const rows = () => [...document.querySelectorAll("[data-row]")];
const all = document.getElementById("all");

function paint() {
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
  if (event.target === all) rows().forEach((box) => { box.checked = all.checked; });
  if (event.target === all || event.target.matches?.("[data-row]")) paint();
});
document.getElementById("bulk")?.addEventListener("reset", () => setTimeout(paint));
addEventListener("pageshow", paint);

// Keys inside the table: J and K walk the rows, X ticks, Enter opens.
let at = -1;
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !event.target.closest(".scroll") || event.target.closest("select")) return;
  const links = [...document.querySelectorAll("tr[data-order] .ord")];
  if (!links.length) return;
  const key = event.key.toLowerCase();
  const focused = links.findIndex((link) => link.closest("tr").contains(document.activeElement));
  if (focused >= 0) at = focused;
  if (key === "j" || key === "k") {
    at = Math.min(links.length - 1, Math.max(0, at + (key === "j" ? 1 : -1)));
    links[at].focus();
    event.preventDefault();
  } else if (key === "x" && focused >= 0) {
    links[focused].closest("tr").querySelector("[data-row]")?.click();
  }
});
