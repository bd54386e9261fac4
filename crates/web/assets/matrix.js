// A table of links is one stop of the Tab key; arrows, Home and End move inside it.

export function matrix() {
  const table = document.querySelector(".matrix table");
  if (!(table instanceof HTMLTableElement)) return;
  // The table scrolls with what is focused in it, so its frame need not be a stop of its own.
  table.closest(".matrix")?.setAttribute("tabindex", "-1");
  rove(table);
  document.addEventListener("part", () => rove(table));
  table.addEventListener("focusin", (event) => {
    const link = event.target instanceof Element && event.target.closest("a");
    if (link) rove(table, link);
  });
  table.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const link = event.target instanceof Element && event.target.closest("a");
    const to = link && target(table, link, event.key);
    if (!to) return;
    event.preventDefault();
    to.focus();
  });
}

/**
 * Leaves one link that Tab reaches: `here`, or the one before, or the first pupil's.
 *
 * @param {HTMLTableElement} table
 * @param {Element} [here]
 */
function rove(table, here) {
  const links = [...table.querySelectorAll("a")];
  here ??= links.find((link) => link.getAttribute("tabindex") === "0")
    ?? table.querySelector("tbody a") ?? links[0];
  for (const link of links) {
    const index = link === here ? "0" : "-1";
    if (link.getAttribute("tabindex") !== index) link.setAttribute("tabindex", index);
  }
}

/** Where a key leads to from a link: the next link in its direction, past cells without one. */
function target(
  /** @type {HTMLTableElement} */ table,
  /** @type {Element} */ link,
  /** @type {string} */ key,
) {
  const cell = /** @type {HTMLTableCellElement} */ (link.closest("td, th"));
  const row = /** @type {HTMLTableRowElement} */ (cell.parentElement);
  // The row of sections has fewer cells, and no links.
  const rows = [...table.rows].filter((other) => other.querySelector("a"));
  const at = rows.indexOf(row);
  const first = (/** @type {(Element | undefined)[]} */ cells) =>
    cells.map((other) => other?.querySelector("a")).find((found) => found) ?? null;
  const column = (/** @type {HTMLTableRowElement[]} */ of) =>
    first(of.map((other) => other.cells[cell.cellIndex]));
  switch (key) {
    case "ArrowRight": return first([...row.cells].slice(cell.cellIndex + 1));
    case "ArrowLeft": return first([...row.cells].slice(0, cell.cellIndex).reverse());
    case "ArrowDown": return column(rows.slice(at + 1));
    case "ArrowUp": return column(rows.slice(0, at).reverse());
    case "Home": return first([...row.cells]);
    case "End": return first([...row.cells].reverse());
  }
  return null;
}
