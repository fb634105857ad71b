// Keeps what is typed in the background, so that *back*, a closed window or a session that is over lose nothing. Of two
// windows neither writes over the other: the server says which one is kept, and this page says so.
const form = document.getElementById("entry");
const kept = document.getElementById("kept");
const note = document.getElementById("kept-note");
const { expired, offline } = note.dataset;
const PAUSE = 1000; // after the last key
const LONGEST = 5000; // while somebody types on

form.elements.window.value = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 10)}`;
let dirty = false;
let trouble = false; // what is typed now is kept nowhere
let over = false; // the form is on its way
let timer = 0;
let since = 0;
let asked = null;

function warn(text) {
  trouble = true;
  kept.textContent = "";
  if (note.textContent === text) return;
  note.textContent = "";
  const box = document.createElement("div");
  box.className = "note note-warn";
  box.textContent = text;
  note.append(box);
}

async function save({ leaving = false, instead = false } = {}) {
  clearTimeout(timer);
  if (over || (!dirty && !instead)) return;
  dirty = false;
  since = 0;
  asked?.abort();
  const mine = (asked = new AbortController());
  const address = new URL(form.dataset.keep, location);
  if (instead) address.searchParams.set("instead", "1");
  let answer;
  try {
    answer = await fetch(address, { method: "POST", body: new FormData(form), redirect: "manual", keepalive: leaving, signal: leaving ? undefined : mine.signal });
  } catch {
    if (mine.signal.aborted || over) return;
    dirty = true;
    warn(offline);
    timer = setTimeout(save, LONGEST);
    return;
  }
  if (over || asked !== mine) return;
  if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) {
    dirty = true;
    return warn(expired);
  }
  if (answer.status === 204) return;
  if (!answer.ok) {
    dirty = true;
    return warn(offline);
  }
  const shell = document.createElement("div");
  shell.innerHTML = await answer.text();
  const told = shell.firstElementChild;
  if (told?.dataset.outcome === "other") {
    trouble = true;
    kept.textContent = "";
    if (!note.querySelector("[data-other]")) note.replaceChildren(told);
    return;
  }
  trouble = false;
  note.replaceChildren();
  document.querySelectorAll("main > [data-other]").forEach((one) => one.remove());
  if (told?.dataset.outcome === "kept") form.elements.revision.value = told.dataset.revision;
  kept.textContent = told?.textContent.trim() ?? "";
}

function touched(event) {
  if (event.target.name === "find") return;
  dirty = true;
  since ||= Date.now();
  clearTimeout(timer);
  timer = setTimeout(save, Math.max(0, Math.min(PAUSE, since + LONGEST - Date.now())));
}

form.addEventListener("input", touched);
form.addEventListener("change", touched);
addEventListener("visibilitychange", () => document.visibilityState === "hidden" && save({ leaving: true }));
addEventListener("pagehide", () => save({ leaving: true }));
document.addEventListener("click", (event) => event.target.closest?.("[data-instead]") && save({ instead: true }));

// What is sent or put away is not to be kept once more behind it.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || !event.target.matches("#entry, .mci-half form")) return;
  over = true;
  clearTimeout(timer);
  asked?.abort();
});
addEventListener("pageshow", (event) => {
  if (event.persisted) over = false;
});
// Only what is kept nowhere is worth the browser's question.
addEventListener("beforeunload", (event) => {
  if (!over && trouble) event.preventDefault();
});
