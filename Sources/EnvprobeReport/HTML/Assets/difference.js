// The shortest edit between two sequences (Myers 1986, "An O(ND) Difference Algorithm and Its Variations"), bounded: where
// the two have too little in common, the rest counts as replaced.

/** Steps [kind, indexBefore, indexAfter], kind being "=", "-" or "+". */
function edits(before, after, limit) {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let endBefore = before.length, endAfter = after.length;
  while (endBefore > start && endAfter > start && before[endBefore - 1] === after[endAfter - 1]) { endBefore -= 1; endAfter -= 1; }
  const steps = [];
  for (let i = 0; i < start; i += 1) steps.push(["=", i, i]);
  for (const step of middleEdits(before, after, start, endBefore, endAfter, limit)) steps.push(step);
  for (let i = 0; endBefore + i < before.length; i += 1) steps.push(["=", endBefore + i, endAfter + i]);
  return steps;
}

function middleEdits(before, after, start, endBefore, endAfter, limit) {
  const n = endBefore - start, m = endAfter - start;
  const replaced = () => {
    const steps = [];
    for (let i = 0; i < n; i += 1) steps.push(["-", start + i, start]);
    for (let j = 0; j < m; j += 1) steps.push(["+", endBefore, start + j]);
    return steps;
  };
  if (n === 0 || m === 0) return replaced();
  const most = Math.min(n + m, limit), offset = most + 1;
  const furthest = new Int32Array(2 * most + 3);
  const history = [];
  for (let d = 0; d <= most; d += 1) {
    history.push(furthest.slice(offset - d - 1, offset + d + 2));
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && furthest[offset + k - 1] < furthest[offset + k + 1]);
      let x = down ? furthest[offset + k + 1] : furthest[offset + k - 1] + 1;
      let y = x - k;
      while (x < n && y < m && before[start + x] === after[start + y]) { x += 1; y += 1; }
      furthest[offset + k] = x;
      if (x >= n && y >= m) return backtrack(history, d, n, m, start);
    }
  }
  return replaced();
}

function backtrack(history, last, n, m, start) {
  const steps = [];
  let x = n, y = m;
  for (let d = last; d > 0; d -= 1) {
    const reached = (k) => history[d][k + d + 1];
    const k = x - y;
    const isDown = k === -d || (k !== d && reached(k - 1) < reached(k + 1));
    const fromK = isDown ? k + 1 : k - 1;
    const fromX = reached(fromK), fromY = fromX - fromK;
    while (x > fromX && y > fromY) { x -= 1; y -= 1; steps.push(["=", start + x, start + y]); }
    steps.push(isDown ? ["+", start + fromX, start + fromY] : ["-", start + fromX, start + fromY]);
    x = fromX;
    y = fromY;
  }
  while (x > 0 && y > 0) { x -= 1; y -= 1; steps.push(["=", start + x, start + y]); }
  return steps.reverse();
}

/** Stretches {equal} and {before, after} of two texts, by character; by word where they are long. */
function differingCharacters(before, after) {
  const isLong = before.length + after.length > 4000;
  const split = (text) => (isLong ? text.match(/[\p{L}\p{N}_]+|[^]/gu) || [] : Array.from(text));
  const left = split(before), right = split(after);
  const hunks = [];
  let open = null;
  for (const [kind, i, j] of edits(left, right, 800)) {
    if (kind === "=") {
      if (!open || open.equal === undefined) { open = { equal: "" }; hunks.push(open); }
      open.equal += left[i];
    } else {
      if (!open || open.equal !== undefined) { open = { before: "", after: "" }; hunks.push(open); }
      if (kind === "-") open.before += left[i]; else open.after += right[j];
    }
  }
  return joined(hunks);
}

/** Changes with a character or two between them are one change to a reader, unless they stand alone. */
function joined(hunks) {
  const result = [];
  for (let i = 0; i < hunks.length; i += 1) {
    const hunk = hunks[i], previous = result[result.length - 1], next = hunks[i + 1];
    const bridges = hunk.equal !== undefined && previous && previous.equal === undefined && next && next.equal === undefined
      && hunk.equal.length <= 2 && previous.before.length + previous.after.length + next.before.length + next.after.length > 6;
    if (bridges) { previous.before += hunk.equal; previous.after += hunk.equal; }
    else if (hunk.equal === undefined && previous && previous.equal === undefined) { previous.before += hunk.before; previous.after += hunk.after; }
    else result.push({ ...hunk });
  }
  return result;
}
