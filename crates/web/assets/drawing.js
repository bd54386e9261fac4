// A draft of a worksheet over a PDF: fields are drawn on the pages, and what belongs in each is typed
// beside them. Everything is saved as one goes. Without this module the fields are a form of numbers.
//
// The form is the one place where a draft is kept: what is drawn is written into its rows, and its
// rows are what is sent.

import { Desk } from "./drawing-desk.js";

/** @typedef {import("./drawing-desk.js").Box} Box */
/** @typedef {Record<string, string>} Row the values of a row by the names of its fields */
/** @typedef {{field: number | null, place: string, text: string, grave: boolean}} Fault */

/** How long a draft rests before it is saved, and until a save that failed is tried again. */
const REST_MS = 500;
const AGAIN_MS = 5_000;
const NAMES = ["number", "kind", "key", "options", "points", "point", "page", "x", "y", "width", "height", "bracket"];

const form = document.getElementById("drawing");
if (form instanceof HTMLFormElement) start(form);

/** @param {HTMLFormElement} form */
function start(form) {
  const list = /** @type {HTMLElement} */ (document.getElementById("rows"));
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById("row"));
  let selected = -1;
  form.classList.add("on");
  /** @type {Set<number>} */
  let faulty = new Set([...list.children].flatMap((row, at) => (row.classList.contains("faulty") ? [at] : [])));
  for (const element of document.querySelectorAll(".scripted")) element.removeAttribute("hidden");

  const desk = new Desk(form, {
    add,
    change(at, box) { write(at, box); draw(); soon(); },
    done: commit,
    remove,
    select(at) { select(at, true); },
    edit(at) { control(at, "key").focus(); },
    label: (number) => (form.dataset.fieldLabel ?? "").replace("{number}", number),
  });

  // Rows ---------------------------------------------------------------------------------------

  /** @param {number} at @param {string} name @returns {HTMLInputElement} */
  function control(at, name) {
    const found = list.children[at]?.querySelector(`[name="${name}"]`);
    return /** @type {HTMLInputElement} */ (found);
  }

  /** @param {number} at @returns {Row} */
  const row = (at) => Object.fromEntries(NAMES.map((name) => [name, control(at, name).value]));
  const rows = () => [...list.children].map((_, at) => row(at));

  /** @param {Row[]} all */
  function setRows(all) {
    list.replaceChildren(...all.map((values) => {
      const item = /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
      for (const name of NAMES) {
        const input = /** @type {HTMLInputElement} */ (item.querySelector(`[name="${name}"]`));
        input.value = values[name];
      }
      return item;
    }));
    tidy();
  }

  /** Numbers the rows, and shows what each kind needs. */
  function tidy() {
    [...list.children].forEach((item, at) => {
      item.id = `field-${at}`;
      item.classList.toggle("selected", at === selected);
      item.classList.toggle("letter", control(at, "kind").value === "letter");
      const remove = item.querySelector("button.remove");
      remove?.setAttribute("value", String(at));
      remove?.setAttribute("aria-label", (form.dataset.removeLabel ?? "").replace("{number}", control(at, "number").value));
    });
    document.getElementById("none")?.toggleAttribute("hidden", list.children.length > 0);
  }

  /** @param {number} at @param {Box} box */
  function write(at, box) {
    control(at, "x").value = String(box.x);
    control(at, "y").value = String(box.y);
    control(at, "width").value = String(box.width);
    control(at, "height").value = String(box.height);
  }

  function draw() {
    const placed = rows().map((values) => {
      const mm = (/** @type {string} */ name) => Number(values[name].replace(",", ".")) || 0;
      return { page: Number(values.page), number: values.number, x: mm("x"), y: mm("y"), width: mm("width"), height: mm("height") };
    });
    desk.draw(placed, selected, faulty);
  }

  /** @param {number} at @param {boolean} shown */
  function select(at, shown) {
    if (selected === at) return;
    selected = at;
    tidy();
    draw();
    if (shown) list.children[at]?.scrollIntoView({ block: "nearest" });
  }

  /** The next number after the last one: 7 after 6, 二.4 after 二.3. @param {string} number */
  function after(number) {
    return number.replace(/(\d+)(\D*)$/, (_, digits, rest) => String(Number(digits) + 1) + rest);
  }

  /** @param {number} page @param {Box} box @param {string} shape */
  function add(page, box, shape) {
    const all = rows();
    const last = all[selected] ?? all.at(-1);
    const isRound = Math.abs(box.width - box.height) < 1.5 && box.width < 16;
    const usual = shape === "bracket" ? "letter" : isRound ? "comparison" : "number";
    const kind = last && shape === "box" && !isRound && !["letter", "comparison"].includes(last.kind) ? last.kind : usual;
    all.push({
      number: last ? after(all.at(-1)?.number ?? "") : "1",
      kind, key: "", options: "", points: last?.points ?? "1", point: last?.point ?? "",
      page: String(page), bracket: shape === "bracket" ? "1" : "",
      x: String(box.x), y: String(box.y), width: String(box.width), height: String(box.height),
    });
    setRows(all);
    selected = -1;
    select(all.length - 1, true);
    commit();
    control(all.length - 1, "key").focus({ preventScroll: true });
  }

  /** @param {number} at */
  function remove(at) {
    const all = rows();
    all.splice(at, 1);
    faulty = new Set();
    selected = -1;
    setRows(all);
    draw();
    commit();
    const next = Math.min(at, all.length - 1);
    if (next >= 0) desk.focus(next);
  }

  // Undo ---------------------------------------------------------------------------------------

  const snapshot = () => JSON.stringify(rows());
  /** What was before, the latest last, and what was undone. @type {string[]} */
  const before = [];
  /** @type {string[]} */
  let undone = [];
  let now = snapshot();

  /** Notes that something was done, so that it can be taken back, and has it saved. */
  function commit() {
    const next = snapshot();
    if (next === now) return;
    before.push(now);
    if (before.length > 200) before.shift();
    [now, undone] = [next, []];
    soon();
    buttons();
  }

  /** @param {string[]} from @param {string[]} to */
  function turn(from, to) {
    commit();
    const other = from.pop();
    if (other === undefined) return;
    to.push(now);
    now = other;
    faulty = new Set();
    selected = -1;
    setRows(JSON.parse(other));
    draw();
    soon();
    buttons();
  }

  function buttons() {
    for (const [name, stack] of /** @type {[string, string[]][]} */ ([["undo", before], ["redo", undone]])) {
      form.querySelector(`[data-do="${name}"]`)?.toggleAttribute("disabled", stack.length === 0);
    }
  }

  // Saving -------------------------------------------------------------------------------------

  const said = /** @type {HTMLElement} */ (document.getElementById("saving"));
  const revision = /** @type {HTMLInputElement} */ (form.elements.namedItem("revision"));
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {Promise<void> | null} */
  let sending = null;
  let dirty = false;
  // Another window changed the draft: what is here is not sent over it.
  let stopped = false;

  function soon(wait = REST_MS) {
    dirty = true;
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(() => { sending ??= send().finally(() => { sending = null; if (dirty) soon(AGAIN_MS); }); }, wait);
  }

  async function send() {
    if (stopped) return;
    dirty = false;
    said.textContent = form.dataset.saving ?? "";
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(form)) body.append(name, String(value));
    try {
      const answer = await fetch(form.action, { method: "POST", headers: { accept: "application/json" }, body });
      if (answer.status === 409) stopped = true;
      else if (!answer.ok) throw new Error(String(answer.status));
      /** @type {{revision: number | null, text: string, summary: string, faults: Fault[]}} */
      const told = await answer.json();
      if (told.revision !== null) revision.value = String(told.revision);
      said.textContent = told.text;
      said.classList.toggle("warns", stopped);
      dirty = dirty || stopped;
      if (!stopped) show(told.summary, told.faults);
    } catch {
      dirty = true;
      said.textContent = form.dataset.notSaved ?? "";
      said.classList.add("warns");
    }
  }

  /** @param {string} summary @param {Fault[]} faults */
  function show(summary, faults) {
    const title = document.getElementById("summary");
    if (title) title.textContent = summary;
    document.getElementById("faults")?.replaceChildren(...faults.map((fault) => {
      const item = document.createElement("li");
      item.classList.toggle("grave", fault.grave);
      const place = document.createElement(fault.field === null ? "span" : "a");
      place.textContent = fault.place;
      if (fault.field !== null) place.setAttribute("href", `#field-${fault.field}`);
      item.append(place, `：${fault.text}`);
      return item;
    }));
    faulty = new Set(faults.flatMap((fault) => (fault.field === null ? [] : [fault.field])));
    [...list.children].forEach((item, at) => {
      item.querySelectorAll(".fault").forEach((old) => old.remove());
      item.classList.toggle("faulty", faulty.has(at));
      for (const fault of faults.filter((fault) => fault.field === at)) {
        const line = document.createElement("p");
        line.className = "fault";
        line.textContent = fault.text;
        item.append(line);
      }
    });
    draw();
  }

  // What a person does -------------------------------------------------------------------------

  list.addEventListener("input", () => { tidy(); draw(); soon(); });
  list.addEventListener("change", commit);
  form.querySelector(".sheet-head")?.addEventListener("input", () => soon());
  list.addEventListener("focusin", (event) => {
    const item = event.target instanceof Element ? event.target.closest(".row") : null;
    if (item) select([...list.children].indexOf(item), false);
  });
  form.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (button?.dataset.do === "undo") turn(before, undone);
    else if (button?.dataset.do === "redo") turn(undone, before);
    else if (button?.name === "remove") remove(Number(button.value));
    else if (button?.name === "do" && button.value === "add") {
      add(desk.inSight(), { x: 20, y: 20, width: 26, height: 12 }, "box");
      desk.focus(list.children.length - 1);
    } else return;
    event.preventDefault();
  });
  form.addEventListener("submit", (event) => {
    // What is on its way changes the revision that the form must name.
    clearTimeout(timer);
    const submitter = /** @type {SubmitEvent} */ (event).submitter;
    if (sending) {
      event.preventDefault();
      void sending.then(() => form.requestSubmit(submitter));
      return;
    }
    dirty = false;
  });
  document.addEventListener("keydown", (event) => {
    // A text field has an undo of its own.
    const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (typing || !(event.ctrlKey || event.metaKey)) return;
    if (event.key === "z" && !event.shiftKey) turn(before, undone);
    else if (event.key === "y" || (event.key === "z" && event.shiftKey)) turn(undone, before);
    else return;
    event.preventDefault();
  });
  addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });

  tidy();
  draw();
  buttons();
}
