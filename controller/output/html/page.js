"use strict";
(() => {
  const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));
  const one = (selector) => document.querySelector(selector);
  document.documentElement.classList.add("js");

  const entries = all("details.entry").map((box) => ({
    box, head: box.firstElementChild, kind: box.dataset.kind, groups: box.dataset.groups.split(" "), text: null,
  }));
  const search = one("#search"), kind = one("#kind"), shown = one("#shown"), ends = one("#open");
  const chips = all("button.chip"), links = all(".canvas a");
  const textOf = (entry) => (entry.text ??= entry.box.textContent.toLowerCase());
  const pressed = (button) => button.getAttribute("aria-pressed") === "true";
  const press = (button, to) => button.setAttribute("aria-pressed", String(to));
  const visible = () => entries.filter((entry) => !entry.box.hidden);

  function narrow() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const groups = chips.filter(pressed).map((chip) => chip.dataset.group);
    const wanted = kind ? kind.value : "";
    const left = new Set();
    for (const entry of entries) {
      const fits = (!wanted || entry.kind === wanted)
        && (!groups.length || entry.groups.some((group) => groups.includes(group)))
        && words.every((word) => textOf(entry).includes(word));
      entry.box.hidden = !fits;
      if (fits) left.add("#" + entry.box.id);
    }
    const whole = left.size === entries.length;
    for (const link of links) link.classList.toggle("faded", !whole && !left.has(link.getAttribute("href")));
    for (const canvas of all(".canvas")) {
      const ends = new Set(all("a:not(.faded)", canvas).map((link) => link.dataset.end));
      for (const way of all(".way[data-ends]", canvas)) {
        way.classList.toggle("faded", !whole && !way.dataset.ends.split(" ").some((end) => ends.has(end)));
      }
    }
    const matching = links.find((link) => !link.classList.contains("faded") && !link.closest("[hidden]"));
    if (!whole && matching) {
      const canvas = matching.closest(".canvas"), frame = canvas.getBoundingClientRect();
      canvas.scrollTop += matching.getBoundingClientRect().top - frame.top - frame.height / 3;
    }
    shown.value = whole ? `${left.size} shown` : `${left.size} of ${entries.length} shown`;
    label();
  }

  function clear() {
    search.value = "";
    if (kind) kind.value = "";
    for (const chip of chips) press(chip, false);
    narrow();
  }

  function label() {
    const some = visible();
    ends.textContent = some.length && some.every((entry) => entry.box.open) ? "close all" : "open all";
  }

  function openEntry(id) {
    const box = id && document.getElementById(id);
    if (!box || !box.matches("details.entry, .quiet li")) return;
    if (box.hidden) clear();
    (box.closest("details")).open = true;
    for (const link of links) link.classList.toggle("here", link.getAttribute("href") === "#" + id);
    box.scrollIntoView({ block: "start" });
    if (box.firstElementChild) box.firstElementChild.focus({ preventScroll: true });
  }

  if (search) {
    search.addEventListener("input", narrow);
    if (kind) kind.addEventListener("change", narrow);
    for (const chip of chips) {
      chip.addEventListener("click", () => { press(chip, !pressed(chip)); narrow(); });
    }
    ends.addEventListener("click", () => {
      const to = ends.textContent === "open all";
      for (const entry of visible()) entry.box.open = to;
      label();
    });
    one("#entries").addEventListener("toggle", label, true);
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#c'], a[href^='#q']");
    if (!link) return;
    event.preventDefault();
    const to = link.getAttribute("href");
    history.replaceState(null, "", to);
    openEntry(to.slice(1));
  });
  addEventListener("hashchange", () => openEntry(location.hash.slice(1)));
  openEntry(location.hash.slice(1));

  const typing = (element) => element.matches("input[type=search], select, textarea");
  document.addEventListener("keydown", (event) => {
    if (!search || event.ctrlKey || event.metaKey || event.altKey) return;
    const at = document.activeElement;
    if (event.key === "/" && !typing(at)) { event.preventDefault(); search.focus(); search.select(); return; }
    if (event.key === "Escape" && at === search) { clear(); return; }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const inside = at === search || (at.parentElement && at.parentElement.matches("details.entry"));
    if (!step || !inside) return;
    const heads = visible().map((entry) => entry.head);
    const next = heads[heads.indexOf(at) + step];
    if (next || at !== search) event.preventDefault();
    (next || (step < 0 ? search : at)).focus();
  });

  const canvases = all(".canvas");
  const size = new Map(canvases.map((canvas) => {
    const box = canvas.querySelector("svg").viewBox.baseVal;
    return [canvas, { width: box.width, height: box.height, scale: 1 }];
  }));
  function zoom(canvas, to) {
    const of = size.get(canvas), drawing = canvas.querySelector("svg");
    of.scale = Math.min(Math.max(to, 0.05), 3);
    drawing.setAttribute("width", of.width * of.scale);
    drawing.setAttribute("height", of.height * of.scale);
  }
  const roomFor = (canvas) => (canvas.clientWidth - 2) / size.get(canvas).width;
  function first(canvas) { zoom(canvas, Math.min(1, Math.max(roomFor(canvas), 0.6))); }
  const current = () => canvases.find((canvas) => !canvas.hidden);
  if (canvases.length) first(current());
  for (const button of all("[data-zoom]")) {
    button.addEventListener("click", () => {
      const canvas = current(), of = size.get(canvas);
      const across = Math.min(roomFor(canvas), 1), down = (canvas.clientHeight - 2) / of.height;
      const room = Math.max(Math.min(across, down), Math.min(across, 0.3));  // of a long one the colours are seen
      zoom(canvas, { in: of.scale * 1.25, out: of.scale / 1.25, fit: room }[button.dataset.zoom]);
    });
  }
  const whole = one("#whole");
  if (whole) {
    whole.checked = false;
    whole.addEventListener("change", () => {
      canvases[0].hidden = whole.checked;
      canvases[1].hidden = !whole.checked;
      first(current());
    });
  }

  // the links of the box under the pointer or with the focus stand out
  function trace(link) {
    for (const way of all(".canvas .lit")) way.classList.remove("lit");
    for (const canvas of canvases) canvas.classList.toggle("traced", Boolean(link) && canvas.contains(link));
    if (!link) return;
    const ways = all(`.way[data-ends~="${link.dataset.end}"]`, link.closest(".canvas"));
    for (const way of ways) way.classList.add("lit");
  }
  const focused = () => document.activeElement.closest(".canvas a");
  // one box of a drawing is reached by Tab, the others from it by the arrow keys
  const boxes = (canvas) => all("a", canvas);
  function reach(link) {
    for (const other of boxes(link.closest(".canvas"))) other.setAttribute("tabindex", other === link ? "0" : "-1");
  }
  const ways = {
    ArrowRight: (box, other) => [other.left - box.right, other.top - box.top],
    ArrowLeft: (box, other) => [box.left - other.right, other.top - box.top],
    ArrowDown: (box, other) => [other.top - box.bottom, other.left - box.left],
    ArrowUp: (box, other) => [box.top - other.bottom, other.left - box.left],
  };
  function nearest(link, way) {
    const box = link.getBoundingClientRect();
    const found = boxes(link.closest(".canvas")).map((other) => {
      const [along, aside] = way(box, other.getBoundingClientRect());
      return { other, along, far: along + 3 * Math.abs(aside) };
    }).filter((each) => each.along >= 0);
    return found.sort((one, other) => one.far - other.far)[0]?.other;
  }
  for (const canvas of canvases) {
    const first = canvas.querySelector("a");
    if (first) reach(first);
    for (const name of ["pointerover", "focusin"]) {
      canvas.addEventListener(name, (event) => trace(event.target.closest("a") ?? focused()));
    }
    canvas.addEventListener("pointerleave", () => trace(focused()));
    canvas.addEventListener("focusout", () => trace(null));
    canvas.addEventListener("focusin", (event) => { if (event.target.matches("a")) reach(event.target); });
    canvas.addEventListener("keydown", (event) => {
      const link = event.target.closest("a"), way = ways[event.key];
      const next = link && way && nearest(link, way);
      if (!next) return;
      event.preventDefault();
      next.focus();
      next.scrollIntoView({ block: "nearest", inline: "nearest" });
    });
  }

  let closed = [];
  addEventListener("beforeprint", () => {
    closed = visible().filter((entry) => !entry.box.open);
    for (const entry of closed) entry.box.open = true;
  });
  addEventListener("afterprint", () => {
    for (const entry of closed) entry.box.open = false;
    label();
  });
})();
