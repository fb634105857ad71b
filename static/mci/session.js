// The session is over while the page is open: the page stays with all that is typed in it, says so, and goes on when the
// same person is back.
(() => {
  const note = document.getElementById("mci-session");
  if (!note) return;
  const say = (name) => note.querySelectorAll("[data-when]").forEach((part) => { part.hidden = part.dataset.when !== name; });
  const renew = (token) => {
    document.querySelectorAll("input[name=csrfmiddlewaretoken]").forEach((field) => { field.value = token; });
    document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
  };
  const ask = async () => {
    let answer;
    try {
      answer = await fetch(note.dataset.session, { headers: { Accept: "application/json" }, cache: "no-store" });
    } catch {
      return;
    }
    const back = answer.ok ? await answer.json() : null;
    if (back && back.who === document.body.dataset.mciWho) {
      renew(back.token);
      say("back");
      note.hidden = false;
      setTimeout(() => { note.hidden = true; }, 8000);
    } else {
      say(back?.who ? "other" : "over");
      note.hidden = false;
    }
  };
  document.addEventListener("htmx:responseError", (event) => { if (event.detail.xhr.status === 401) ask(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden && !note.hidden) ask(); });
  addEventListener("focus", () => { if (!note.hidden) ask(); });
})();
