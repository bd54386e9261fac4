// Shows on the page which strokes a verdict rests on, as long as its evidence is open.

export function evidence() {
  // The event does not bubble.
  document.addEventListener("toggle", point, true);
  document.addEventListener("part", point);
}

function point() {
  const open = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".response .evidence[open]")]);
  const parts = new Set(open.map((details) => details.dataset.part));
  const sheet = document.querySelector(".sheet");
  sheet?.classList.toggle("pointing", parts.size > 0);
  for (const stroke of sheet?.querySelectorAll(".ink [data-q]") ?? []) {
    stroke.classList.toggle("pointed", parts.has(stroke.getAttribute("data-q") ?? ""));
  }
}
