// Typing an order fast: Enter adds a line, a pasted list becomes lines, one CAP fills its city. Without this file the
// buttons of the form do the same by a round trip.
import { comboboxes } from "./combobox.js";
import "./half_typed.js";

const form = document.getElementById("entry");
const list = document.getElementById("lines");
const total = form.elements["lines-TOTAL_FORMS"];
const blank = document.getElementById("empty-line");
const skus = () => [...list.querySelectorAll("[name$='-sku']")].filter((field) => !field.closest("[hidden]"));
const changed = (field) => field.dispatchEvent(new Event("change", { bubbles: true }));

function addLine(sku = "", pieces = "1") {
  const index = total.value;
  const copy = blank.content.cloneNode(true);
  const shell = document.createElement("div");
  shell.append(copy);
  shell.innerHTML = shell.innerHTML.replaceAll("__prefix__", index).replaceAll("__number__", Number(index) + 1);
  const row = shell.firstElementChild;
  list.append(row);
  total.value = Number(index) + 1;
  const field = row.querySelector("[name$='-sku']");
  field.value = sku;
  row.querySelector("[name$='-quantity']").value = pieces;
  return field;
}

form.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.key !== "Enter") return;
  if (event.ctrlKey || event.metaKey) {
    event.preventDefault();
    form.querySelector("[data-send]").click();
  } else if (field.matches("[name^='lines-']") && field.type !== "submit") {
    event.preventDefault();
    changed(field);
    const fields = skus();
    const next = fields[fields.findIndex((one) => one.closest("li") === field.closest("li")) + 1];
    (next || (field.closest("li").querySelector("[name$='-sku']").value.trim() ? addLine() : field)).focus();
  } else if (field.matches("input:not([type=submit],[type=radio])")) {
    event.preventDefault(); // Enter in another field sends nothing by accident
    changed(field);
  }
});

form.addEventListener("click", (event) => {
  const button = event.target.closest("[data-add],[data-remove],[data-use]");
  if (!button) return;
  event.preventDefault();
  if (button.matches("[data-add]")) {
    addLine().focus();
  } else if (button.matches("[data-remove]")) {
    const row = button.closest("li");
    const field = row.querySelector("[name$='-sku']");
    field.value = "";
    changed(field);
    if (skus().length > 1) row.hidden = true;
    skus().at(-1).focus();
  } else {
    const [postcode, city, province, country = "IT"] = button.value.slice("use:".length).split("|");
    Object.assign(form.elements.postcode, { value: postcode });
    Object.assign(form.elements.city, { value: city });
    Object.assign(form.elements.province, { value: province });
    Object.assign(form.elements.country, { value: country });
    changed(form.elements.city);
    form.elements.city.focus();
  }
});

// SKU*3 in a SKU field is three pieces: shown so at once (the server reads it the same way).
list.addEventListener("change", (event) => {
  const [, sku, pieces] = event.target.name?.endsWith("-sku") ? event.target.value.match(/^(.+?)\s*[*×]\s*(\d{1,4})$/) ?? [] : [];
  if (!sku || Number(pieces) < 1) return;
  event.target.value = sku;
  event.target.closest("li").querySelector("[name$='-quantity']").value = Number(pieces);
});

list.addEventListener("paste", (event) => {
  const text = event.clipboardData?.getData("text") ?? "";
  if (!event.target.matches("[name$='-sku']") || !/[\n\t]/.test(text.trim())) return;
  event.preventDefault();
  // The server reads pasted lines (and sums equal SKUs): the same rules as without this file.
  form.elements.pasted.value = text;
  form.querySelector("[value=paste]").click();
});

// A whole order pasted where one line belongs is read as what it is.
form.addEventListener("paste", (event) => {
  const whole = form.elements.whole;
  const text = event.clipboardData?.getData("text") ?? "";
  const alone = event.target.matches("[name=name],[name=phone],[name=street],[name=street2],[name=city],[name=postcode],[name=company]");
  if (!whole || !alone || text.trim().split(/\n/).filter((line) => line.trim()).length < 2) return;
  event.preventDefault();
  whole.value = text;
  form.querySelector("[data-read]").click();
});

// Articles by name, and customers of before: what is chosen is put into the form.
comboboxes(form, [
  {
    fields: "[name^='lines-'][name$='-sku']",
    url: form.dataset.articles,
    least: 2,
    same: (text, option) => [option.dataset.value, option.dataset.ean].some((code) => code && code.toUpperCase() === text.toUpperCase()),
    choose: (field, option) => {
      field.value = option.dataset.value;
      field.closest("li").querySelector("[data-unknown]")?.remove(); // it is one of ours now
      changed(field);
      const pieces = field.closest("li").querySelector("[name$='-quantity']");
      pieces.focus();
      pieces.select();
    },
  },
  {
    fields: "[name=name],[name=phone]",
    url: form.dataset.customers,
    least: 3,
    choose: (field, option) => {
      for (const [name, text] of Object.entries(JSON.parse(option.dataset.fill))) form.elements[name].value = text;
      changed(form.elements.street);
      form.elements.street.closest(".pad").querySelector(".mci-more").open ||= ["street2", "company", "email"].some((name) => form.elements[name].value);
      form.elements.street.focus();
    },
  },
]);

// Figures asked for before the latest key or choice are stale, and the next request is on its way: shown now they would
// undo what a person has just chosen.
const entry = form.querySelector(".mci-entry");
let changes = 0;
let asked = 0;
for (const kind of ["input", "change"]) entry.addEventListener(kind, () => (changes += 1));
entry.addEventListener("htmx:beforeRequest", () => (asked = changes));
entry.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.id === "live" && asked !== changes) event.detail.shouldSwap = false;
});

// One comune for the CAP: filled where the fields are still empty.
document.addEventListener("htmx:afterSettle", () => {
  const place = document.getElementById("place");
  const { city, province } = form.elements;
  if (place?.dataset.city && !city.value.trim() && !province.value.trim()) {
    city.value = place.dataset.city;
    province.value = place.dataset.province;
    changed(city);
  }
});
