// One key a decision: j k n 1 2 3 u ?, figures for points, and x for one of a group.
//
// A key belongs to the item that is marked when it is pressed; the mark moves on with the press and
// not with the answer.

import { toggle, walk } from "./groups.js";
import { idle, isSent, say, undo, warns, words } from "./forms.js";

/**
 * Whatever can be decided: rows beside a page, cards of a list. Of a rubric it is each criterion.
 */
const ITEMS = ".response:not(.rubric), .card:not(.rubric), .criterion";

/** The id of the item that keys act on. @type {string | null} */
let current = null;

const items = () => /** @type {HTMLElement[]} */ ([...document.querySelectorAll(ITEMS)]);
const waiting = (/** @type {HTMLElement} */ item) =>
  item.matches(".card:not(.done), .criterion:not(.done), .v-decide, .v-score") &&
  item.querySelector("form.decide") !== null && !isSent(item);
/** The item that has this id, or in which it is: a card is named by its first pupil's answer. */
const itemOf = (/** @type {string | null} */ id) =>
  /** @type {HTMLElement | null} */ ((id && document.getElementById(id)?.closest(ITEMS)) || null);
const idOf = (/** @type {Element} */ item) => item.querySelector(".member")?.id ?? item.id;
const currentItem = () => itemOf(current);

export function keys() {
  const taking = document.querySelector("button[data-undo]");
  if (taking instanceof HTMLButtonElement) undoAlone(taking);
  if (!document.querySelector("#keys")) return;
  keepSwitch();
  document.addEventListener("keydown", press);
  // If the item has gone, keys act on none until another one is chosen: a press was not meant for it.
  document.addEventListener("part", () => mark());
  document.addEventListener("arranged", () => mark());
  addEventListener("hashchange", fromHash);
  document.addEventListener("focusin", (event) => {
    const item = event.target instanceof Element && event.target.closest(ITEMS);
    // Without scrolling: a page that moves between press and release makes a click miss its button.
    if (item) here(idOf(item));
  });
  if (!fromHash()) {
    const first = items().find(waiting);
    if (first) choose(idOf(first), false);
  }
}

/** A page without items has one thing that the key takes back. @param {HTMLButtonElement} button */
function undoAlone(button) {
  document.addEventListener("keydown", (event) => {
    const typed = event.target instanceof Element && event.target.matches("input, textarea, select");
    if (typed || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.key === "u" && areOn()) button.click();
  });
}

function fromHash() {
  const named = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!named) return false;
  const rubric = named.closest(".rubric");
  const item = rubric && !named.matches(".criterion") ? rubric.querySelector(".criterion") : named.closest(ITEMS);
  if (!item) return false;
  choose(idOf(item), true);
  return true;
}

/** Moves the mark to an item. @param {string} id @param {boolean} open */
export function choose(id, open) {
  const item = here(id);
  if (!item) return;
  const details = item.querySelector("details:not(.evidence)") ?? item.closest("details");
  if (open) details?.setAttribute("open", "");
  item.scrollIntoView({ block: "nearest" });
}

/** The keys act on the item of that id from now on. @param {string} id */
function here(id) {
  const item = itemOf(id);
  if (!item) return null;
  current = idOf(item);
  mark();
  return item;
}

/** Shows where the keys act, beside the page and on it. */
function mark() {
  for (const old of document.querySelectorAll("[data-here]")) old.removeAttribute("data-here");
  const item = currentItem();
  item?.setAttribute("data-here", "");
  const row = item?.closest(".response");
  const glyph = row && document.querySelector(`.glyph[href="#${CSS.escape(row.id)}"]`);
  glyph?.setAttribute("data-here", "");
}

/**
 * Goes on to what is to be decided next, after that item, with the focus if it was there.
 * @param {Element | null} after
 */
export function step(after, focus = false) {
  const all = items();
  const from = all.findIndex((item) => item === after);
  const next = [...all.slice(from + 1), ...all.slice(0, from + 1)].find(waiting);
  if (next) choose(idOf(next), true);
  else mark();
  if (focus) currentItem()?.focus({ preventScroll: true });
}

function press(/** @type {KeyboardEvent} */ event) {
  const target = /** @type {HTMLElement} */ (event.target);
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (target.matches("input:not([type=checkbox]), textarea, select")) {
    if (event.key === "Escape") target.blur();
    return;
  }
  if (!areOn()) return;
  // A key that is held decides once.
  if (event.repeat && !/^[jk]$/.test(event.key)) return;
  if (act(event.key)) event.preventDefault();
}

/** Single keys can be switched off, for who speaks to the computer or slips. */
const OFF = "keys-off";
const areOn = () => localStorage.getItem(OFF) === null;

function keepSwitch() {
  const box = document.querySelector("#keys input[type=checkbox]");
  if (!(box instanceof HTMLInputElement)) return;
  box.checked = areOn();
  box.addEventListener("change", () => {
    if (box.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "");
  });
}

/** Whether the key meant something. */
function act(/** @type {string} */ key) {
  switch (key) {
    case "j": return follow("next") || move(1);
    case "k": return follow("previous") || move(-1);
    case "n": return next();
    case "u": return undo(currentItem());
    case "x": return toggle(currentItem());
    case "ArrowRight": return walk(currentItem(), 1);
    case "ArrowLeft": return walk(currentItem(), -1);
    case "?": return openKeys();
  }
  const item = currentItem();
  return item !== null && /^[0-9]$/.test(key) && decide(item, key);
}

/** @param {HTMLElement} item @param {string} key */
function decide(item, key) {
  if (warns(item)) return true;
  if (click(`.quick button[value="${key}"]`)) return true;
  const points = /** @type {HTMLInputElement | null} */ (item.querySelector("input[name=points]"));
  if (item.querySelector(".quick")) {
    // More points than there are.
    say(idOf(item), words("refused"));
    return true;
  }
  if (points) {
    points.closest("details")?.setAttribute("open", "");
    points.focus();
    points.value = key;
    return true;
  }
  const verdict = { 1: "right", 2: "wrong", 3: "partly" }[key];
  return verdict ? click(`button[value=${verdict}]`) : false;
}

/** To the item before or after. */
function move(/** @type {number} */ by) {
  const all = items();
  const at = all.findIndex((item) => item === currentItem());
  const item = all[Math.min(Math.max(at + by, 0), all.length - 1)];
  if (item) choose(idOf(item), true);
  return item !== undefined;
}

function follow(/** @type {string} */ id) {
  const link = document.getElementById(id);
  if (!(link instanceof HTMLAnchorElement)) return false;
  idle().then(() => link.click());
  return true;
}

function next() {
  const left = items().some((item) => waiting(item) && item !== currentItem());
  if (!left) return follow("next-to-decide");
  step(currentItem());
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
