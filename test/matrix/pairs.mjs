// pairs.mjs - a covering array: few rows in which every two values of every two factors meet, as far as
// allowed() lets them. Greedy and without chance, so the same factors give the same rows.
//   factors: { name: [values] }     allowed(row): may this row, some of whose factors are still open, be?
export function pairs(factors, allowed = () => true) {
  const names = Object.keys(factors), open = new Map();
  const key = (a, i, b, j) => `${a} ${i} ${b} ${j}`;
  for (let a = 0; a < names.length; a++)
    for (let b = a + 1; b < names.length; b++)
      for (let i = 0; i < factors[names[a]].length; i++)
        for (let j = 0; j < factors[names[b]].length; j++) {
          const both = { [names[a]]: factors[names[a]][i], [names[b]]: factors[names[b]][j] };
          if (allowed(both)) open.set(key(a, i, b, j), [a, i, b, j]);
        }
  const rowOf = (at) => Object.fromEntries(at.flatMap((i, a) => (i < 0 ? [] : [[names[a], factors[names[a]][i]]])));
  const gain = (at, a, i) => at.reduce((n, j, b) => n + (j >= 0 && b !== a && open.has(a < b ? key(a, i, b, j) : key(b, j, a, i)) ? 1 : 0), 0);

  function fill(at, a) {
    let best = -1, most = -1;
    for (let i = 0; i < factors[names[a]].length; i++) {
      const n = gain(at, a, i);
      if (n <= most) continue;
      const next = at.with(a, i);
      if (allowed(rowOf(next))) [best, most] = [i, n];
    }
    return at.with(a, best);
  }

  const rows = [];
  while (open.size) {
    const [a, i, b, j] = open.values().next().value;
    let at = names.map((_, c) => (c === a ? i : c === b ? j : -1));
    for (let c = 0; c < names.length; c++) if (at[c] < 0) at = fill(at, c);
    if (at.includes(-1)) throw new Error(`allowed() promised a row for ${JSON.stringify(rowOf(at))}`);
    for (let c = 0; c < names.length; c++) for (let d = c + 1; d < names.length; d++) open.delete(key(c, at[c], d, at[d]));
    rows.push(rowOf(at));
  }
  return rows;
}
