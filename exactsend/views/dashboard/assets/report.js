"use strict";
(() => {
  const $ = (selector, within = document) => within.querySelector(selector);
  const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
  const PAGE = 50;
  const MAX_PRINTED = 1000;
  const MINUTE = 60000;

  for (const tool of $$("[data-script]")) tool.hidden = false;

  // ── colours ──
  const root = document.documentElement;
  const themeChoice = $("[data-theme-choice]");
  const remember = (value) => { try { localStorage.setItem("exactsend-theme", value); } catch { /* not allowed here */ } };
  const remembered = () => { try { return localStorage.getItem("exactsend-theme") ?? ""; } catch { return ""; } };
  const useTheme = (theme) => { if (theme) root.dataset.theme = theme; else delete root.dataset.theme; };
  themeChoice.value = ["light", "dark"].includes(remembered()) ? remembered() : "";
  useTheme(themeChoice.value);
  themeChoice.addEventListener("change", () => { useTheme(themeChoice.value); remember(themeChoice.value); });

  // ── how old the page is ──
  const written = new Date($("[data-written]").dateTime).getTime();
  const showAge = () => {
    const minutes = Math.floor((Date.now() - written) / MINUTE);
    const words = minutes < 120 ? `${minutes} min` : minutes < 2880 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} days`;
    $("[data-age]").textContent = minutes < 1 ? ", just now" : `, ${words} ago${minutes > 1440 ? ": this page is old" : ""}`;
    $(".written").classList.toggle("is-old", minutes > 1440);
  };
  showAge();
  setInterval(showAge, MINUTE);

  // ── the deliveries ──
  const content = JSON.parse($("[data-content]").textContent);
  const clock = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });
  const figures = new Intl.NumberFormat("en-US");
  const [DIVISION, DELIVERY, ORDER, STATE, NOTE, CARRIER, TRACKING, TIME, SHIPMENT] = Array(9).keys();
  const textOf = (row) => [
    row[DELIVERY], row[ORDER], content.divisions[row[DIVISION]], content.words[row[STATE]],
    content.notes[row[NOTE]], content.carriers[row[CARRIER]], row[TRACKING], row[SHIPMENT],
  ].join("\n").toLowerCase();
  let texts = null; // made with the first search, so that the page opens sooner
  const KEYS = {
    delivery: (row) => row[DELIVERY], order: (row) => parseInt(row[ORDER], 10) || 0, division: (row) => content.divisions[row[DIVISION]],
    state: (row) => row[STATE], carrier: (row) => content.carriers[row[CARRIER]], tracking: (row) => row[TRACKING],
    time: (row) => row[TIME], shipment: (row) => row[SHIPMENT],
  };
  const table = $(".rows");
  const body = $("[data-rows]");
  const pattern = $("[data-row]").content.firstElementChild;
  const inputs = { search: $("[data-search]"), state: $("[data-state]"), from: $("[data-from]"), to: $("[data-to]"), division: $("[data-division]") };
  const sorting = { key: "time", down: true };
  let found = [];
  let page = 0;

  const dayStart = (text) => text ? Date.parse(`${text}T00:00Z`) / MINUTE : null;

  function select() {
    const words = inputs.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const state = content.states.indexOf(inputs.state.value);
    const division = inputs.division?.value ? content.divisions.indexOf(inputs.division.value) : null;
    const from = dayStart(inputs.from.value) ?? -Infinity;
    const until = inputs.to.value ? dayStart(inputs.to.value) + 1440 : Infinity;
    if (words.length) texts ??= content.rows.map(textOf);
    found = [];
    content.rows.forEach((row, place) => {
      if (division !== null && row[DIVISION] !== division) return;
      if (state >= 0 && row[STATE] !== state) return;
      if (row[TIME] < from || row[TIME] >= until) return;
      if (words.every((word) => texts[place].includes(word))) found.push(row);
    });
    sort();
    page = 0;
    show();
  }

  function sort() {
    const key = KEYS[sorting.key];
    const way = sorting.down ? -1 : 1;
    const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
    found.sort((a, b) => way * compare(key(a), key(b)) || compare(b[TIME], a[TIME]) || compare(b[DELIVERY], a[DELIVERY]));
  }

  function rowOf(row) {
    const made = pattern.cloneNode(true);
    const cell = (name, text) => { $(`[data-cell="${name}"]`, made).textContent = text; };
    cell("delivery", row[DELIVERY]);
    cell("order", row[ORDER]);
    cell("division", content.divisions[row[DIVISION]]);
    cell("words", content.words[row[STATE]]);
    cell("note", content.notes[row[NOTE]]);
    cell("carrier", content.carriers[row[CARRIER]]);
    cell("tracking", row[TRACKING]);
    cell("time", clock.format(row[TIME] * MINUTE));
    cell("shipment", row[SHIPMENT]);
    if (content.labels && row[SHIPMENT]) {
      const order = row[ORDER].split(",")[0];
      const link = $('[data-cell="shipment"]', made);
      Object.assign(link, { href: `${content.labels}?search=${encodeURIComponent(order)}`, rel: "noreferrer noopener", target: "_blank" });
    }
    const state = content.states[row[STATE]];
    const mark = $('[data-cell="mark"]', made);
    mark.className = `state is-${state}`;
    $("use", mark).setAttribute("href", `#i-${state}`);
    return made;
  }

  function show(first = page * PAGE, count = PAGE) {
    const shown = found.slice(first, first + count);
    body.replaceChildren(...shown.map(rowOf));
    const all = content.rows.length;
    $("[data-shown]").textContent = found.length === all
      ? `${figures.format(all)} ${all === 1 ? "delivery" : "deliveries"}.`
      : `${figures.format(found.length)} of ${figures.format(all)} deliveries.`;
    $("[data-page]").textContent = found.length ? `${figures.format(first + 1)} to ${figures.format(first + shown.length)} of ${figures.format(found.length)}` : "None";
    $("[data-newer]").disabled = page === 0;
    $("[data-older]").disabled = (page + 1) * PAGE >= found.length;
    $("[data-pages]").hidden = found.length <= PAGE;
  }

  function turn(by) {
    page += by;
    show();
    $("#deliveries").scrollIntoView();
  }

  $("[data-newer]").addEventListener("click", () => turn(-1));
  $("[data-older]").addEventListener("click", () => turn(1));
  $("[data-filters]").addEventListener("input", select);
  $("[data-filters]").addEventListener("submit", (event) => event.preventDefault());
  $("[data-filters]").addEventListener("reset", () => setTimeout(select));

  // ── sorting ──
  table.classList.add("sortable");
  for (const heading of $$("thead th", table)) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = heading.textContent;
    const onPaper = document.createElement("span"); // a button is not printed again on each page
    onPaper.className = "on-paper";
    onPaper.textContent = heading.textContent;
    heading.replaceChildren(button, onPaper);
    button.addEventListener("click", () => {
      const { key } = heading.dataset;
      sorting.down = sorting.key === key ? !sorting.down : key === "time";
      sorting.key = key;
      for (const other of $$("thead th", table)) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", sorting.down ? "descending" : "ascending");
      sort();
      page = 0;
      show();
    });
  }

  // ── one division, or all ──
  inputs.division?.addEventListener("change", () => {
    const chosen = inputs.division.value;
    for (const part of $$("[data-only]")) part.hidden = part.dataset.only !== chosen;
    for (const part of $$("[data-of]")) part.hidden = chosen !== "" && part.dataset.of !== chosen;
    select();
  });

  // ── from a number at the top to its rows ──
  for (const link of $$('[data-goes="waiting"], [data-goes="labelled"]')) {
    link.addEventListener("click", () => {
      inputs.state.value = link.dataset.goes;
      select();
    });
  }

  // ── the days ──
  for (const chart of $$("[data-chart]")) {
    const field = $("[data-keys]", chart);
    const tip = $("[data-tip]", chart);
    const days = $$(".day", chart);
    let at = -1;
    for (const day of days) $("title", day).remove();
    const point = (place) => {
      days[at]?.classList.remove("is-on");
      at = Math.max(0, Math.min(days.length - 1, place));
      const { day, orders, labels, cancelled } = days[at].dataset;
      days[at].classList.add("is-on");
      const name = document.createElement("b");
      name.textContent = day;
      const sum = (count, one) => `${figures.format(count)} ${one}${count === "1" ? "" : "s"}`;
      tip.replaceChildren(name, `${sum(orders, "order")}, ${sum(labels, "label")}${cancelled === "0" ? "" : `, ${cancelled} cancelled`}`);
      tip.hidden = false;
      const half = tip.offsetWidth / 2;
      const middle = ((at + 0.5) / days.length) * field.clientWidth;
      tip.style.left = `${Math.max(half, Math.min(field.clientWidth - half, middle))}px`;
    };
    const leave = () => { days[at]?.classList.remove("is-on"); tip.hidden = true; };
    field.addEventListener("pointermove", (event) => {
      const box = field.getBoundingClientRect();
      point(Math.floor(((event.clientX - box.left) / box.width) * days.length));
    });
    field.addEventListener("pointerleave", leave);
    field.addEventListener("blur", leave);
    field.addEventListener("focus", () => { if (field.matches(":focus-visible")) point(at < 0 ? days.length - 1 : at); });
    field.addEventListener("keydown", (event) => {
      const goal = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: days.length - 1 }[event.key];
      if (goal === undefined) return;
      event.preventDefault();
      point(goal);
    });
  }

  // ── paper ──
  addEventListener("beforeprint", () => {
    show(0, MAX_PRINTED);
    const count = Math.min(found.length, MAX_PRINTED);
    $("[data-printed]").textContent = count < found.length
      ? `The first ${figures.format(count)} of ${figures.format(found.length)} rows are printed. To print the others, narrow the search or the dates.`
      : `All ${figures.format(count)} selected rows.`;
  });
  addEventListener("afterprint", () => show());

  select();
})();
