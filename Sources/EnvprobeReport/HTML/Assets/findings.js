// Filters, deep links and the lists of places.

const filter = { class: new Set(), channel: new Set(), factor: new Set(), find: "" };

function matches(card) {
  for (const group of ["class", "channel", "factor"]) {
    if (!filter[group].size) continue;
    const values = card.dataset[group].split(" ");
    if (!values.some((value) => filter[group].has(value))) return false;
  }
  if (!filter.find) return true;
  if (card.findText === undefined) {
    const rows = data("locations-" + card.dataset.number) || [];
    const places = rows.map((row) => row[1]).join("\n");
    card.findText = [card.id, card.querySelector("h3").textContent, card.querySelector(".place").textContent, places]
      .join("\n").toLowerCase();
  }
  return card.findText.includes(filter.find);
}

function applyFilter(isRead) {
  const cards = all(".finding");
  let shown = 0;
  for (const card of cards) {
    const isShown = matches(card);
    card.hidden = !isShown;
    if (isShown) shown += 1;
  }
  for (const section of all(".findings")) {
    section.hidden = !all(".finding", section).some((card) => !card.hidden);
  }
  const isFiltered = filter.find || filter.class.size || filter.channel.size || filter.factor.size;
  byId("shown").textContent = isFiltered ? shown + " of " + plural(cards.length, "finding") : plural(cards.length, "finding");
  byId("reset").hidden = !isFiltered;
  for (const button of all(".toggle")) {
    button.setAttribute("aria-pressed", String(filter[button.dataset.group].has(button.dataset.value)));
  }
  if (isRead) return;
  const query = new URLSearchParams();
  for (const group of ["class", "channel", "factor"]) if (filter[group].size) query.set(group, [...filter[group]].join(","));
  if (filter.find) query.set("find", filter.find);
  // Some browsers do not let a page from a file rewrite its address; the filter works without.
  try { history.replaceState(null, "", query.size ? "#?" + query : "#"); } catch { /* no address */ }
}

function resetFilter() {
  for (const group of ["class", "channel", "factor"]) filter[group].clear();
  filter.find = "";
  byId("find").value = "";
}

function setUpFilters() {
  if (!byId("filters")) return;
  byId("filters").hidden = false;
  for (const button of all(".toggle")) {
    button.addEventListener("click", () => {
      const group = filter[button.dataset.group];
      if (!group.delete(button.dataset.value)) group.add(button.dataset.value);
      applyFilter();
    });
  }
  byId("find").addEventListener("input", (event) => {
    filter.find = event.target.value.trim().toLowerCase();
    applyFilter();
  });
  byId("reset").addEventListener("click", () => { resetFilter(); applyFilter(); byId("find").focus(); });
}

/** `#?class=geographic&factor=endpoint` sets the filter; any other fragment is a place, which is opened and shown. */
function followAddress() {
  let fragment = "";
  try { fragment = decodeURIComponent(location.hash.slice(1)); } catch { return; }
  if (fragment.startsWith("?") && byId("filters")) {
    const query = new URLSearchParams(fragment.slice(1));
    resetFilter();
    for (const group of ["class", "channel", "factor"]) {
      for (const value of (query.get(group) || "").split(",")) if (value) filter[group].add(value);
    }
    filter.find = (query.get("find") || "").toLowerCase();
    byId("find").value = filter.find;
    applyFilter(true);
    return;
  }
  if (!fragment) return;
  if (fragment.startsWith("run-") && !byId(fragment)) showAllRuns();
  const target = byId(fragment);
  if (!target) return;
  if (target.hidden && target.classList.contains("finding")) { resetFilter(); applyFilter(true); }
  const fold = target.closest("details");
  if (fold) fold.open = true;
  target.scrollIntoView({ block: "start" });
  const heading = target.querySelector("h2, h3");
  if (heading) { heading.tabIndex = -1; heading.focus({ preventScroll: true }); }
}

function locationRow([channel, place, kind, before, after]) {
  const pair = before !== null && after !== null ? markedPair(before, after).sides : [
    before === null ? [make("span", { class: "nothing" }, "nothing")] : visible(before),
    after === null ? [make("span", { class: "nothing" }, "nothing")] : visible(after)];
  return make("li", {},
    make("p", { class: "where" }, make("span", { class: "channel" }, channel), " ", make("code", {}, visible(place)),
      kind === "changed" ? null : make("span", { class: "quiet" }, " " + kind)),
    make("p", { class: "change" },
      make("span", { class: "was" }, make("span", { class: "vh" }, "before: "), pair[0]),
      make("span", { class: "is" }, make("span", { class: "vh" }, "after: "), pair[1])));
}

function setUpLocations() {
  for (const fold of all(".locations")) {
    fold.addEventListener("toggle", () => {
      if (!fold.open || fold.isDrawn) return;
      fold.isDrawn = true;
      const rows = data("locations-" + fold.dataset.number) || [];
      const view = fold.querySelector(".location-list");
      const list = make("ul", { class: "rows" });
      const holder = make("div");
      const field = make("input", { type: "search", placeholder: "Find a place", "aria-label": "Find a place", autocomplete: "off" });
      function draw() {
        const wanted = field.value.trim().toLowerCase();
        const found = wanted ? rows.filter((row) => row.slice(1).some((text) => text && text.toLowerCase().includes(wanted))) : rows;
        list.replaceChildren();
        holder.replaceChildren(growing(found, locationRow, list, 50, "place"));
        list.hidden = !found.length;
        if (wanted) say(plural(found.length, "place"));
      }
      field.addEventListener("input", draw);
      view.replaceChildren(...(rows.length > 20 ? [field] : []), list, holder);
      draw();
    });
  }
}
