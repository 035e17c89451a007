// Processes, timeline, files and output of a run; the table of runs; the hashes.

const lanes = ["programs", "variables", "names", "connections", "requests", "output", "gaps"];
const percent = (value) => (100 * value).toFixed(3) + "%";

function processTree(trace) {
  const children = new Map();
  const pids = new Set(trace.processes.map((process) => process.pid));
  for (const process of trace.processes) {
    const parent = pids.has(process.parent) && process.parent !== process.pid ? process.parent : 0;
    children.set(parent, [...(children.get(parent) || []), process]);
  }
  const drawn = new Set();
  function branch(pid) {
    const below = (children.get(pid) || []).filter((process) => !drawn.has(process));
    if (!below.length) return null;
    return make("ul", { class: pid === 0 ? "tree" : null }, below.map((process) => {
      drawn.add(process);
      const programs = trace.marks.filter((mark) => mark.lane === "programs" && mark.pid === process.pid);
      return make("li", {}, make("span", { class: "pid" }, process.pid),
        make("code", {}, visible(programs.length ? programs[programs.length - 1].text : process.executable || "(unknown)")),
        make("span", { class: "quiet" }, `${seconds(process.t)} to ${seconds(process.until)}`
          + (process.calls ? `, ${plural(process.calls, "call")}` : "")),
        branch(process.pid));
    }));
  }
  return branch(0) || make("p", { class: "quiet" }, "No process was recorded.");
}

function timeline(trace) {
  const wall = trace.wall || 1;
  const box = make("div", { class: "timeline" });
  const lane = (label, marks) => {
    const track = make("div", { class: "track" });
    box.append(make("div", { class: "lane" }, make("span", { "data-tip": shownText(label, false) }, visible(label)), track));
    track.append(...marks);
  };
  const placed = (attributes, from, width) => {
    const mark = make("i", attributes);
    mark.style.left = percent(Math.min(1, from / wall));
    if (width !== undefined) mark.style.width = percent(Math.max(0, Math.min(1, width / wall)));
    return mark;
  };
  for (const process of trace.processes.slice(0, 24)) {
    const name = (process.executable || "").split("/").pop() || "process";
    lane(`${process.pid} ${name}`, [placed({ class: "span", "data-tip": `${shownText(process.executable || "unknown", false)}, ${seconds(process.t)} to ${seconds(process.until)}` },
      process.t, process.until - process.t)]);
  }
  for (const name of lanes) {
    const marks = trace.marks.filter((mark) => mark.lane === name);
    if (marks.length) lane(name, marks.map((mark) => placed({ class: "at-" + name, "data-tip": `${seconds(mark.t)}  ${shownText(mark.text, false)}` }, mark.t)));
  }
  const axis = make("div", { class: "track" });
  for (let i = 0; i <= 4; i += 1) {
    const label = make("span", {}, seconds((wall * i) / 4));
    label.style.left = percent(i / 4);
    axis.append(label);
  }
  box.append(make("div", { class: "lane axis", "aria-hidden": "true" }, make("span", {}), axis));
  return box;
}

function eventList(trace) {
  const body = make("tbody");
  const marks = [...trace.marks].sort((a, b) => a.t - b.t);
  const rest = growing(marks, (mark) => make("tr", {}, make("td", { class: "num" }, seconds(mark.t)), make("td", {}, mark.lane),
    make("td", { class: "num" }, mark.pid ?? ""), make("td", {}, make("code", {}, visible(mark.text)))), body, 100, "event");
  const kept = trace.markCount > marks.length ? make("p", { class: "quiet" }, `${grouped(marks.length)} of ${plural(trace.markCount, "event")}; the bundle has all.`) : null;
  return make("details", { class: "fold" }, make("summary", {}, plural(marks.length, "event") + " as a list"),
    scroller("Events", make("table", {}, tableHead("Time", "What", "Process", "Detail"), body)), rest, kept);
}

const tableHead = (...names) => make("thead", {}, make("tr", {}, names.map((name) => make("th", { scope: "col" }, name))));
const scroller = (label, ...children) => make("div", { class: "scroll", role: "region", "aria-label": label, tabindex: "0" }, ...children);

function fileTable(trace) {
  if (!trace.files.length) return make("p", { class: "quiet" }, "No file was created, changed or removed.");
  const body = make("tbody");
  const rest = growing(trace.files, (file) => make("tr", {},
    make("td", {}, file.change), make("td", {}, make("code", {}, visible(file.root + "/" + file.path))),
    make("td", { class: "num" }, file.size === undefined ? "" : bytes(file.size)),
    make("td", {}, file.sha256 ? make("code", { class: "hash", "data-tip": shownText(file.sha256, false) }, visible(file.sha256.slice(0, 12)), "…") : file.kind)), body, 40, "file");
  const kept = trace.fileCount > trace.files.length ? make("p", { class: "quiet" }, `${grouped(trace.files.length)} of ${plural(trace.fileCount, "file")}; the bundle has all.`) : null;
  return make("div", {}, scroller("Files", make("table", {}, tableHead("Change", "File", "Size", "SHA-256 or kind"), body)), rest, kept);
}

function variableTable(trace) {
  const parts = [make("h3", {}, "Environment variables asked for")];
  const levels = new Map();
  for (const { level, reason } of trace.coverage) levels.set(level + ": " + reason, (levels.get(level + ": " + reason) || 0) + 1);
  for (const [text, count] of levels) parts.push(make("p", { class: "quiet" }, plural(count, "process", "processes") + " ", visible(text)));
  if (!trace.variables.length) return make("div", {}, parts, make("p", { class: "quiet" }, "None was recorded."));
  const body = make("tbody");
  const rest = growing(trace.variables, (variable) => make("tr", {},
    make("th", { scope: "row" }, make("code", {}, visible(variable.name)), variable.interest ? make("span", { class: "interest " + variable.interest }, variable.interest) : null),
    make("td", {}, variable.set === undefined || variable.set === null ? "" : variable.set ? "set" : "unset"),
    make("td", { class: "num" }, grouped(variable.count)),
    make("td", {}, make("code", {}, visible(variable.modules.map((module) => module.split("/").pop()).join(", ")))),
    make("td", { class: "num" }, variable.pids.join(" "))), body, 40, "variable");
  return make("div", {}, parts, scroller("Environment variables", make("table", {}, tableHead("Variable", "State", "Times", "Asked by", "Process"), body)), rest);
}

function askedTable(trace) {
  if (!trace.asked.length) return null;
  const body = make("tbody");
  const rest = growing(trace.asked, (asked) => make("tr", {}, make("td", {}, make("code", {}, visible(asked.path))),
    make("td", {}, asked.meaning, make("span", { class: "interest " + asked.interest }, asked.interest)), make("td", { class: "num" }, grouped(asked.count))), body, 12, "path");
  return make("div", {}, make("h3", {}, "Paths that tell the place or hold secrets"),
    scroller("Paths", make("table", {}, tableHead("Path", "What it is", "Times"), body)), rest);
}

function callBars(trace) {
  const top = trace.calls;
  if (!top.length) return null;
  const most = top[0].count;
  return make("div", {}, make("h3", {}, "System calls"), make("div", { class: "bars" }, top.map((call) => {
    const bar = make("i");
    bar.style.width = percent(call.count / most);
    return make("div", {}, make("code", {}, visible(call.name)), bar, make("span", { class: "num" }, grouped(call.count)));
  })));
}

function setUpProcesses() {
  const view = byId("processes-view");
  if (!view) return;
  const names = data("traces").map((_, index) => traceName(index));
  function draw(index) {
    const trace = data("trace-" + index);
    view.replaceChildren(
      make("div", { class: "controls" }, runChooser("Run", names, index, draw),
        make("span", {}, visible(`started ${trace.started}, took ${seconds(trace.wall)}`))),
      make("div", {}, make("h3", {}, "Processes"), processTree(trace)),
      timeline(trace), eventList(trace), variableTable(trace), askedTable(trace) || "",
      make("div", {}, make("h3", {}, "Files"), fileTable(trace)),
      make("div", { class: "columns" },
        ...trace.outputs.map((output) => make("div", {}, make("h3", {}, visible(output.stream)),
          make("pre", { class: "output", tabindex: "0" }, output.text.split("\n").flatMap((line, place) => [place ? "\n" : "", ...visible(line)])),
          output.cut ? make("p", { class: "quiet" }, "The beginning; the bundle has all.") : null)),
        callBars(trace)),
      ...trace.diagnostics.map((text) => make("p", { class: "quiet" }, visible(text))));
  }
  if (names.length) draw(0);
}

function showAllRuns() {
  const table = byId("runs-table");
  const button = byId("more-runs");
  if (!button || button.hidden) return;
  button.hidden = true;
  const body = table.tBodies[0];
  const rows = data("runs").slice(body.rows.length);
  body.append(...rows.map((run) => make("tr", { id: run.anchor },
    make("th", { scope: "row" }, make("code", {}, visible(run.id))), make("td", { class: run.isExperiment ? "experiment" : null }, visible(run.under)),
    make("td", { class: "num" }, run.repetition), make("td", {}, run.end), make("td", { class: "num" }, run.wall),
    make("td", {}, run.isComplete ? "complete" : make("span", { class: "warn" }, "incomplete"), run.gaps ? make("span", { class: "gap" }, " ", visible(run.gaps)) : null),
    make("td", {}, make("code", {}, visible(run.bundle))))));
}

function setUpRuns() {
  const button = byId("more-runs");
  if (button) { button.hidden = false; button.addEventListener("click", showAllRuns); }
  const fold = byId("evidence");
  if (!fold) return;
  fold.addEventListener("toggle", () => {
    if (!fold.open || fold.isDrawn) return;
    fold.isDrawn = true;
    const body = make("tbody");
    const rest = growing(data("evidence"), (row) => make("tr", {}, make("td", {}, make("code", { class: "hash" }, visible(row.sha256))),
      make("td", {}, visible(row.what)), make("td", { class: "num" }, bytes(row.size)), make("td", { class: "num" }, grouped(row.runs))), body, 50, "hash", "hashes");
    byId("evidence-view").replaceChildren(scroller("Hashes", make("table", {}, tableHead("SHA-256", "What", "Size", "Runs"), body)), rest);
  });
}
