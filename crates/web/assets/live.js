// Hears what happens in the teacher's classes and fetches the part of the page that it concerns.

import { put } from "./morph.js";

/** The shortest time between two fetches, milliseconds. */
const PACE_MS = 700;

/** Between two tries after the site refused to tell more: twice as long each time. */
const WAIT_MIN_MS = 5_000;
const WAIT_MAX_MS = 60_000;

const page = document.body.dataset;
/** @type {EventSource} */
let source;
let waitMs = WAIT_MIN_MS;
let wanted = false;
let busy = false;
let ended = false;

/** How many fetches of the part have begun, and which of them is shown. */
export const fetches = { begun: 0, shown: 0 };

export function listen() {
  if (!page.live) return;
  const url = new URL(page.live, location.href);
  url.searchParams.set("after", page.after ?? "0");
  open(url);
  // A page that nobody sees need not hear: it catches up when it is looked at again.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden || ended) return;
    if (source.readyState === EventSource.CLOSED) open(url);
    refresh();
  });
  // Two windows side by side are both visible: the one that yielded listens when it is used.
  addEventListener("focus", () => {
    if (!ended && source.readyState === EventSource.CLOSED) open(url);
  });
  addEventListener("pagehide", () => source.close());
}

function open(/** @type {URL} */ url) {
  source = new EventSource(url);
  source.addEventListener("open", () => {
    waitMs = WAIT_MIN_MS;
    show(true);
  });
  source.addEventListener("error", (event) => {
    if (ended) return;
    show(false);
    // The browser comes back by itself unless it was refused: then the session has ended, which
    // fetching the part finds out, or the site is busy, and all who were refused come back apart.
    if (event.target !== source || source.readyState !== EventSource.CLOSED) return;
    setTimeout(() => reopen(url), waitMs * (0.5 + Math.random()));
    waitMs = Math.min(2 * waitMs, WAIT_MAX_MS);
  });
  // A newer page of this browser listens instead; this one does again when it is looked at.
  source.addEventListener("yield", () => {
    source.close();
    show(false);
  });
  // Too much happened to be told one by one.
  source.addEventListener("behind", (event) => {
    url.searchParams.set("after", event.lastEventId);
    refresh();
  });
  source.addEventListener("change", (event) => {
    url.searchParams.set("after", event.lastEventId);
    if (concerns(JSON.parse(event.data))) refresh();
  });
}

function reopen(/** @type {URL} */ url) {
  if (ended) return;
  refresh();
  if (source.readyState === EventSource.CLOSED) open(url);
}

/** @param {{assignment: string | null, pupil: string, page: number | null}} change */
function concerns(change) {
  const assignment = !page.assignment || change.assignment === page.assignment;
  const pupil = !page.pupil || change.pupil === page.pupil;
  return assignment && pupil;
}

function show(/** @type {boolean} */ on) {
  const state = document.getElementById("live");
  if (!state) return;
  state.hidden = false;
  state.classList.toggle("off", !on);
  const words = (on ? state.dataset.on : state.dataset.off) ?? "";
  if (state.textContent !== words) state.textContent = words;
}

/**
 * The page can hear no more: the session has ended, or what it shows is no longer the teacher's. It
 * stays as it is, with whatever was typed into it, and says so.
 */
export function end() {
  source?.close();
  ended = true;
  // Nobody reconnects.
  document.getElementById("live")?.setAttribute("hidden", "");
  document.getElementById("ended")?.removeAttribute("hidden");
}

/** Fetches the part once more, soon; many wishes make one fetch. */
export function refresh() {
  wanted = true;
  if (!busy) fetchPart();
}

async function fetchPart() {
  busy = true;
  while (wanted && !document.hidden) {
    wanted = false;
    try {
      const part = page.part ?? location.href;
      const begun = ++fetches.begun;
      const answer = await fetch(part, { headers: { "X-Part": "1" } });
      if (answer.status === 401 || answer.status === 404) return end();
      if (answer.ok) {
        const html = await answer.text();
        fetches.shown = begun;
        if (!put(html)) return end();
      }
    } catch {
      // Offline: the event source says so, and its return refreshes.
    }
    await new Promise((done) => setTimeout(done, PACE_MS));
  }
  busy = false;
}
