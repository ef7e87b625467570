// Which entries pass all filters, and how many would with one filter less: the counts beside the choices of that filter.

/**
 * `dims` are [{ codes, allowed, size }]: a code per entry, and which codes pass (a Set), or null where all do. `passes(entry)` is
 * asked of what passes them all but one. Answers { kept: Int32Array of entries, counts: an Int32Array of `size` per dimension,
 * add(entry, by) }: an entry whose codes change is taken out of the counts (-1) before and added (1) after.
 */
export function sift(num, dims, passes = () => true) {
  const counts = dims.map(({ size }) => new Int32Array(size));
  const tables = dims.map(table);
  const kept = new Int32Array(num);
  let numKept = 0;
  for (let entry = 0; entry < num; entry++) if (add(entry, 1)) kept[numKept++] = entry;
  return { kept: kept.slice(0, numKept), counts, add };

  /** Answers whether the entry passes all. */
  function add(entry, by) {
    const fails = failing(entry, dims, tables);
    if (fails === MANY || !passes(entry)) return false;
    for (let dim = 0; dim < dims.length; dim++) {
      if (fails !== NONE && fails !== dim) continue;
      const code = dims[dim].codes[entry];
      if (code >= 0) counts[dim][code] += by;
    }
    return fails === NONE;
  }
}

const NONE = -1;
const MANY = -2;

function table({ allowed, size }) {
  return allowed === null ? null : Uint8Array.from({ length: size }, (_, code) => (allowed.has(code) ? 1 : 0));
}

/** The one dimension that an entry fails, NONE or MANY. */
function failing(entry, dims, tables) {
  let fails = NONE;
  for (let dim = 0; dim < dims.length; dim++) {
    if (tables[dim] === null || tables[dim][dims[dim].codes[entry]]) continue;
    if (fails !== NONE) return MANY;
    fails = dim;
  }
  return fails;
}
