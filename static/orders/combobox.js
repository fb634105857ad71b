// A text field that offers what it finds while one types (ARIA 1.2, list autocomplete). Arrows choose, Enter takes, Esc
// closes; what is typed stays what is typed until something is chosen. The server writes the options.
const list = document.createElement("div");
list.id = "combo-list";
list.className = "mci-combo";
list.setAttribute("role", "listbox");
list.hidden = true;
const status = document.getElementById("combo-status");

let field = null; // whose list is shown or asked for
let shownFor = ""; // the text that the options are of
let active = -1;
let options = [];
let waiting = 0;
let asked = null;

const isOpen = () => !list.hidden;

function dress(one) {
  if (one.getAttribute("role") === "combobox") return;
  one.setAttribute("role", "combobox");
  one.setAttribute("aria-autocomplete", "list");
  one.setAttribute("aria-expanded", "false");
  one.setAttribute("aria-controls", list.id);
}

function close() {
  clearTimeout(waiting);
  asked?.abort();
  asked = null;
  list.hidden = true;
  active = -1;
  if (field) {
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  }
}

function mark(next) {
  options[active]?.setAttribute("aria-selected", "false");
  active = options.length ? (next + options.length) % options.length : -1;
  const option = options[active];
  if (!option) return field.removeAttribute("aria-activedescendant");
  option.setAttribute("aria-selected", "true");
  option.scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-activedescendant", option.id);
}

async function ask(one, kind) {
  const text = one.value.trim();
  asked?.abort();
  const mine = (asked = new AbortController());
  let answer;
  try {
    answer = await fetch(`${kind.url}?${new URLSearchParams({ text, field: one.name })}`, { signal: mine.signal, redirect: "manual", headers: { "X-Requested-With": "fetch" } });
    if (!answer.ok) return;
    list.innerHTML = await answer.text();
  } catch {
    return; // replaced by a newer one, or no connection: the field works without
  }
  if (asked !== mine || document.activeElement !== one) return;
  const told = list.firstElementChild;
  options = [...list.querySelectorAll("[role=option]")];
  options.forEach((option, index) => (option.id = `combo-option-${index}`));
  field = one;
  shownFor = text;
  active = -1;
  one.removeAttribute("aria-activedescendant");
  const alone = options.length === 1 && kind.same?.(text, options[0]);
  if (alone || (!options.length && !list.querySelector(".mci-option-none"))) {
    close();
    status.textContent = "";
    return;
  }
  list.setAttribute("aria-label", one.labels?.[0]?.textContent.trim() ?? "");
  one.closest(".mci-field").append(list);
  list.hidden = false;
  one.setAttribute("aria-expanded", "true");
  status.textContent = told?.dataset.status ?? "";
}

function take(option, kinds) {
  const one = field;
  const kind = kinds.find((each) => one.matches(each.fields));
  close();
  status.textContent = "";
  kind.choose(one, option);
}

// kinds: [{fields: a selector, url, least: letters before it asks, same(text, option): that is the very thing,
// choose(field, option)}]. Fields may come and go.
export function comboboxes(form, kinds) {
  const kindOf = (target) => kinds.find((kind) => target.matches?.(kind.fields));

  form.addEventListener("focusin", (event) => kindOf(event.target) && dress(event.target));
  form.querySelectorAll(kinds.map((kind) => kind.fields).join(",")).forEach(dress);

  form.addEventListener("input", (event) => {
    const kind = kindOf(event.target);
    if (!kind) return;
    dress(event.target);
    clearTimeout(waiting);
    if (field !== event.target || event.target.value.trim().length < kind.least) close();
    field = event.target;
    if (event.target.value.trim().length < kind.least) return;
    const one = event.target;
    waiting = setTimeout(() => ask(one, kind), 180);
  });

  form.addEventListener("keydown", (event) => {
    const kind = kindOf(event.target);
    if (!kind || event.ctrlKey || event.metaKey || event.altKey) return;
    const stop = () => {
      event.preventDefault();
      event.stopImmediatePropagation();
    };
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (isOpen() && field === event.target) {
        stop();
        mark(active < 0 && event.key === "ArrowUp" ? options.length - 1 : active + (event.key === "ArrowDown" ? 1 : -1));
      } else if (event.key === "ArrowDown" && event.target.value.trim().length >= kind.least) {
        stop();
        field = event.target;
        ask(event.target, kind);
      }
    } else if (event.key === "Escape" && isOpen()) {
      stop();
      close();
      status.textContent = "";
    } else if (event.key === "Enter" && isOpen() && field === event.target) {
      if (active >= 0) {
        stop();
        take(options[active], kinds);
      } else if (kind.same && options.length && shownFor === event.target.value.trim() && !options.some((option) => kind.same(shownFor, option))) {
        stop(); // a name is no code: nothing is taken that was not looked at
        mark(0);
      } else {
        close();
      }
    } else if (event.key === "Enter" || event.key === "Tab") {
      close();
    }
  }, true);

  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) take(option, kinds);
  });
  form.addEventListener("focusout", (event) => event.target === field && close());
}
