// Sends what a teacher decides without leaving the page. Without this module the forms work as
// forms.
//
// Each press fixes its target at once and waits its turn: one request at a time, in the order of the
// presses, so that neither a slow answer nor a lost one can turn a key to another card.

import { choose, step } from "./keys.js";
import { end, fetches, refresh } from "./live.js";

/**
 * Something to be sent. `takes` is the act that it takes back, `mark` what the server calls what
 * came of it.
 * @typedef {{url: string, fields: [string, string][], item: string, takes?: Act, mark?: string}} Act
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
/** Those who wait until everything is sent. @type {(() => void)[]} */
let idlers = [];

const memory = () =>
  `done:${document.querySelector(".staff")?.textContent}:${document.body.dataset.assignment}`;

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
    say(item.id, words("refused"));
  }, true);
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    const dialog = document.getElementById(
      event.target.closest("[data-open]")?.getAttribute("data-open") ?? "");
    if (dialog instanceof HTMLDialogElement) dialog.showModal();
    const again = event.target.closest(".said button") && event.target.closest("[data-item]");
    const act = again && failed.get(again.id);
    if (act?.takes) takeBack(act);
    else if (act) decide(act, again);
  });
  document.addEventListener("part", () => {
    for (const [item, begun] of stored) {
      if (fetches.shown > begun) stored.delete(item);
    }
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
export function isSent(/** @type {string} */ item) {
  return stored.has(item) || queue.some((act) => act.item === item);
}

/** Resolves when everything is sent. @returns {Promise<void>} */
export function idle() {
  return queue.length > 0 ? new Promise((resolve) => idlers.push(resolve)) : Promise.resolve();
}

/** @param {HTMLFormElement} form @param {HTMLElement | null} submitter */
function submit(form, submitter) {
  const item = form.closest("[data-item]");
  if (!item) return;
  const fields = [...new FormData(form, submitter)].map(([name, value]) =>
    /** @type {[string, string]} */ ([name, String(value)]));
  const act = { url: form.action, fields, item: item.id };
  const mark = new Map(fields).get("of");
  if (mark === undefined) return decide(act, item);
  const own = done.find((other) => other.mark === mark && other.item === act.item);
  takeBack({ ...act, takes: own ?? { ...act, mark } });
}

/** @param {Act} act @param {Element} item */
function decide(act, item) {
  done.push(act);
  enqueue(act);
  const focus = document.activeElement;
  const inside = focus instanceof HTMLElement && item.contains(focus);
  if (inside) focus.blur();
  if (item.matches("[data-question]")) step(item.id, inside);
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
    : done.findLast((act) => act.item === item?.id);
  const button = item?.querySelector("button.undo");
  // An item that waits for an answer still shows the button of what is being taken back.
  if (!last && item && !isSent(item.id) && button instanceof HTMLButtonElement) {
    button.click();
    return true;
  }
  const takes = last ?? latest;
  if (!takes) return false;
  const url = takes.url.replace(/decide$/, "undo").replace(/hand-in$/, "give-back");
  const fields = takes.fields.filter(([name]) => name === "question" || name === "criterion");
  takeBack({ url, fields, item: takes.item, takes });
  return true;
}

function takeBack(/** @type {Act} */ act) {
  done = done.filter((other) => other !== act.takes);
  enqueue(act);
  choose(act.item, true);
}

function enqueue(/** @type {Act} */ act) {
  failed.delete(act.item);
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
    if (act.takes.mark === undefined) return null;
    fields.push(["of", act.takes.mark]);
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
    if (answer.status === 409) return contested(act, await answer.json());
    if (!answer.ok) return fail(act, answer.status);
    act.mark = await answer.text();
  } catch {
    return fail(act, 0);
  }
  if (act.takes) done = done.filter((other) => other.mark !== act.takes?.mark);
  const known = done.filter((other) => other.mark !== undefined);
  sessionStorage.setItem(memory(), JSON.stringify(known));
  const item = document.getElementById(act.item);
  if (!item) {
    // What came back was done on another page: that is where to look.
    const paper = act.url.replace(/\/[^/]*$/, "");
    const fields = new Map(act.fields);
    const of = [fields.get("question"), fields.get("criterion")].filter(Boolean).join(".");
    if (act.takes && queue.length === 1) setTimeout(() => location.assign(`${paper}#q-${of}`));
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
 * Another person decided the same since the page showed it, or the pupil wrote on. Now that it is
 * told, a second press counts. The item stays though it may wait for nobody any more.
 * @param {Act} act @param {{seen: string, words: string}} told
 */
function contested(act, { seen, words: told }) {
  done = done.filter((other) => other !== act);
  const item = document.getElementById(act.item);
  item?.setAttribute("data-held", "");
  for (const field of item?.querySelectorAll("input[name=seen]") ?? []) {
    field.setAttribute("value", seen);
  }
  const fields = act.fields.filter(([name]) => name !== "seen");
  failed.set(act.item, { ...act, fields: [...fields, ["seen", seen]] });
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
  const element = document.getElementById(item);
  const place = element?.querySelector(".said");
  if (!element || !place) return;
  if (text === "") return place.replaceChildren();
  const details = element.querySelector("details") ?? element.closest("details");
  if (details) details.open = true;
  const max = element.querySelector("[data-max]")?.getAttribute("data-max") ?? "";
  const around = element.closest(".card, .response") ?? element;
  const whose = [...around.querySelectorAll(".whose .name, .whose .label, summary .label")];
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
    if (!isSent(item.id)) item.removeAttribute("data-sent");
  }
  for (const act of queue) document.getElementById(act.item)?.setAttribute("data-sent", "");
  for (const item of stored.keys()) document.getElementById(item)?.setAttribute("data-sent", "");
}
