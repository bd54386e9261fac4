// Plays the ink of a page, or of one question, again: stroke by stroke, with its pauses cut short.

/** How much faster than life a page is played; a question alone is short enough to be played as it
    was written. */
const SPEED = 4;

export function replay() {
  setup();
  document.addEventListener("part", setup);
}

function setup() {
  const bar = /** @type {HTMLElement | null} */ (document.querySelector(".replay"));
  if (!bar || !bar.hidden) return;
  const range = bar.querySelector("input");
  const button = bar.querySelector("button");
  const output = bar.querySelector("output");
  const whole = /** @type {HTMLElement | null} */ (bar.querySelector(".whole"));
  if (!range || !button || !output || !whole) return;
  /** The question that is played; none is the page. */
  let of = "";
  /** The server's word on each: its length and its pauses. */
  const tracks = () => /** @type {SVGGElement[]} */ ([...bar.querySelectorAll(".pauses g")]);
  const span = () => Number(tracks().find((track) => track.dataset.of === of)?.dataset.span);
  if (!(span() > 0)) return;
  bar.hidden = false;
  let frame = 0;
  const words = button.textContent ?? "";
  const say = (/** @type {boolean} */ plays) => {
    button.textContent = plays ? (button.dataset.pause ?? words) : words;
    button.setAttribute("aria-pressed", String(plays));
  };
  const showTrack = () => {
    for (const track of tracks()) track.toggleAttribute("hidden", track.dataset.of !== of);
  };

  const show = (/** @type {number} */ ms) => {
    for (const stroke of document.querySelectorAll(".sheet .ink [data-t]")) {
      const at = of ? stroke.getAttribute("data-o") : stroke.getAttribute("data-t");
      const played = !of || stroke.getAttribute("data-q") === of;
      stroke.classList.toggle("later", played && Number(at) > ms);
    }
    const all = ms >= span();
    document.querySelector(".sheet")?.classList.toggle("replaying", !all);
    const unit = document.documentElement.lang.startsWith("zh") ? "秒" : "s";
    output.textContent = all ? "" : `${(ms / 1000).toFixed(0)} ${unit}`;
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
      ms += (now - last) * (of ? 1 : SPEED);
      last = now;
      range.value = String(Math.min(1000, (ms / span()) * 1000));
      show(ms);
      if (ms < span()) frame = requestAnimationFrame(tick);
      else stop();
    };
    frame = requestAnimationFrame(tick);
  };
  const choose = (/** @type {string} */ question) => {
    stop();
    of = question;
    whole.hidden = of === "";
    range.value = "1000";
    showTrack();
    show(span());
  };
  button.addEventListener("click", () => (frame ? stop() : play()));
  whole.addEventListener("click", () => {
    choose("");
    button.focus();
  });
  range.addEventListener("input", () => {
    stop();
    show((Number(range.value) / 1000) * span());
  });
  document.addEventListener("click", (event) => {
    const one = event.target instanceof Element && event.target.closest("[data-replay]");
    if (!one) return;
    const question = one.getAttribute("data-replay") ?? "";
    choose(question);
    document
      .querySelector(`.sheet .ink [data-q="${CSS.escape(question)}"]`)
      ?.scrollIntoView({ block: "nearest" });
    play();
  });
  document.addEventListener("part", showTrack);
  showTrack();
}
