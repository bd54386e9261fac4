// Sends decisions without leaving the page. Without this module the forms work as forms.

import { end } from "./live.js";
import { put } from "./morph.js";
import { step } from "./keys.js";

export function forms() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.matches("form.decide")) return;
    event.preventDefault();
    send(form, /** @type {SubmitEvent} */ (event).submitter);
  });
  document.addEventListener("click", (event) => {
    const opener = event.target instanceof Element && event.target.closest("[data-open]");
    if (!opener) return;
    const dialog = document.getElementById(opener.getAttribute("data-open") ?? "");
    if (dialog instanceof HTMLDialogElement) dialog.showModal();
  });
}

/** @param {HTMLFormElement} form @param {HTMLElement | null} submitter */
async function send(form, submitter) {
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form, submitter)) body.append(name, String(value));
  const url = submitter?.getAttribute("formaction") ?? form.action;
  const undo = url.endsWith("/undo");
  const item = form.closest("[data-question]");
  form.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(url, { method: "POST", body, headers: { "X-Part": "1" } });
    if (answer.status === 401) end();
    if (!answer.ok || !put(await answer.text())) throw new Error(String(answer.status));
    if (!undo) step(item?.id ?? null);
  } catch {
    // Not decided: the form says so where the teacher looks, and the browser's own way remains.
    form.classList.add("failed");
    form.querySelector("button")?.focus();
  } finally {
    form.removeAttribute("aria-busy");
  }
}
