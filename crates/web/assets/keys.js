// One key a decision: j k n 1 2 3 u ?, and figures for points.

/** Whatever can be decided: rows beside a page, cards of a list. */
const ITEMS = ".response, .card";

/** The id of the item that keys act on. @type {string | null} */
let current = null;

const items = () => /** @type {HTMLElement[]} */ ([...document.querySelectorAll(ITEMS)]);
const waiting = (/** @type {HTMLElement} */ item) =>
  item.matches(".card, .v-decide, .v-score") && item.querySelector("form.decide") !== null;
const currentItem = () => (current ? document.getElementById(current) : null);

export function keys() {
  if (!document.querySelector("#keys")) return;
  document.addEventListener("keydown", press);
  document.addEventListener("part", mark);
  addEventListener("hashchange", fromHash);
  document.addEventListener("focusin", (event) => {
    const item = event.target instanceof Element && event.target.closest(ITEMS);
    if (item) choose(item.id, false);
  });
  if (!fromHash()) {
    const first = items().find(waiting);
    if (first) choose(first.id, false);
  }
}

function fromHash() {
  const item = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!item || !item.matches(ITEMS)) return false;
  choose(item.id, true);
  return true;
}

/** @param {string} id @param {boolean} open */
function choose(id, open) {
  current = id;
  const item = currentItem();
  if (!item) return;
  if (open) item.querySelector("details")?.setAttribute("open", "");
  mark();
  item.scrollIntoView({ block: "nearest" });
}

/** Shows where the keys act, beside the page and on it. */
function mark() {
  for (const old of document.querySelectorAll("[data-here]")) old.removeAttribute("data-here");
  const item = currentItem();
  item?.setAttribute("data-here", "");
  const glyph = item && document.querySelector(`.glyph[href="#${CSS.escape(item.id)}"]`);
  glyph?.setAttribute("data-here", "");
}

/** Goes on to what is to be decided next, after the item of that id. */
export function step(/** @type {string | null} */ after) {
  const all = items();
  const from = all.findIndex((item) => item.id === after);
  const next = [...all.slice(from + 1), ...all.slice(0, from + 1)].find(waiting);
  if (next) choose(next.id, true);
  else mark();
}

function press(/** @type {KeyboardEvent} */ event) {
  const target = /** @type {HTMLElement} */ (event.target);
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (target.matches("input, textarea, select")) {
    if (event.key === "Escape") target.blur();
    return;
  }
  if (act(event.key)) event.preventDefault();
}

/** Whether the key meant something. */
function act(/** @type {string} */ key) {
  switch (key) {
    case "j": return follow("next");
    case "k": return follow("previous");
    case "n": return next();
    case "u": return click("button.undo");
    case "?": return openKeys();
  }
  if (!/^[0-9]$/.test(key)) return false;
  if (click(`.quick button[value="${key}"]`)) return true;
  const points = /** @type {HTMLInputElement | null | undefined} */ (
    currentItem()?.querySelector("input[name=points]"));
  if (points) {
    points.closest("details")?.setAttribute("open", "");
    points.focus();
    points.value = key;
    return true;
  }
  const verdict = { 1: "right", 2: "wrong", 3: "partly" }[key];
  return verdict ? click(`button[value=${verdict}]`) : false;
}

function follow(/** @type {string} */ id) {
  const link = document.getElementById(id);
  if (!(link instanceof HTMLAnchorElement)) return false;
  link.click();
  return true;
}

function next() {
  const left = items().some((item) => waiting(item) && item.id !== current);
  if (!left) return follow("next-to-decide");
  step(current);
  return true;
}

function click(/** @type {string} */ selector) {
  const button = currentItem()?.querySelector(selector);
  if (!(button instanceof HTMLButtonElement)) return false;
  button.click();
  return true;
}

function openKeys() {
  const dialog = document.getElementById("keys");
  if (dialog instanceof HTMLDialogElement) dialog.showModal();
  return true;
}
