// The pages of a draft with their fields: drawn, moved and resized by pointer and by keyboard.
//
// Lengths are millimetres of the page. The desk draws what it is given and tells what was done; it
// keeps no fields of its own.

/**
 * @typedef {{x: number, y: number, width: number, height: number}} Box
 * @typedef {Box & {page: number, number: string}} Placed
 * @typedef {{
 *   add: (page: number, box: Box, shape: string) => void,
 *   change: (at: number, box: Box) => void,
 *   done: () => void,
 *   remove: (at: number) => void,
 *   select: (at: number) => void,
 *   edit: (at: number) => void,
 *   label: (number: string) => string,
 * }} Told
 * @typedef {{svg: SVGSVGElement, page: number, width: number, height: number, spots: SVGRectElement[]}} Sheet
 * @typedef {{sheet: Sheet, from: DOMPoint, at: number, corner: string, box: Box, spot: SVGRectElement | null, moved: boolean}} Drag
 */

const SVG = "http://www.w3.org/2000/svg";
/** Edges that are nearer than this join, millimetres. */
const SNAP = 1.5;
/** What is dragged no further is a click. */
const STILL = 1.2;
/** The smallest field. */
const LEAST = 3;
const CORNERS = ["nw", "ne", "sw", "se"];

export class Desk {
  /** @type {Sheet[]} */ #sheets = [];
  /** @type {Placed[]} */ #fields = [];
  /** @type {Set<number>} */ #faulty = new Set();
  /** @type {Drag | null} */ #drag = null;
  #selected = -1;
  /** @type {Told} */ #told;

  /** @param {Element} root @param {Told} told */
  constructor(root, told) {
    this.#told = told;
    for (const svg of root.querySelectorAll("svg[data-page]")) {
      if (!(svg instanceof SVGSVGElement)) continue;
      const { width, height } = svg.viewBox.baseVal;
      const spots = [...svg.querySelectorAll(".spot")].filter((spot) => spot instanceof SVGRectElement);
      const sheet = { svg, page: Number(svg.dataset.page), width, height, spots };
      this.#sheets.push(sheet);
      this.#listen(sheet);
    }
  }

  /** Draws the fields. @param {Placed[]} fields @param {number} selected @param {Set<number>} faulty */
  draw(fields, selected, faulty) {
    [this.#fields, this.#selected, this.#faulty] = [fields, selected, faulty];
    const focus = document.activeElement?.closest("g.fields [data-at]")?.getAttribute("data-at");
    for (const sheet of this.#sheets) {
      const own = fields.map((field, at) => ({ field, at })).filter(({ field }) => field.page === sheet.page);
      const group = sheet.svg.querySelector("g.fields");
      group?.replaceChildren(...own.map(({ field, at }) => this.#shape(field, at)));
    }
    if (focus !== undefined && focus !== null) this.focus(Number(focus));
  }

  /** Puts the keyboard on a field. @param {number} at */
  focus(at) {
    for (const sheet of this.#sheets) {
      const shape = sheet.svg.querySelector(`g.fields [data-at="${at}"]`);
      if (shape instanceof SVGElement) shape.focus({ preventScroll: true });
    }
  }

  /** The page that is most in sight, from 1. */
  inSight() {
    const middle = innerHeight / 2;
    const away = (/** @type {Sheet} */ sheet) => {
      const { top, bottom } = sheet.svg.getBoundingClientRect();
      return Math.max(top - middle, middle - bottom, 0);
    };
    return this.#sheets.reduce((best, sheet) => (away(sheet) < away(best) ? sheet : best)).page;
  }

  /** @param {Placed} field @param {number} at */
  #shape(field, at) {
    const group = document.createElementNS(SVG, "g");
    const set = (/** @type {Element} */ element, /** @type {Record<string, string | number>} */ values) => {
      for (const [name, value] of Object.entries(values)) element.setAttribute(name, String(value));
      return element;
    };
    const classes = ["placed"];
    if (this.#faulty.has(at)) classes.push("faulty");
    if (at === this.#selected) classes.push("selected");
    set(group, { class: classes.join(" "), "data-at": at, tabindex: 0, role: "button", "aria-label": this.#told.label(field.number) });
    const { x, y, width, height } = field;
    group.append(set(document.createElementNS(SVG, "rect"), { class: "field", x, y, width, height }));
    const text = set(document.createElementNS(SVG, "text"), { x: x + 0.8, y: y + 4 });
    text.textContent = field.number;
    group.append(text);
    if (at === this.#selected) {
      for (const corner of CORNERS) {
        const cx = corner.endsWith("e") ? x + width : x;
        const cy = corner.startsWith("s") ? y + height : y;
        group.append(set(document.createElementNS(SVG, "circle"), { class: `handle ${corner}`, cx, cy, r: 1.5, "data-corner": corner }));
      }
    }
    return group;
  }

  /** @param {Sheet} sheet */
  #listen(sheet) {
    const { svg } = sheet;
    svg.addEventListener("pointerdown", (event) => this.#down(sheet, event));
    svg.addEventListener("pointermove", (event) => this.#move(event));
    svg.addEventListener("pointerup", () => this.#up());
    svg.addEventListener("pointercancel", () => { this.#drag = null; this.#ghost(null); });
    svg.addEventListener("keydown", (event) => this.#key(sheet, event));
    svg.addEventListener("keyup", (event) => { if (event.key.startsWith("Arrow")) this.#told.done(); });
    svg.addEventListener("focusin", (event) => {
      const at = event.target instanceof Element ? event.target.getAttribute("data-at") : null;
      if (at !== null && Number(at) !== this.#selected) this.#told.select(Number(at));
    });
    // One tab stop for all boxes found; arrows go among them.
    sheet.spots.forEach((spot, at) => spot.setAttribute("tabindex", at === 0 ? "0" : "-1"));
    for (const spot of sheet.spots) spot.setAttribute("role", "button");
  }

  /** @param {Sheet} sheet @param {{clientX: number, clientY: number}} event */
  #point(sheet, event) {
    const matrix = sheet.svg.getScreenCTM()?.inverse();
    return new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix);
  }

  /** @param {Sheet} sheet @param {PointerEvent} event */
  #down(sheet, event) {
    if (event.button !== 0 || !(event.target instanceof Element)) return;
    const from = this.#point(sheet, event);
    const held = event.target.closest("[data-at]");
    const corner = event.target.getAttribute("data-corner") ?? "";
    const at = held ? Number(held.getAttribute("data-at")) : -1;
    const spot = event.target.closest(".spot");
    // A finger on bare paper scrolls the page.
    if (event.pointerType === "touch" && !held && !spot) return;
    const box = held ? { ...boxOf(this.#fields[at]) } : { x: from.x, y: from.y, width: 0, height: 0 };
    this.#drag = { sheet, from, at, corner, box, spot: spot instanceof SVGRectElement ? spot : null, moved: false };
    sheet.svg.setPointerCapture(event.pointerId);
    if (held) this.#told.select(at);
    event.preventDefault();
    if (held) this.focus(at);
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const drag = this.#drag;
    if (!drag) return;
    const to = this.#point(drag.sheet, event);
    const [dx, dy] = [to.x - drag.from.x, to.y - drag.from.y];
    if (!drag.moved && Math.hypot(dx, dy) < STILL) return;
    drag.moved = true;
    const free = event.altKey;
    if (drag.at < 0) {
      const box = span(drag.from, to);
      this.#ghost({ ...drag, box: within(drag.sheet, free ? box : this.#snapped(drag.sheet, box)) });
    } else if (drag.corner) {
      this.#told.change(drag.at, within(drag.sheet, this.#resized(drag, to, free)));
    } else {
      const box = { ...drag.box, x: drag.box.x + dx, y: drag.box.y + dy };
      this.#told.change(drag.at, within(drag.sheet, free ? box : this.#shifted(drag.sheet, box)));
    }
  }

  #up() {
    const drag = this.#drag;
    this.#drag = null;
    if (!drag) return;
    const ghost = this.#ghost(null);
    if (drag.at >= 0) {
      if (drag.moved) this.#told.done();
    } else if (drag.moved && ghost && ghost.width >= LEAST && ghost.height >= LEAST) {
      this.#told.add(drag.sheet.page, ghost, "box");
    } else if (!drag.moved && drag.spot) {
      this.#use(drag.sheet, drag.spot);
    }
  }

  /** @param {Sheet} sheet @param {SVGRectElement} spot */
  #use(sheet, spot) {
    const shape = ["line", "bracket"].find((name) => spot.classList.contains(name)) ?? "box";
    this.#told.add(sheet.page, boxOfRect(spot), shape);
  }

  /** Shows what is being drawn, or takes it away and returns it. @param {Drag | null} drag @returns {Box | null} */
  #ghost(drag) {
    const old = document.querySelector("rect.ghost");
    if (!drag) {
      const box = old instanceof SVGRectElement ? boxOfRect(old) : null;
      old?.remove();
      return box;
    }
    const ghost = old ?? document.createElementNS(SVG, "rect");
    ghost.setAttribute("class", "ghost");
    for (const [name, value] of Object.entries(drag.box)) ghost.setAttribute(name, String(value));
    if (!old) drag.sheet.svg.append(ghost);
    return drag.box;
  }

  /** Edges of the boxes found on a page. @param {Sheet} sheet */
  #edges(sheet) {
    const boxes = sheet.spots.map(boxOfRect);
    return {
      x: boxes.flatMap((box) => [box.x, box.x + box.width]),
      y: boxes.flatMap((box) => [box.y, box.y + box.height]),
    };
  }

  /** Each edge where it joins what was found. @param {Sheet} sheet @param {Box} box */
  #snapped(sheet, box) {
    const edges = this.#edges(sheet);
    const [left, right] = [snap(box.x, edges.x), snap(box.x + box.width, edges.x)];
    const [top, low] = [snap(box.y, edges.y), snap(box.y + box.height, edges.y)];
    return { x: left, y: top, width: right - left, height: low - top };
  }

  /** The box at the same size, one edge of each direction joined. @param {Sheet} sheet @param {Box} box */
  #shifted(sheet, box) {
    const edges = this.#edges(sheet);
    const shift = (/** @type {number} */ from, /** @type {number} */ length, /** @type {number[]} */ of) => {
      const near = snap(from, of);
      return near !== from ? near : snap(from + length, of) - length;
    };
    return { ...box, x: shift(box.x, box.width, edges.x), y: shift(box.y, box.height, edges.y) };
  }

  /** @param {Drag} drag @param {DOMPoint} to @param {boolean} free */
  #resized(drag, to, free) {
    const { box, corner } = drag;
    const edges = free ? { x: [], y: [] } : this.#edges(drag.sheet);
    const far = { x: corner.endsWith("e") ? box.x : box.x + box.width, y: corner.startsWith("s") ? box.y : box.y + box.height };
    const sized = span(far, { x: snap(to.x, edges.x), y: snap(to.y, edges.y) });
    return { ...sized, width: Math.max(sized.width, LEAST), height: Math.max(sized.height, LEAST) };
  }

  /** @param {Sheet} sheet @param {KeyboardEvent} event */
  #key(sheet, event) {
    const target = event.target;
    if (!(target instanceof SVGElement)) return;
    if (target instanceof SVGRectElement && target.classList.contains("spot")) this.#spotKey(sheet, target, event);
    const held = target.getAttribute("data-at");
    if (held !== null) this.#fieldKey(sheet, Number(held), event);
  }

  /** @param {Sheet} sheet @param {SVGRectElement} spot @param {KeyboardEvent} event */
  #spotKey(sheet, spot, event) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (event.key === "Enter" || event.key === " ") this.#use(sheet, spot);
    else if (step === undefined) return;
    else {
      const next = sheet.spots[sheet.spots.indexOf(spot) + step];
      if (next) {
        spot.setAttribute("tabindex", "-1");
        next.setAttribute("tabindex", "0");
        next.focus();
      }
    }
    event.preventDefault();
  }

  /** @param {Sheet} sheet @param {number} at @param {KeyboardEvent} event */
  #fieldKey(sheet, at, event) {
    const length = event.ctrlKey || event.metaKey ? 0.1 : 1;
    const [dx, dy] = { ArrowRight: [1, 0], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowUp: [0, -1] }[event.key] ?? [0, 0];
    const box = boxOf(this.#fields[at]);
    if (dx !== 0 || dy !== 0) {
      const moved = event.shiftKey
        ? { ...box, width: Math.max(box.width + dx * length, LEAST), height: Math.max(box.height + dy * length, LEAST) }
        : { ...box, x: box.x + dx * length, y: box.y + dy * length };
      this.#told.change(at, within(sheet, moved));
    } else if (event.key === "Delete" || event.key === "Backspace") this.#told.remove(at);
    else if (event.key === "Enter") this.#told.edit(at);
    else return;
    event.preventDefault();
  }
}

/** @param {Box} box @returns {Box} */
function boxOf({ x, y, width, height }) {
  return { x, y, width, height };
}

/** @param {SVGRectElement} rect @returns {Box} */
function boxOfRect(rect) {
  const of = (/** @type {string} */ name) => Number(rect.getAttribute(name));
  return { x: of("x"), y: of("y"), width: of("width"), height: of("height") };
}

/** The box between two corners. @param {{x: number, y: number}} a @param {{x: number, y: number}} b @returns {Box} */
function span(a, b) {
  return { x: Math.min(a.x, b.x), y: Math.min(a.y, b.y), width: Math.abs(a.x - b.x), height: Math.abs(a.y - b.y) };
}

/** The nearest edge, if one is near. @param {number} value @param {number[]} edges */
function snap(value, edges) {
  let near = value;
  for (const edge of edges) {
    const isNearer = Math.abs(edge - value) < (near === value ? SNAP : Math.abs(near - value));
    if (isNearer) near = edge;
  }
  return near;
}

/** The box on its page, to a hundredth of a millimetre. @param {Sheet} sheet @param {Box} box @returns {Box} */
function within(sheet, box) {
  const round = (/** @type {number} */ mm) => Math.round(mm * 100) / 100;
  const width = Math.min(box.width, sheet.width);
  const height = Math.min(box.height, sheet.height);
  const x = Math.min(Math.max(box.x, 0), sheet.width - width);
  const y = Math.min(Math.max(box.y, 0), sheet.height - height);
  return { x: round(x), y: round(y), width: round(width), height: round(height) };
}
