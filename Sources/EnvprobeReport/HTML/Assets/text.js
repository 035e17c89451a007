// Characters made visible. The table comes with the data: a number, a name and, for what would not be seen, a stand-in.
let glyphTable = null;
function glyph(codePoint) {
  if (!glyphTable) glyphTable = new Map((data("names") || []).map(([number, name, shown]) => [Number(number), [name, shown]]));
  return glyphTable.get(codePoint);
}
const hidden = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u;

function codePointName(character) {
  const known = glyph(character.codePointAt(0));
  return known ? known[0] : "U+" + character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
}

/** Text as nodes: runs of plain text, and a named element for everything that would hide. */
function visible(text, isMarked = false) {
  const nodes = [];
  let run = "";
  for (const character of text) {
    const isPlain = character === " " || (character >= "!" && character <= "~");
    if (isPlain || (!isMarked && !hidden.test(character))) { run += character; continue; }
    if (run) { nodes.push(run); run = ""; }
    const known = glyph(character.codePointAt(0));
    const name = codePointName(character);
    if (hidden.test(character)) {
      nodes.push(make("span", { class: "inv", "data-tip": name }, (known && known[1]) || name.split(" ")[0]));
    } else {
      const carrier = /\p{M}/u.test(character) ? "\u25CC" : "";
      nodes.push(make("span", { class: "ch", "data-tip": name }, carrier + character));
    }
  }
  if (run) nodes.push(run);
  return nodes;
}

/** Text with what would hide made visible, where there is no room for elements. */
function shownText(text, isMarked = true) {
  return make("span", {}, visible(text || "", isMarked)).textContent;
}

/** Both sides of a pair of texts as nodes, what they do not share marked. */
function markedPair(before, after) {
  const hunks = differingCharacters(before, after);
  const sides = [[], []];
  for (const hunk of hunks) {
    if (hunk.equal !== undefined) {
      sides[0].push(...visible(hunk.equal));
      sides[1].push(...visible(hunk.equal));
    } else {
      if (hunk.before) sides[0].push(make("mark", {}, visible(hunk.before, true)));
      if (hunk.after) sides[1].push(make("mark", {}, visible(hunk.after, true)));
    }
  }
  return { sides, hunks };
}
