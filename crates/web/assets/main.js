// Starts what a page asks for. Every page works without any of this.

import { listen } from "./live.js";
import { groups } from "./groups.js";
import { keys } from "./keys.js";
import { evidence } from "./evidence.js";
import { replay } from "./replay.js";
import { forms } from "./forms.js";
import { matrix } from "./matrix.js";

// Where a page began stays in its address, so that it is there again after a reload.
if (document.body.dataset.here) history.replaceState(null, "", document.body.dataset.here + location.hash);

listen();
groups();
forms();
keys();
replay();
evidence();
matrix();

for (const table of document.querySelectorAll("[data-scroll]")) {
  if (table instanceof HTMLElement) keepScroll(table);
}

/** Where a table was scrolled to, when its teacher comes back to it. */
function keepScroll(/** @type {HTMLElement} */ element) {
  const key = "scroll:" + location.pathname;
  const [left, top] = (sessionStorage.getItem(key) ?? "0,0").split(",").map(Number);
  element.scrollTo(left, top);
  addEventListener("pagehide", () => {
    sessionStorage.setItem(key, `${Math.round(element.scrollLeft)},${Math.round(element.scrollTop)}`);
  });
}
