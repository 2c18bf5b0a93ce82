"use strict";
// The page is made on the server. This script renews its sections where their
// content has changed, and turns filters and links into the page's address.
(() => {
  const every = 2000; // milliseconds between looks
  const form = document.getElementById("filter");
  const lost = document.getElementById("connection");
  const shown = new Map(); // section -> the HTML that stands there
  let tag = "", asked = 0, timer = 0;

  const width = () => Math.floor(document.querySelector(".chart").clientWidth / 20) * 20;

  // renew fetches what the address asks for, and shows it unless another request
  // has begun since.
  async function renew() {
    clearTimeout(timer);
    const mine = ++asked, began = performance.now();
    const query = new URLSearchParams(location.search);
    query.set("w", width());
    try {
      const answer = await fetch("sections?" + query, { headers: tag ? { "If-None-Match": tag } : {}, cache: "no-store" });
      if (mine !== asked) return;
      if (answer.status === 200) {
        const sections = await answer.json();
        if (mine !== asked) return;
        tag = answer.headers.get("ETag") || "";
        for (const [name, html] of Object.entries(sections)) put(name, html);
        follow();
        ages();
        performance.clearMeasures("renew"); // the last one is kept
        performance.measure("renew", { start: began });
      } else if (answer.status === 400) {
        put("problem", "");
        note("problem", await answer.text());
      }
      lost.hidden = answer.status < 500;
    } catch {
      if (mine === asked) lost.hidden = false;
    }
    if (mine === asked) timer = setTimeout(renew, document.hidden ? 10 * every : every);
  }

  function put(name, html) {
    if (shown.get(name) === html) return;
    shown.set(name, html);
    const section = document.querySelector(`[data-section="${name}"]`);
    const focused = section.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    section.innerHTML = html;
    if (focused) section.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus();
  }

  function note(name, text) {
    const warning = document.createElement("p");
    warning.className = "warning";
    warning.textContent = text;
    document.querySelector(`[data-section="${name}"]`).replaceChildren(warning);
    shown.delete(name);
    tag = "";
  }

  // go shows an address. Of what is typed, letter by letter, the history keeps the last.
  function go(address, typed) {
    history[typed ? "replaceState" : "pushState"](null, "", address);
    tag = "";
    renew();
  }

  // address is what the form asks for, without what is usual anyway. Dates stand in it
  // where they were chosen here, not where a range gives them.
  function address() {
    const query = new URLSearchParams(location.search), fields = new FormData(form);
    const set = (name, usual) => {
      const value = fields.get(name) || "";
      if (value === usual) query.delete(name); else query.set(name, value);
    };
    set("search", ""); set("compare", ""); set("min_clicks", "30"); set("over", ""); set("log", "");
    const { from, to } = range().dataset;
    if (fields.get("from") !== from || fields.get("to") !== to) {
      set("from", ""); set("to", "");
      query.delete("range");
    }
    query.delete("page");
    return "?" + query;
  }

  const range = () => document.querySelector(".range");

  // fill sets the form to what the address asks for.
  function fill() {
    const query = new URLSearchParams(location.search);
    for (const name of ["search", "over", "compare"]) form.elements[name].value = query.get(name) || "";
    form.elements.min_clicks.value = query.get("min_clicks") || "30";
    form.elements.log.checked = query.get("log") === "1";
    follow();
  }

  // follow shows the dates that are in force, in their fields and in the title.
  function follow() {
    const { from, to, title } = range().dataset;
    for (const [name, date] of [["from", from], ["to", to]])
      if (form.elements[name] !== document.activeElement) form.elements[name].value = date;
    document.title = title;
  }

  // ages says how long ago times are.
  function ages() {
    for (const e of document.querySelectorAll("[data-age]")) {
      const s = Math.max(0, Math.round((Date.now() - Date.parse(e.dataset.age)) / 1000));
      const text = s < 120 ? `${s} s` : s < 7200 ? `${Math.round(s / 60)} min` : s < 172800 ? `${Math.round(s / 3600)} h` : `${Math.round(s / 86400)} days`;
      e.textContent = `${text} ago`;
      e.title = e.dateTime;
    }
  }

  let typing = 0;
  form.addEventListener("submit", (e) => { e.preventDefault(); clearTimeout(typing); go(address()); });
  document.addEventListener("change", (e) => { if (e.target.form === form) { clearTimeout(typing); go(address()); } });
  form.elements.search.addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(() => go(address(), true), 250); });
  document.addEventListener("click", (e) => {
    const a = e.target.closest("a[data-nav]");
    if (!a || e.ctrlKey || e.metaKey || e.shiftKey) return;
    e.preventDefault();
    go(a.getAttribute("href"));
    fill();
  });
  addEventListener("popstate", () => { tag = ""; fill(); renew(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) renew(); });
  let resizing = 0, before = width();
  addEventListener("resize", () => { clearTimeout(resizing); resizing = setTimeout(() => { if (width() !== before) { before = width(); tag = ""; renew(); } }, 200); });
  setInterval(ages, 1000);
  ages();
  renew();
})();
