"use strict";
(() => {
  const root = document.documentElement;
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const store = {
    get(name) { try { return sessionStorage.getItem("bizlab." + name); } catch { return null; } },
    set(name, value) { try { sessionStorage.setItem("bizlab." + name, value); } catch { /* a reader without storage */ } },
  };
  root.classList.add("js");

  const speak = (lang) => {
    root.dataset.lang = root.lang = lang;
    document.title = lang === "zh" ? root.dataset.titleZh : root.dataset.titleEn;
    for (const name of ["aria-label", "title", "alt"]) {
      for (const el of all(`[data-${name}-${lang}]`)) el.setAttribute(name, el.getAttribute(`data-${name}-${lang}`));
    }
    for (const button of all("button.lang")) button.setAttribute("aria-pressed", String(button.dataset.to === lang));
  };
  const paint = (theme) => { root.dataset.theme = theme; };
  if (store.get("lang")) speak(store.get("lang"));
  if (store.get("theme")) paint(store.get("theme"));
  for (const button of all("button.lang")) {
    button.addEventListener("click", () => { speak(button.dataset.to); store.set("lang", button.dataset.to); });
  }
  for (const button of all("button.theme")) {
    button.addEventListener("click", () => {
      const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
      paint(dark ? "light" : "dark");
      store.set("theme", root.dataset.theme);
    });
  }

  const words = (cell) => all(`[lang="${root.dataset.lang}"]`, cell).map((el) => el.textContent).join("") || cell.textContent;
  const compare = (place, sign) => (a, b) => {
    if (a.total !== b.total) return a.total ? 1 : -1;
    const [x, y] = [a.row.children[place], b.row.children[place]];
    const numeric = x.classList.contains("n");
    const [u, v] = numeric ? [x.dataset.v, y.dataset.v] : [words(x), words(y)];
    if (numeric && (u === undefined || v === undefined)) return (u === undefined) - (v === undefined);
    return sign * (numeric ? u - v : u.localeCompare(v, root.lang)) || a.number - b.number;
  };
  const tree = (rows) => {
    const top = { kids: [], depth: -1 };
    const open = [top];
    rows.forEach((row, number) => {
      const depth = Number(row.dataset.depth || 0);
      while (open[open.length - 1].depth >= depth) open.pop();
      const node = { row, number, depth, kids: [], total: row.classList.contains("total") };
      open[open.length - 1].kids.push(node);
      open.push(node);
    });
    return top;
  };
  const flat = (node, order) => [...node.kids].sort(order).flatMap((kid) => [kid.row, ...flat(kid, order)]);
  for (const table of all("table")) {
    const body = table.tBodies[0];
    const given = body ? [...body.rows] : [];
    for (const button of all("button.sort", table)) {
      button.addEventListener("click", () => {
        const th = button.closest("th");
        const next = { none: "descending", descending: "ascending", ascending: "none" }[th.getAttribute("aria-sort")];
        for (const other of all("th[aria-sort]", table)) other.setAttribute("aria-sort", "none");
        th.setAttribute("aria-sort", next);
        const order = next === "none" ? (a, b) => a.number - b.number : compare(th.cellIndex, next === "ascending" ? 1 : -1);
        body.append(...flat(tree(given), order));
      });
    }
  }
  for (const button of all("button.all")) {
    button.addEventListener("click", () => {
      const open = button.classList.toggle("open");
      button.previousElementSibling.querySelector("table").classList.toggle("short", !open);
    });
  }

  const near = (el, box) => {
    const [width, height] = [el.offsetWidth, el.offsetHeight];
    el.style.left = Math.max(8, Math.min(box.left, innerWidth - width - 8)) + "px";
    el.style.top = (box.bottom + height + 8 > innerHeight && box.top > height + 8 ? box.top - height - 6 : box.bottom + 6) + "px";
  };
  for (const el of all(".def[popover]")) {
    el.addEventListener("toggle", (event) => {
      const button = document.querySelector(`[popovertarget="${CSS.escape(el.id)}"]`);
      if (event.newState === "open" && button) near(el, button.getBoundingClientRect());
    });
  }
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  document.body.append(tip);
  for (const chart of all(".chart")) {
    chart.addEventListener("pointerover", (event) => {
      const mark = event.target.closest("svg [aria-label]");
      tip.hidden = !mark;
      if (!mark) return;
      tip.textContent = mark.getAttribute("aria-label");
      near(tip, mark.getBoundingClientRect());
    });
    chart.addEventListener("pointerleave", () => { tip.hidden = true; });
  }

  const arrive = () => {
    const goal = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!goal) return;
    for (let el = goal.parentElement; el; el = el.parentElement) if (el.tagName === "DETAILS") el.open = true;
    const table = goal.closest("table.short");
    if (table) table.classList.remove("short");
    goal.scrollIntoView({ block: goal.tagName === "TR" ? "center" : "start" });
  };
  addEventListener("hashchange", arrive);
  arrive();
  let shut = [];
  addEventListener("beforeprint", () => { shut = all("details:not([open]):not(.code)"); for (const el of shut) el.open = true; });
  addEventListener("afterprint", () => { for (const el of shut) el.open = false; });
  if (innerWidth < 1088) for (const el of all(".contents details")) el.open = false;
})();
