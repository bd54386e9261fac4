// Pulls pupils out of a group of answers that are alike, and puts them back. Without this module the
// boxes of the group say who is decided with the others.

/** Who is pulled out, by the id of the member: it stays so until it is put back. */
const memory = () => `apart:${document.body.dataset.assignment}`;
/** @type {Set<string>} */
let apart = new Set();

export function groups() {
  const list = document.getElementById("part");
  if (!list?.querySelector(".cards")) return;
  apart = new Set(JSON.parse(sessionStorage.getItem(memory()) ?? "[]"));
  arrange(list);
  document.addEventListener("change", (event) => {
    const member = event.target instanceof Element && event.target.matches("[name=member]") &&
      event.target.closest(".member");
    if (member instanceof HTMLElement) pull(member);
  });
  document.addEventListener("click", (event) => {
    const card = event.target instanceof Element && event.target.closest("[data-back]") &&
      event.target.closest(".card");
    if (card instanceof HTMLElement) putBack(card);
  });
}

const memberOf = (/** @type {Element} */ card) =>
  /** @type {HTMLElement[]} */ ([...card.querySelectorAll(".member")]);
const boxOf = (/** @type {Element} */ member) =>
  /** @type {HTMLInputElement | null} */ (member.querySelector("input[name=member]"));

/**
 * Lets those who are pulled out stand alone behind their groups, in a list that came from the
 * server.
 * @param {Element} list
 */
export function arrange(list) {
  for (const group of list.querySelectorAll(".card.many:not(.done, .apart)")) {
    for (const member of memberOf(group)) {
      if (apart.has(member.id)) split(group, member);
    }
  }
}

/** A card of its own for a member, behind its group. The last one stays. */
function split(/** @type {Element} */ group, /** @type {HTMLElement} */ member) {
  if (memberOf(group).length < 2) {
    const box = boxOf(member);
    if (box) box.checked = true;
    return null;
  }
  const card = /** @type {HTMLElement} */ (group.cloneNode(true));
  for (const name of ["data-here", "data-sent", "data-held"]) card.removeAttribute(name);
  // As the server names it once the others are decided.
  card.id = `g-${member.id.slice(2)}`;
  card.classList.add("apart");
  card.dataset.group = group.id;
  card.querySelector(".said")?.replaceChildren();
  card.querySelector(".about .count")?.remove();
  for (const other of memberOf(card)) if (other.id !== member.id) other.remove();
  // Not the name of the group's own form, which is its first member's.
  const form = `f-${card.id}`;
  const box = boxOf(card);
  if (!box) return null;
  card.querySelector("form.decide")?.setAttribute("id", form);
  box.setAttribute("form", form);
  box.type = "hidden";
  const back = document.createElement("button");
  back.type = "button";
  back.className = "plain";
  back.dataset.back = "";
  const words = document.getElementById("keys")?.dataset.back ?? "";
  const key = document.createElement("kbd");
  key.append("x");
  back.append(words, key);
  card.querySelector(".member")?.append(back);
  let at = group;
  while (at.nextElementSibling?.matches(`[data-group="${CSS.escape(group.id)}"]`)) at = at.nextElementSibling;
  at.after(card);
  member.remove();
  return card;
}

/** Pulls a member out of its group; the focus goes to the next one. */
function pull(/** @type {HTMLElement} */ member) {
  const group = member.closest(".card");
  const next = member.nextElementSibling ?? member.previousElementSibling;
  if (!group || !split(group, member)) return;
  apart.add(member.id);
  keep();
  if (next) boxOf(next)?.focus({ preventScroll: true });
}

function putBack(/** @type {HTMLElement} */ card) {
  const group = document.getElementById(card.dataset.group ?? "");
  const members = group?.querySelector(".members");
  const member = card.querySelector(".member");
  const box = member && boxOf(member);
  const first = group && boxOf(group);
  if (!members || !box || !first) return;
  box.type = "checkbox";
  box.checked = true;
  box.setAttribute("form", first.getAttribute("form") ?? "");
  member.querySelector("[data-back]")?.remove();
  const place = Number(box.dataset.at);
  const after = memberOf(group).find((other) => Number(boxOf(other)?.dataset.at) > place);
  members.insertBefore(member, after ?? null);
  card.remove();
  apart.delete(member.id);
  keep();
  box.focus({ preventScroll: true });
}

function keep() {
  sessionStorage.setItem(memory(), JSON.stringify([...apart]));
  document.dispatchEvent(new Event("arranged"));
}

/** Pulls the focused member of a group out, or puts a member that is out back. */
export function toggle(/** @type {HTMLElement | null} */ card) {
  if (!card?.matches(".many:not(.done)")) return false;
  if (card.matches(".apart")) putBack(card);
  else {
    const member = card.contains(document.activeElement) && document.activeElement?.closest(".member");
    if (!(member instanceof HTMLElement)) return walk(card, 1);
    pull(member);
  }
  return true;
}

/** To the next or previous member of a group. */
export function walk(/** @type {HTMLElement | null} */ card, /** @type {number} */ by) {
  const boxes = [...card?.querySelectorAll("input[type=checkbox][name=member]") ?? []];
  if (boxes.length === 0) return false;
  const at = boxes.findIndex((box) => box.closest(".member")?.contains(document.activeElement));
  const to = boxes[at < 0 ? 0 : Math.min(Math.max(at + by, 0), boxes.length - 1)];
  if (to instanceof HTMLElement) to.focus();
  return true;
}
