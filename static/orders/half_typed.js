// Keeps what is typed in the background, so that *back*, a closed window or a session that is over lose nothing. Of two
// windows neither writes over the other: the server says which one is kept, and this page says so.
const form = document.getElementById("entry");
const kept = document.getElementById("kept");
const note = document.getElementById("kept-note");
const [expired, offline] = ["kept-expired", "kept-offline"].map((id) => document.getElementById(id));
const PAUSE = 1000; // after the last key
const LONGEST = 5000; // while somebody types on

form.elements.window.value = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 10)}`;
let dirty = false;
let trouble = false; // what is typed now is kept nowhere
let over = false; // the form is on its way
let timer = 0;
let since = 0;
let asked = null;

function warn(what) {
  trouble = true;
  kept.textContent = "";
  if (note.dataset.says === what.id) return;
  note.dataset.says = what.id;
  note.replaceChildren(what.content.cloneNode(true));
}

// Who signed in again in another window has another token against forged forms; this page takes it over. Somebody else's
// it does not take: what this one typed would become the other's.
async function renew() {
  const answer = await fetch(location.pathname, { redirect: "manual" });
  if (!answer.ok || answer.type === "opaqueredirect") return false;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (fresh.body.dataset.mciWho !== document.body.dataset.mciWho) return false;
  const token = fresh.querySelector("#entry [name=csrfmiddlewaretoken]")?.value;
  if (!token || token === form.elements.csrfmiddlewaretoken.value) return false;
  form.elements.csrfmiddlewaretoken.value = token;
  document.querySelectorAll(".mci-half [name=csrfmiddlewaretoken]").forEach((one) => (one.value = token));
  if (fresh.body.hasAttribute("hx-headers")) document.body.setAttribute("hx-headers", fresh.body.getAttribute("hx-headers"));
  return true;
}

async function save({ leaving = false, instead = false, again = false } = {}) {
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
    answer = await fetch(address, { method: "POST", body: new FormData(form), headers: { "X-Requested-With": "fetch" }, redirect: "manual", keepalive: leaving, signal: leaving ? undefined : mine.signal });
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
    if (answer.status === 403 && !again && !leaving && (await renew().catch(() => false))) return save({ again: true, instead });
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
    if (note.dataset.says !== "other") note.replaceChildren(told);
    note.dataset.says = "other";
    return;
  }
  trouble = false;
  note.replaceChildren();
  delete note.dataset.says;
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

// The figures would send the whole page to the sign-in, and what is typed with it: it stays, and says so.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.detail.target?.id !== "live" || !event.detail.xhr.getResponseHeader("HX-Redirect")) return;
  event.preventDefault();
  dirty = true;
  warn(expired);
});

document.addEventListener("htmx:responseError", (event) => event.detail.xhr.status === 403 && renew().catch(() => false));

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
