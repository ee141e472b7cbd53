// Loads the page again every second while it is seen, and puts in what has changed. Without this file nothing is missing
// but that. What a person has opened, typed, selected or scrolled stays.
"use strict";
(() => {
  const button = document.getElementById("live");
  const said = document.getElementById("said");
  const regions = [...document.querySelectorAll("[data-live]")];
  if (!button || regions.length === 0) return;
  const seen = new Map(regions.map((one) => [one.dataset.live, one.innerHTML]));
  let on = true;
  let wait = 1000;
  let timer = 0;

  const show = (text) => { button.textContent = text; };
  const statusOf = (root) => root.querySelector("[data-status]")?.textContent;

  const inUse = (region) => {
    const selection = getSelection();
    if (selection && !selection.isCollapsed && region.contains(selection.anchorNode)) return true;
    if (!("keep" in region.dataset)) return false;
    if (region.querySelector(".problem")) return true;
    const fields = [...region.querySelectorAll("input:not([type=hidden]), textarea")];
    return fields.some((one) => one === document.activeElement || one.value !== one.defaultValue);
  };

  const nameOf = (node) => {
    if (node.tagName === "SUMMARY") return `details[data-key="${CSS.escape(node.parentElement.dataset.key)}"] > summary`;
    if (node.dataset.scroll) return `[data-scroll="${CSS.escape(node.dataset.scroll)}"]`;
    if (node.tagName === "A") return `a[href="${CSS.escape(node.getAttribute("href"))}"]`;
    return node.id ? `#${CSS.escape(node.id)}` : null;
  };

  const put = (region, fresh) => {
    const opened = [...region.querySelectorAll("details[open]")].map((one) => one.dataset.key);
    const scrolled = [...region.querySelectorAll("[data-scroll]")].map((one) => [one.dataset.scroll, one.scrollLeft]);
    const focused = region.contains(document.activeElement) ? nameOf(document.activeElement) : null;
    region.replaceChildren(...fresh.childNodes);
    for (const one of region.querySelectorAll("details")) one.open = opened.includes(one.dataset.key);
    for (const [key, left] of scrolled) {
      const one = region.querySelector(`[data-scroll="${CSS.escape(key)}"]`);
      if (one) one.scrollLeft = left;
    }
    if (focused) region.querySelector(focused)?.focus({ preventScroll: true });
  };

  const look = async () => {
    const began = performance.now();
    try {
      const answer = await fetch(location.href, { headers: { "X-Devhost-Poll": "1" }, cache: "no-store" });
      if (!answer.ok) {
        if (answer.status === 404) location.reload();
        throw new Error(String(answer.status));
      }
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const before = statusOf(document);
      for (const region of regions) {
        const key = region.dataset.live;
        const twin = fresh.querySelector(`[data-live="${key}"]`);
        if (!twin || twin.innerHTML === seen.get(key) || inUse(region)) continue;
        seen.set(key, twin.innerHTML);
        put(region, twin);
      }
      const token = fresh.querySelector("input[name=token]")?.value;
      if (token) for (const one of document.querySelectorAll("input[name=token]")) one.value = token;
      const after = statusOf(document);
      if (after !== before) said.textContent = `Status: ${after}`;
      show("Live");
      wait = Math.max(1000, 10 * (performance.now() - began));
    } catch {
      show("Not reachable");
      wait = Math.min(10000, wait * 2);
    }
    plan();
  };

  const plan = () => {
    clearTimeout(timer);
    if (on && !document.hidden) timer = setTimeout(look, wait);
  };

  button.hidden = false;
  button.addEventListener("click", () => {
    on = !on;
    button.setAttribute("aria-pressed", String(on));
    show(on ? "Live" : "Paused");
    wait = 1000;
    plan();
  });
  document.addEventListener("visibilitychange", () => { wait = 1000; plan(); });
  plan();
})();
