// Changes one piece of a page into a newer one and leaves alone what is the same, so that neither
// scrolling nor focus nor an open list is lost.

/** Attributes that belong to the person at the screen, not to the server. */
const OWN = new Set(["open", "data-here"]);

/** @param {Element} old @param {Element} fresh */
export function morph(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  if (old.tagName !== fresh.tagName || old.id !== fresh.id || turned(old, fresh)) {
    old.replaceWith(document.importNode(fresh, true));
    return;
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

function children(/** @type {Element} */ old, /** @type {Element} */ fresh) {
  const before = [...old.childNodes];
  const after = [...fresh.childNodes];
  after.forEach((node, index) => {
    const at = before[index];
    if (!at) {
      const added = document.importNode(node, true);
      // What was written since appears; nothing else moves.
      if (added instanceof Element && old.classList.contains("ink")) added.classList.add("new");
      old.append(added);
    } else if (at instanceof Element && node instanceof Element) {
      morph(at, node);
    } else if (!at.isEqualNode(node)) {
      at.replaceWith(document.importNode(node, true));
    }
  });
  before.slice(after.length).forEach((node) => node.remove());
}

/** Puts the part that the server wrote into the page. Returns whether there was one. */
export function put(/** @type {string} */ html) {
  const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("part");
  const old = document.getElementById("part");
  if (!fresh || !old) return false;
  morph(old, fresh);
  document.dispatchEvent(new Event("part"));
  return true;
}
