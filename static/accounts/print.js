// <button data-mci-print> prints the page.
document.querySelector("[data-mci-print]")?.addEventListener("click", () => print());
