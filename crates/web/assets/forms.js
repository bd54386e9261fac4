// Sends what a teacher decides without leaving the page. Without this module the forms work as
// forms.
//
// Each press fixes its target at once and waits its turn: one request at a time, in the order of the
// presses, so that neither a slow answer nor a lost one can turn a key to another card.

import { choose, step } from "./keys.js";
import { end, fetches, refresh } from "./live.js";

/**
 * Something to be sent, from the page `at`. `item` is the id of the item, or of a group's first
 * pupil who is meant: it is found wherever that pupil then stands. `takes` is the act that it takes
 * back, `marks` what the server calls what came of it, one for each pupil.
 * @typedef {{url: string, fields: [string, string][], item: string, at: string, takes?: Act,
 *   marks?: string[]}} Act
 */

/** An answer that takes longer counts as lost, milliseconds. */
const LOST_MS = 20_000;

/** To be sent or on its way, in the order of the presses. @type {Act[]} */
const queue = [];
/** What could not be stored, by item. @type {Map<string, Act>} */
const failed = new Map();
/** What is stored and not shown yet, by item: the fetches begun before. @type {Map<string, number>} */
const stored = new Map();
/** What can be taken back, the last at the end. @type {Act[]} */
let done = [];
/** What is to be said of pupils who were left out, by item. @type {Map<string, string>} */
const left = new Map();
/** Those who wait until everything is sent. @type {(() => void)[]} */
let idlers = [];

/** The item that has this id, or in which it is. */
const itemOf = (/** @type {string} */ id) => document.getElementById(id)?.closest("[data-item]") ?? null;

/** What a form's fields of that name say. @param {Act} act @param {string} name */
const all = (act, name) => act.fields.filter(([key]) => key === name).map(([, value]) => value);

/** The id of the answer that a card's field is about: `p-1:7` of `q3` is `c-p-1-q3`. */
function memberId(/** @type {string} */ value, /** @type {string | undefined} */ question) {
  return `c-${value.slice(0, value.lastIndexOf(":"))}-${question}`;
}

const memory = () =>
  `marks:${document.querySelector(".staff")?.textContent}:${document.body.dataset.assignment}`;

export function forms() {
  done = JSON.parse(sessionStorage.getItem(memory()) ?? "[]");
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.matches("form.decide")) return;
    event.preventDefault();
    submit(form, /** @type {SubmitEvent} */ (event).submitter);
  });
  // The browser's own bubble goes away and is not in the language of the page.
  document.addEventListener("invalid", (event) => {
    const item = event.target instanceof Element && event.target.closest("[data-item]");
    if (!item) return;
    event.preventDefault();
    say(item.querySelector(".member")?.id ?? item.id, words("refused"));
  }, true);
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    const dialog = document.getElementById(
      event.target.closest("[data-open]")?.getAttribute("data-open") ?? "");
    if (dialog instanceof HTMLDialogElement) dialog.showModal();
    const again = event.target.closest(".said button") && event.target.closest("[data-item]");
    const act = again && [...failed.values()].find((other) => itemOf(other.item) === again);
    if (act?.takes) takeBack(act);
    else if (act) decide(act, again);
  });
  document.addEventListener("part", () => {
    for (const [item, begun] of stored) {
      if (fetches.shown > begun) stored.delete(item);
    }
    for (const [item, text] of left) say(item, text);
    show();
  });
  addEventListener("beforeunload", (event) => {
    if (queue.length > 0 || failed.size > 0) event.preventDefault();
  });
  // Who leaves all the same leaves nothing behind. The first is on its way and outlives the page.
  addEventListener("pagehide", () => {
    for (const act of queue.slice(1)) post(act)?.catch(() => {});
  });
}

/** Whether the item has something on its way: it waits for nobody. */
export function isSent(/** @type {Element} */ item) {
  return [...stored.keys(), ...queue.map((act) => act.item)].some((id) => itemOf(id) === item);
}

/** Resolves when everything is sent. @returns {Promise<void>} */
export function idle() {
  return queue.length > 0 ? new Promise((resolve) => idlers.push(resolve)) : Promise.resolve();
}

/** @param {HTMLFormElement} form @param {HTMLElement | null} submitter */
function submit(form, submitter) {
  const item = form.closest("[data-item]");
  if (!item || warns(item)) return;
  const fields = [...new FormData(form, submitter)].map(([name, value]) =>
    /** @type {[string, string]} */ ([name, String(value)]));
  /** @type {Act} */
  const act = { url: form.action, fields, item: item.id, at: location.pathname };
  const named = [...all(act, "member"), ...all(act, "of")];
  if (item.matches(".card")) {
    if (named[0] === undefined) return say(item.querySelector(".member")?.id ?? "", words("nobody"));
    act.item = memberId(named[0], all(act, "question")[0]);
  }
  const marks = all(act, "of");
  if (marks.length === 0) return decide(act, item);
  const own = done.find((other) => String(other.marks) === String(marks) && other.at === act.at);
  takeBack({ ...act, takes: own ?? { ...act, marks } });
}

/**
 * Says once that a colleague has decided the item, which may have happened as a key was pressed; what
 * is pressed after that is meant. Returns whether it was to be said.
 * @param {Element} item
 */
export function warns(item) {
  const words = item.getAttribute("data-other");
  if (words === null || item.getAttribute("data-warned") === words) return false;
  item.setAttribute("data-warned", words);
  say(item.querySelector(".member")?.id ?? item.id, words);
  return true;
}

/** @param {Act} act @param {Element} item */
function decide(act, item) {
  done.push(act);
  enqueue(act);
  const focus = document.activeElement;
  const inside = focus instanceof HTMLElement && item.contains(focus);
  if (inside) focus.blur();
  if (item.matches("[data-question]")) step(item, inside);
}

/**
 * Takes back a paper handed in if that was last, else what was last done to the item, else what was
 * last done anywhere in this sitting.
 * Returns whether there was anything.
 */
export function undo(/** @type {HTMLElement | null} */ item) {
  const latest = done.at(-1);
  // A paper that was handed in has no row that the keys could stand on.
  const last = latest?.url.endsWith("/hand-in")
    ? latest
    : done.findLast((act) => item && act.at === location.pathname && itemOf(act.item) === item);
  const button = item?.querySelector("button.undo");
  // An item that waits for an answer still shows the button of what is being taken back; a key takes
  // back nothing of a colleague's.
  const own = item !== null && !isSent(item) && !item.matches("[data-other]");
  if (!last && own && button instanceof HTMLButtonElement) {
    button.click();
    return true;
  }
  const takes = last ?? latest;
  if (!takes) return false;
  const url = takes.url.replace(/decide$/, "undo").replace(/hand-in$/, "give-back");
  const fields = takes.fields.filter(([name]) => name === "question" || name === "criterion");
  takeBack({ url, fields, item: takes.item, at: takes.at, takes });
  return true;
}

function takeBack(/** @type {Act} */ act) {
  done = done.filter((other) => other !== act.takes);
  enqueue(act);
  choose(act.item, true);
}

function enqueue(/** @type {Act} */ act) {
  failed.delete(act.item);
  left.delete(act.item);
  say(act.item, "");
  queue.push(act);
  show();
  if (queue.length === 1) work();
}

async function work() {
  for (let act = queue[0]; act; act = queue[0]) {
    await send(act);
    queue.shift();
    show();
  }
  for (const resolve of idlers.splice(0)) resolve();
}

/** The request; none where there is nothing to take back, because it was never stored. */
function post(/** @type {Act} */ act) {
  const fields = act.fields.filter(([name]) => name !== "of");
  if (act.takes) {
    if (act.takes.marks === undefined) return null;
    for (const mark of act.takes.marks) fields.push(["of", mark]);
  }
  return fetch(act.url, {
    method: "POST",
    body: new URLSearchParams(fields),
    headers: { "X-Part": "1" },
    keepalive: true,
    signal: AbortSignal.timeout(LOST_MS),
  });
}

async function send(/** @type {Act} */ act) {
  try {
    const answer = await post(act);
    if (!answer) return;
    if (!answer.ok && answer.status !== 409) return fail(act, answer.status);
    const told = await answer.json();
    if (!answer.ok && all(act, "member").length === 1) return contested(act, told);
    act.marks = told.marks ?? [String(told)];
    if (told.left?.length > 0) leave(act, told);
  } catch {
    return fail(act, 0);
  }
  if (act.takes) {
    const taken = String(act.takes.marks);
    done = done.filter((other) => String(other.marks) !== taken);
  }
  const known = done.filter((other) => other.marks !== undefined);
  sessionStorage.setItem(memory(), JSON.stringify(known));
  const item = itemOf(act.item);
  if (!item) {
    // What came back was done on another page: that is where to look.
    if (act.takes && act.at !== location.pathname && queue.length === 1) {
      setTimeout(() => location.assign(`${act.at}#${act.item}`));
    }
    refresh();
    return;
  }
  item.removeAttribute("data-held");
  for (const form of item.querySelectorAll("form")) form.reset();
  stored.set(act.item, fetches.begun);
  refresh();
}

/** What was not stored stays with its item, and the item says so. */
function fail(/** @type {Act} */ act, /** @type {number} */ status) {
  if (status === 401) end();
  if (status === 404) refresh();
  if (act.takes) {
    // It still stands, unless there is none such.
    if (status !== 404) done.push(act.takes);
  } else {
    done = done.filter((other) => other !== act);
  }
  // A later press for the same item counts instead.
  if (queue.slice(1).some((later) => later.item === act.item)) return;
  failed.set(act.item, act);
  const why = { 0: "offline", 400: "refused", 401: "ended", 403: "ended", 404: "gone" }[status];
  say(act.item, words(why ?? "failed"), status !== 400 && status !== 404 ? words("again") : "");
}

/**
 * Some of a group changed since the page showed them: they are not decided, and the words beside
 * those that are, or else beside the first of them, say who.
 * @param {Act} act @param {{marks: string[], left: string[], words: string}} told
 */
function leave(act, told) {
  const anchor = told.marks[0] ?? told.left[0] ?? "";
  act.item = memberId(anchor, all(act, "question")[0]);
  if (told.marks.length === 0) done = done.filter((other) => other !== act);
  left.set(act.item, told.words);
  say(act.item, told.words);
}

/**
 * Another person decided the same since the page showed it, or the pupil wrote on. Now that it is
 * told, a second press counts. The item stays though it may wait for nobody any more.
 * @param {Act} act @param {{left: string[], words: string}} told
 */
function contested(act, { left: [seen = ""], words: told }) {
  done = done.filter((other) => other !== act);
  const item = itemOf(act.item);
  item?.setAttribute("data-held", "");
  for (const field of item?.querySelectorAll("input[name=member]") ?? []) {
    field.setAttribute("value", seen);
  }
  const fields = act.fields.filter(([name]) => name !== "member");
  failed.set(act.item, { ...act, fields: [...fields, ["member", seen]] });
  say(act.item, told, words("over"));
  choose(act.item, true);
  refresh();
}

/** The words of the page for what went wrong. */
export function words(/** @type {string} */ name) {
  return document.getElementById("keys")?.dataset[name] ?? name;
}

/**
 * Says something beside the item, aloud too, with a button to send it again if that has a word.
 * @param {string} item @param {string} text
 */
export function say(item, text, again = "") {
  const element = itemOf(item);
  const place = element?.querySelector(".said");
  if (!element || !place) return;
  if (text === "") return place.replaceChildren();
  // What is said already is not read out again.
  if (again === "" && place.textContent?.includes(text)) return;
  const details = element.querySelector("details:not(.evidence)") ?? element.closest("details");
  details?.setAttribute("open", "");
  const max = element.querySelector("[data-max]")?.getAttribute("data-max") ?? "";
  const around = element.closest(".card, .response") ?? element;
  const names = around.matches(".many") ? ".about .label" : ".whose .name, .whose .label, summary .label";
  const whose = [...around.querySelectorAll(names)];
  if (around !== element) whose.push(...element.querySelectorAll(".what .label"));
  const name = whose.map((part) => part.textContent).join(" ");
  place.replaceChildren(`${name} ${text.replace("{max}", max)} `.trimStart());
  if (again === "") return;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = again;
  place.append(button);
}


/** Shows at each item what is on its way. */
function show() {
  for (const item of document.querySelectorAll("[data-sent]")) {
    if (!isSent(item)) item.removeAttribute("data-sent");
  }
  for (const act of queue) itemOf(act.item)?.setAttribute("data-sent", "");
  for (const item of stored.keys()) itemOf(item)?.setAttribute("data-sent", "");
}
