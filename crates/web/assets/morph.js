// Changes one piece of a page into a newer one and leaves alone what is the same, so that neither
// scrolling nor focus nor an open list is lost.

import { arrange } from "./groups.js";

/** Attributes that belong to the person at the screen, not to the server. */
const OWN = new Set(["open", "data-here", "data-sent", "data-held", "data-warned", "tabindex"]);

/** @param {Element} old @param {Element} fresh */
export function morph(old, fresh) {
  if (old.isEqualNode(fresh) || old.matches(".said")) return;
  if (old.matches(".replay")) {
    // It may be playing; it only hears how long it now is, and of its pauses.
    const [pauses, newer] = [old, fresh].map((bar) => bar.querySelector(".pauses"));
    if (pauses && newer) morph(pauses, newer);
    return;
  }
  if (old.tagName !== fresh.tagName || old.id !== fresh.id) {
    old.replaceWith(document.importNode(fresh, true));
    return;
  }
  if (turned(old, fresh)) {
    const [outer, newer] = [old, fresh].map((item) => item.querySelector("details:not(.evidence)"));
    outer?.toggleAttribute("open", newer?.hasAttribute("open") ?? false);
  }
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !OWN.has(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value && !OWN.has(name)) old.setAttribute(name, value);
  }
  children(old, fresh);
}

/** Whether a response became something else: its form then opens or closes with it. */
function turned(/** @type {Element} */ old, /** @type {Element} */ fresh) {
  return old.classList.contains("response") && old.className !== fresh.className;
}

/**
 * Goes through the newer children in order. A child with an id is found by it wherever it stood, so
 * that only what really moved is moved.
 */
function children(/** @type {Element} */ old, /** @type {Element} */ fresh) {
  const staying = new Set([...fresh.children].map((child) => child.id));
  let at = old.firstChild;
  for (const node of fresh.childNodes) {
    while (at && isInTheWay(at, node, staying)) at = removed(at);
    const id = node instanceof Element ? node.id : "";
    if (id && !(at instanceof Element && at.id === id)) {
      const same = [...old.children].find((child) => child.id === id);
      old.insertBefore(same ?? document.importNode(node, true), at);
      if (same) morph(same, /** @type {Element} */ (node));
    } else if (!at) {
      const added = document.importNode(node, true);
      // What was written since appears; nothing else moves.
      if (added instanceof Element && old.classList.contains("ink")) added.classList.add("new");
      old.append(added);
    } else if (isSaid(at) && !isSaid(node)) {
      // What is said beside an item stays last; a form that was not there comes before it.
      old.insertBefore(document.importNode(node, true), at);
    } else {
      const next = at.nextSibling;
      if (at instanceof Element && node instanceof Element) morph(at, node);
      else if (!at.isEqualNode(node)) at.replaceWith(document.importNode(node, true));
      at = next;
    }
  }
  while (at) at = removed(at);
}

/** Whether a child holds the words on what was not stored. */
function isSaid(/** @type {Node} */ node) {
  return node instanceof Element && node.matches(".said");
}

/** Whether a child has no counterpart at this place: it has gone, or is space between two. */
function isInTheWay(/** @type {Node} */ at, /** @type {Node} */ node, /** @type {Set<string>} */ staying) {
  if (at instanceof Element) return at.id !== "" && !staying.has(at.id);
  return node instanceof Element && (at.textContent ?? "").trim() === "";
}

/**
 * Removes a node and returns the one after it. What holds words about something that was not stored
 * stays, until it is stored or the page is left.
 */
function removed(/** @type {ChildNode} */ node) {
  const next = node.nextSibling;
  const held = node instanceof Element &&
    (node.matches("[data-held]") || node.querySelector("[data-held]"));
  if (!held) node.remove();
  return next;
}

/**
 * Leaves the cards that are on the page where they are, whatever else came or went: a card that is new
 * stands behind them. A card is known by its members. @param {Element} old @param {Element} fresh
 */
function keepPlaces(old, fresh) {
  const list = fresh.querySelector(".cards");
  if (!list) return;
  const before = new Map([...old.querySelectorAll(".cards .member")].map((member, at) => [member.id, at]));
  const place = (/** @type {Element} */ card) =>
    Math.min(...[...card.querySelectorAll(".member")].map((member) => before.get(member.id) ?? Infinity));
  if (before.size === 0) return;
  const cards = [...list.children].map((card) => ({ card, place: place(card) }));
  // The sort is stable: new ones stay in the server's order.
  cards.sort((a, b) => (a.place === b.place ? 0 : a.place - b.place));
  list.append(...cards.map(({ card }) => card));
}

/** Puts the part that the server wrote into the page. Returns whether there was one. */
export function put(/** @type {string} */ html) {
  const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("part");
  const old = document.getElementById("part");
  if (!fresh || !old) return false;
  arrange(fresh);
  keepPlaces(old, fresh);
  morph(old, fresh);
  document.dispatchEvent(new Event("part"));
  return true;
}
