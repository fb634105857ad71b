// A small picture moves the strip alone; without this file its link does the same and moves the page too.
const strip = document.querySelector(".mci-strip");
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-picture]");
  const picture = link && document.querySelector(link.getAttribute("href"));
  if (!picture) return;
  event.preventDefault();
  strip.scrollTo({ left: picture.offsetLeft - strip.offsetLeft });
});
