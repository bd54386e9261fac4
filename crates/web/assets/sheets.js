// Helps who writes a worksheet's text: leads to the place of a fault, and keeps the text in this tab
// until it is saved. Without it the form works as a form.

const form = document.getElementById("sheet-form");
const text = document.getElementById("text");

if (form && text instanceof HTMLTextAreaElement) {
  keep(text);
  document.addEventListener("click", (event) => {
    const place = event.target instanceof Element && event.target.closest("[data-line]");
    if (!(place instanceof HTMLElement)) return;
    show(text, Number(place.dataset.line), Number(place.dataset.column));
  });
}

// What was saved needs to be kept no longer.
const saved = document.body.dataset.saved;
if (saved) sessionStorage.removeItem(saved);

/**
 * Puts the cursor where a line and a column are, both from 1. Columns count characters, and the field
 * counts units of UTF-16.
 * @param {HTMLTextAreaElement} field
 * @param {number} line
 * @param {number} column
 */
function show(field, line, column) {
  const lines = field.value.split("\n");
  const before = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  const within = [...(lines[line - 1] ?? "")].slice(0, column - 1).join("").length;
  field.focus();
  field.setSelectionRange(before + within, before + within + 1);
  // A line of the field, as the browser draws it, is about this high.
  const high = field.scrollHeight / Math.max(lines.length, 1);
  field.scrollTop = Math.max(0, (line - 4) * high);
}

/**
 * Keeps what is typed, and offers what was typed before and never saved.
 * @param {HTMLTextAreaElement} field
 */
function keep(field) {
  const name = field.dataset.kept ?? "";
  const before = sessionStorage.getItem(name);
  const offer = document.getElementById("kept");
  if (offer && before !== null && before !== field.value) {
    offer.hidden = false;
    offer.querySelector("button")?.addEventListener("click", () => {
      field.value = before;
      offer.hidden = true;
      field.focus();
    });
  }
  field.addEventListener("input", () => {
    sessionStorage.setItem(name, field.value);
    if (offer) offer.hidden = true;
  });
}
