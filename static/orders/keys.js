// Keys of the desks that scan: F2–F4 press what says data-mci-key; a scan always lands in the scan field, wherever the
// focus was left; "3*" before a scan is the quantity. Everything works without it, with a mouse.
const typed = (element) => element?.matches?.("input, textarea, select");
const field = () => document.querySelector("[data-mci-scan]");

document.addEventListener("keydown", (event) => {
  const key = document.querySelector(`[data-mci-key="${event.key}"]`);
  if (key && /^F\d$/.test(event.key)) {
    event.preventDefault();
    key.click();
    return;
  }
  if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey && !typed(event.target)) field()?.focus();
});

field()?.addEventListener("input", (event) => {
  const many = /^(\d{1,4})[*×x]$/i.exec(event.target.value);
  const quantity = document.querySelector("[data-mci-quantity]");
  if (!many || !quantity) return;
  quantity.value = many[1];
  event.target.value = "";
});
