"use strict";
// Everything here builds the page out of elements and text. No text ever becomes markup: the page's policy demands
// trusted types and allows none.

const byId = (id) => document.getElementById(id);
const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));

/** An element: `make("p", {class: "quiet", onclick: f}, "text", otherElement)`. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== undefined && child !== null));
  return element;
}

/** The value of a block of data, read when it is first asked for; undefined where there is none. */
const blocks = new Map();
function data(name) {
  if (!blocks.has(name)) {
    const block = byId("data-" + name);
    blocks.set(name, block ? JSON.parse(block.textContent) : undefined);
  }
  return blocks.get(name);
}

const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ",");
const plural = (number, noun, nouns) => grouped(number) + " " + (number === 1 ? noun : nouns || noun + "s");
function bytes(number) {
  if (number < 1000) return number + " B";
  const units = ["kB", "MB", "GB"];
  let value = number / 1000, unit = 0;
  while (value >= 999.5 && unit < 2) { value /= 1000; unit += 1; }
  return value.toFixed(value < 9.95 ? 1 : 0) + " " + units[unit];
}
const seconds = (value) => (value < 0.0995 ? Math.round(value * 1000) + " ms" : value.toFixed(2) + " s");

function say(text) { byId("said").textContent = text; }

/** A list that grows by steps, so that ten thousand items cost nothing until somebody wants them. */
function growing(items, render, container, step, noun, nouns) {
  let shown = 0;
  const button = make("button", { type: "button", class: "tool", onclick: () => grow(true) });
  const footer = make("p", { class: "more" }, button);
  function grow(moves) {
    const next = items.slice(shown, shown + step).map((item, index) => render(item, shown + index));
    shown += next.length;
    container.append(...next);
    const rest = items.length - shown;
    footer.hidden = rest <= 0;
    button.textContent = "Show " + Math.min(step, rest) + " more of " + plural(rest, noun, nouns);
    if (moves && next.length) { next[0].tabIndex = -1; next[0].focus({ preventScroll: true }); }
  }
  grow(false);
  return footer;
}

// Light and dark: the system's choice until the reader makes one.
function setUpTheme() {
  const button = byId("theme");
  const choices = ["system", "light", "dark"];
  // A browser may refuse to remember anything for a page from a file; then the choice lasts as long as the page.
  const stored = { get() { try { return localStorage.getItem("envprobe-theme"); } catch { return null; } },
    set(value) { try { localStorage.setItem("envprobe-theme", value); } catch { /* not remembered */ } } };
  function apply(choice) {
    if (choice === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = choice;
    button.textContent = "Theme: " + choice;
    button.dataset.choice = choice;
  }
  apply(choices.includes(stored.get()) ? stored.get() : "system");
  button.hidden = false;
  button.addEventListener("click", () => {
    const next = choices[(choices.indexOf(button.dataset.choice) + 1) % choices.length];
    stored.set(next);
    apply(next);
  });
  const print = byId("print");
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}

// One tip for everything that has a name worth telling.
function setUpTips() {
  const tip = byId("tip");
  let owner = null;
  function show(target) {
    owner = target;
    tip.textContent = target.dataset.tip;
    tip.hidden = false;
    const box = target.getBoundingClientRect();
    const left = Math.min(box.left, document.documentElement.clientWidth - tip.offsetWidth - 12);
    const above = box.top - tip.offsetHeight - 8;
    tip.style.left = Math.max(8, left) + window.scrollX + "px";
    tip.style.top = (above > 50 ? above : box.bottom + 8) + window.scrollY + "px";
  }
  function hide() { owner = null; tip.hidden = true; }
  const find = (event) => event.target.closest && event.target.closest("[data-tip]");
  document.addEventListener("pointerover", (event) => {
    const target = find(event);
    if (target && target.dataset.tip) show(target); else if (owner) hide();
  });
  document.addEventListener("focusin", (event) => { const target = find(event); if (target) show(target); });
  document.addEventListener("focusout", hide);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
}

function setUpCopying() {
  for (const button of all(".copy")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const text = button.parentElement.querySelector("code").textContent;
      let copied = false;
      try {
        await navigator.clipboard.writeText(text);
        copied = true;
      } catch {
        const area = make("textarea", { class: "vh", "aria-hidden": "true" });
        area.value = text;
        document.body.append(area);
        area.select();
        copied = document.execCommand("copy");
        area.remove();
        button.focus();
      }
      button.textContent = copied ? "Copied" : "Select it by hand";
      say(button.textContent);
      setTimeout(() => { button.textContent = "Copy"; }, 1600);
    });
  }
}

// Which part of the page is being read.
function setUpContents() {
  const links = all(".contents a");
  const sections = links.map((link) => byId(link.getAttribute("href").slice(1)));
  if (!links.length || !("IntersectionObserver" in window)) return;
  let pending = false;
  function update() {
    pending = false;
    let current = 0;
    sections.forEach((section, index) => { if (section && section.getBoundingClientRect().top < 160) current = index; });
    links.forEach((link, index) => {
      if (index === current) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
    });
  }
  document.addEventListener("scroll", () => {
    if (!pending) { pending = true; requestAnimationFrame(update); }
  }, { passive: true });
  update();
}
