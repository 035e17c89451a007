// Requests of two runs side by side.

const contextLines = 3;
const shownRows = 160;

/** A body as lines to read: JSON indented with its texts decoded and broken where they break, anything else as it is. */
function bodyLines(block, isRaw) {
  if (block.hex !== undefined && block.hex !== null) return block.hex.match(/.{1,64}/g) || [];
  if (!isRaw && !block.cut) {
    try { const lines = []; prettyLines(JSON.parse(block.text), "", "", "", lines); return lines; } catch { /* no JSON */ }
  }
  return block.text.split("\n");
}

function prettyLines(value, indent, label, comma, lines) {
  const inner = indent + "  ";
  if (Array.isArray(value) && value.length) {
    lines.push(indent + label + "[");
    value.forEach((item, index) => prettyLines(item, inner, "", index + 1 < value.length ? "," : "", lines));
    lines.push(indent + "]" + comma);
  } else if (value !== null && typeof value === "object" && !Array.isArray(value) && Object.keys(value).length) {
    lines.push(indent + label + "{");
    const keys = Object.keys(value);
    keys.forEach((key, index) =>
      prettyLines(value[key], inner, JSON.stringify(key) + ": ", index + 1 < keys.length ? "," : "", lines));
    lines.push(indent + "}" + comma);
  } else if (typeof value === "string" && value.includes("\n")) {
    const parts = value.split("\n");
    lines.push(indent + label + "\u201C" + parts[0]);
    parts.slice(1).forEach((part, index) => lines.push(inner + part + (index === parts.length - 2 ? "\u201D" + comma : "")));
  } else {
    lines.push(indent + label + (typeof value === "string" ? "\u201C" + value + "\u201D" : JSON.stringify(value)) + comma);
  }
}

/** Rows [before, after] of two lists of lines; a line that was replaced stands beside what replaced it. */
function lineRows(before, after) {
  const rows = [];
  let removed = [], added = [];
  const flush = () => {
    for (let i = 0; i < Math.max(removed.length, added.length); i += 1) rows.push({ before: removed[i], after: added[i] });
    removed = [];
    added = [];
  };
  for (const [kind, i, j] of edits(before, after, 2000)) {
    if (kind === "-") removed.push(before[i]);
    else if (kind === "+") added.push(after[j]);
    else { flush(); rows.push({ before: before[i], after: after[j], equal: true }); }
  }
  flush();
  return rows;
}

const path = (exchange) => exchange.target.split("?")[0];

/** The exchanges of two runs in pairs: the nth to a host and path with the nth, then by path alone, then what is left. */
function pairs(left, right) {
  const result = left.map((exchange) => ({ left: exchange, right: null }));
  let rest = [...right];
  const keys = [(e) => [e.method, e.scheme, e.host, path(e)].join(" "), (e) => [e.method, path(e)].join(" ")];
  for (const key of keys) {
    for (const pair of result) {
      if (pair.right) continue;
      const index = rest.findIndex((exchange) => key(exchange) === key(pair.left));
      if (index >= 0) [pair.right] = rest.splice(index, 1);
    }
  }
  for (const exchange of rest) result.push({ left: null, right: exchange });
  return result;
}

/** What stands before a mark, without the placeholders of what a profile's values were replaced by. */
function lead(excerpt) {
  const mark = excerpt.querySelector("mark");
  let text = "";
  for (let node = excerpt.firstChild; node && node !== mark; node = node.nextSibling) text += node.textContent;
  const literal = text.split(/<[^<>]*>?/).filter((part) => part.trim().length > 2);
  return (literal.pop() || "").slice(-12);
}

/** The findings whose place is this request, with what differs there. */
let findingMarks = null;
function findingsOf(exchange) {
  if (!findingMarks) {
    findingMarks = all(".finding").filter((card) => card.dataset.channel.split(" ").includes("http")).map((card) => ({
      number: card.dataset.number, id: card.id,
      place: card.querySelector(".place code").textContent,
      changes: all(".pair", card).map((pair) => {
        const marked = ["a", "b"].map((side) => all(`.side.${side} mark`, pair)
          .map((mark) => (mark.classList.contains("none") ? "" : mark.textContent)).join(""));
        return { before: marked[0], after: marked[1], lead: lead(pair.querySelector(".side.a pre")) };
      }),
    }));
  }
  return findingMarks.filter(({ place }) => {
    const [method, where] = place.split(" ");
    return method === exchange.method && where && where.includes("/")
      && where.slice(where.indexOf("/")).split("?")[0] === path(exchange);
  });
}

function bodyText(body) {
  if (!body) return { note: "no body" };
  const block = data("body-" + body.sha256);
  if (!block) return { note: bytes(body.size) + ", not on this page", sha256: body.sha256 };
  return { block, sha256: body.sha256 };
}

function drawRow(row, marks) {
  if (row.equal) {
    return make("div", { class: "row equal" }, ...[row.before, row.after].map((text) => make("div", { class: "line" }, visible(text))));
  }
  const isPair = row.before !== undefined && row.after !== undefined;
  const { sides, hunks } = isPair ? markedPair(row.before, row.after)
    : { sides: [row.before, row.after].map((text) => (text === undefined ? null : visible(text))), hunks: [row] };
  const named = marks.filter(({ changes }) => changes.some(({ before, after, lead }) =>
    lead && [row.before, row.after].some((text) => text !== undefined && shownText(text, false).includes(lead))
    && hunks.some((hunk) => hunk.equal === undefined && shownText(hunk.before) === before && shownText(hunk.after) === after)));
  const element = make("div", { class: named.length ? "row named" : "row" },
    make("div", { class: row.before === undefined ? "line empty" : "line before" }, sides[0] || ""),
    make("div", { class: row.after === undefined ? "line empty" : "line after" }, sides[1] || ""));
  if (named.length) {
    element.append(make("div", { class: "named-by" }, named.map(({ number, id }, index) =>
      [index ? ", " : "", make("a", { href: "#" + id }, "finding " + number)])));
  }
  return element;
}

/** Rows with what is equal folded away but for a few lines around each change. */
function drawDifference(before, after, marks, isWhole) {
  const rows = lineRows(before, after);
  const box = make("div", { class: "diff" });
  const near = rows.map(() => isWhole);
  if (!isWhole) {
    rows.forEach((row, index) => {
      if (row.equal) return;
      for (let i = Math.max(0, index - contextLines); i <= Math.min(rows.length - 1, index + contextLines); i += 1) near[i] = true;
    });
  }
  const fold = (hiddenRows, noun) => make("button", { type: "button", onclick: (event) => {
    const rest = hiddenRows.slice(shownRows);
    const drawn = hiddenRows.slice(0, shownRows).map((row) => drawRow(row, marks));
    event.target.replaceWith(...drawn, ...(rest.length ? [fold(rest, noun)] : []));
  } }, plural(hiddenRows.length, noun));
  let i = 0, drawn = 0;
  while (i < rows.length) {
    if (near[i] && drawn >= shownRows) { box.append(fold(rows.slice(i), "more line")); break; }
    if (near[i]) { box.append(drawRow(rows[i], marks)); i += 1; drawn += 1; continue; }
    let end = i;
    while (end < rows.length && !near[end]) end += 1;
    box.append(fold(rows.slice(i, end), "equal line"));
    i = end;
  }
  return box;
}

const headerLines = (headers) => headers.map(([name, value]) => name + ": " + value);

function drawMessage(label, left, right, marks, options) {
  const parts = [];
  const heads = [left, right].map((message) => (message ? [message.line, ...headerLines(message.headers)] : []));
  const head = drawDifference(heads[0], heads[1], marks, true);
  parts.push(make("h4", {}, label + ": head"), head);
  const bodies = [left, right].map((message) => bodyText(message && message.body));
  const isSame = bodies[0].sha256 && bodies[0].sha256 === bodies[1].sha256;
  parts.push(make("h4", {}, label + ": body" + (isSame ? ", the same bytes on both sides" : "")));
  if (!bodies[0].block && !bodies[1].block) {
    parts.push(make("p", { class: "quiet" }, bodies.map((body) => body.note).filter((note, index, notes) => notes.indexOf(note) === index).join(" · ")));
    return parts;
  }
  const lines = bodies.map((body) => (body.block ? bodyLines(body.block, options.isRaw) : []));
  const body = drawDifference(lines[0], lines[1], marks, options.isWhole);
  parts.push(body);
  for (const [index, { block, note }] of bodies.entries()) {
    const side = index ? "Right" : "Left";
    if (block && block.cut) parts.push(make("p", { class: "quiet" }, `${side}: the beginning of ${bytes(block.size)}; the bundle has all.`));
    if (!block) parts.push(make("p", { class: "quiet" }, `${side}: ${note}.`));
  }
  return parts;
}

const requestOf = (exchange) => exchange && {
  line: `${exchange.method} ${exchange.target} ${exchange.version}`, headers: exchange.headers, body: exchange.body };
const responseOf = (exchange) => exchange && exchange.response && {
  line: `${exchange.response.status}, answered by ${exchange.response.source}`, headers: exchange.response.headers,
  body: exchange.response.body };

function runChooser(label, names, chosen, change, swatch) {
  const select = make("select", { onchange: (event) => change(Number(event.target.value)) },
    names.map((name, index) => make("option", { value: index, selected: index === chosen }, name)));
  return make("label", {}, swatch ? make("span", { class: "swatch " + swatch, "aria-hidden": "true" }) : null, label, select);
}

const traceName = (index) => {
  const trace = data("trace-" + index);
  return shownText(trace.profile && !trace.id.startsWith(trace.profile) ? `${trace.id} (${trace.profile})` : trace.id, false);
};

function setUpTraffic() {
  const view = byId("requests-view");
  if (!view) return;
  const names = data("traces").map((_, index) => traceName(index));
  const state = { left: 0, right: Math.min(1, names.length - 1), exchange: 0, isRaw: false, isWhole: false };
  const profiles = names.map((_, index) => data("trace-" + index).profile);
  function choose(card) {
    const [left, right] = [card.dataset.left, card.dataset.right].map((name) => profiles.indexOf(name));
    if (left < 0 || right < 0) return false;
    state.left = left;
    state.right = right;
    return true;
  }
  all(".finding").some(choose);
  for (const button of all(".finding .see")) {
    const card = button.closest(".finding");
    button.addEventListener("click", () => {
      choose(card);
      draw(card.dataset.number);
      byId("requests").scrollIntoView({ block: "start" });
      const heading = byId("requests-title");
      heading.tabIndex = -1;
      heading.focus({ preventScroll: true });
    });
  }

  const list = make("ul", { class: "exchange-list", "aria-label": "Requests" });
  const viewer = make("div", { class: "viewer", "aria-live": "off" });
  const controls = make("div", { class: "controls" });
  view.replaceChildren(controls, list, viewer);

  function draw(number) {
    const [left, right] = [state.left, state.right].map((index) => data("trace-" + index));
    const paired = pairs(left.exchanges, right.exchanges);
    controls.replaceChildren(
      runChooser("Left", names, state.left, (value) => { state.left = value; draw(); }, "a"),
      runChooser("Right", names, state.right, (value) => { state.right = value; draw(); }, "b"));
    list.replaceChildren(...paired.map((pair, index) => item(pair, index)));
    const isWanted = (pair) => findingsOf(pair.left || pair.right).some((finding) => !number || finding.number === number);
    state.exchange = Math.max(0, paired.findIndex(isWanted));
    if (paired.length) open(paired, state.exchange);
    else viewer.replaceChildren(make("p", { class: "quiet" }, "Neither run sent a request."));

    function item(pair, index) {
      const exchange = pair.left || pair.right;
      const numbers = findingsOf(exchange).map(({ number }) => number);
      const hashes = [pair.left, pair.right].map((side) => side && side.body ? side.body.sha256 : "");
      const label = !pair.right ? "left only" : !pair.left ? "right only" : hashes[0] === hashes[1] ? "same body" : "body differs";
      return make("li", {}, make("button", { type: "button", class: "exchange", onclick: () => open(paired, index) },
        make("span", { class: "method" }, visible(exchange.method)),
        make("span", { class: "path" }, visible(exchange.host + path(exchange))),
        make("span", { class: "marks" }, numbers.slice(0, 6).map((number) => make("span", {}, make("span", { class: "vh" }, "finding "), number)),
          numbers.length > 6 ? make("span", {}, "+" + (numbers.length - 6)) : null),
        make("span", { class: label === "same body" ? "state" : "state differs" },
          label, exchange.response ? " · " + exchange.response.status : "", exchange.body ? " · " + bytes(exchange.body.size) : "")));
    }
  }

  function open(paired, index) {
    state.exchange = index;
    all(".exchange", list).forEach((button, place) => {
      if (place === index) button.setAttribute("aria-current", "true"); else button.removeAttribute("aria-current");
    });
    const { left, right } = paired[index];
    const marks = findingsOf(left || right);
    const again = () => open(paired, index);
    const option = (label, name) => make("button", { type: "button", class: "toggle", "aria-pressed": String(state[name]),
      onclick: () => { state[name] = !state[name]; again(); } }, label);
    const exchange = left || right;
    viewer.replaceChildren(
      make("h3", {}, visible(`${exchange.method} ${exchange.scheme}://${exchange.host}${exchange.target}`)),
      make("p", { class: "quiet" }, visible([left, right].filter(Boolean).map((side) => seconds(side.t)).join(" and ") + " after launch"
        + (exchange.via.length ? ", by way of " + exchange.via.join(", ") : "") + (exchange.cut ? ", broken off by the program" : ""))),
      make("div", { class: "tabs" }, option("Whole body", "isWhole"), option("Raw text", "isRaw")),
      ...drawMessage("Request", requestOf(left), requestOf(right), marks, state),
      ...(responseOf(left) || responseOf(right) ? drawMessage("Response", responseOf(left), responseOf(right), [], state)
        : [make("p", { class: "quiet" }, "No response was recorded.")]));
  }
  draw();
}

/** Offers, on each finding about requests, to show them; the viewer is drawn when that is first wanted. */
function offerRequests(drawTraffic) {
  const known = new Set((data("traces") || []).map((_, index) => data("trace-" + index).profile));
  for (const card of all(".finding")) {
    const isShown = card.dataset.channel.split(" ").includes("http") && known.has(card.dataset.left) && known.has(card.dataset.right);
    const button = card.querySelector(".see");
    if (!isShown) continue;
    button.hidden = false;
    button.addEventListener("click", drawTraffic, { capture: true });
  }
}
