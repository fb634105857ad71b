// Loaded before the first paint, so that a page in the browser's own (dark) theme never flashes white.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  if (root.dataset.mciTheme !== "auto") return;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => { root.dataset.bsTheme = dark.matches ? "dark" : "light"; };
  dark.addEventListener("change", apply);
  apply();
})();
