// Plays a page's ink again, stroke by stroke, with its pauses cut short.

/** How much faster than life. */
const SPEED = 4;

export function replay() {
  setup();
  document.addEventListener("part", setup);
}

function setup() {
  const bar = /** @type {HTMLElement | null} */ (document.querySelector(".replay"));
  if (!bar || !bar.hidden) return;
  const span = () => Number(bar.dataset.span);
  const range = bar.querySelector("input");
  const button = bar.querySelector("button");
  const output = bar.querySelector("output");
  if (!(span() > 0) || !range || !button || !output) return;
  bar.hidden = false;
  let frame = 0;
  const words = button.textContent ?? "";
  const say = (/** @type {boolean} */ plays) => {
    button.textContent = plays ? (button.dataset.pause ?? words) : words;
    button.setAttribute("aria-pressed", String(plays));
  };

  const show = (/** @type {number} */ ms) => {
    for (const stroke of document.querySelectorAll(".sheet .ink [data-t]")) {
      stroke.classList.toggle("later", Number(stroke.getAttribute("data-t")) > ms);
    }
    const all = ms >= span();
    document.querySelector(".sheet")?.classList.toggle("replaying", !all);
    output.textContent = all ? "" : `${(ms / 1000).toFixed(0)} s`;
  };
  const stop = () => {
    cancelAnimationFrame(frame);
    frame = 0;
    say(false);
  };
  const play = () => {
    let ms = Number(range.value) >= 1000 ? 0 : (Number(range.value) / 1000) * span();
    let last = performance.now();
    say(true);
    const tick = (/** @type {number} */ now) => {
      ms += (now - last) * SPEED;
      last = now;
      range.value = String(Math.min(1000, (ms / span()) * 1000));
      show(ms);
      if (ms < span()) frame = requestAnimationFrame(tick);
      else stop();
    };
    frame = requestAnimationFrame(tick);
  };
  button.addEventListener("click", () => (frame ? stop() : play()));
  range.addEventListener("input", () => {
    stop();
    show((Number(range.value) / 1000) * span());
  });
}
