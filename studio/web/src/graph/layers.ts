/** A quick layout of large graphs: layers by the longest way down, neighbours near each other. */
import type { Item, Places } from "./layout";

const SWEEPS = 6;

export function layered(items: Item[], stepX: number, stepY: number): Places {
  const rows = rowsOf(items);
  const order = new Map<string, number>();
  rows.forEach((row) => row.forEach((item, index) => order.set(item.id, index)));
  const below = downstreamOf(items);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const down = sweep % 2 === 0;
    for (const row of down ? rows : [...rows].reverse())
      sortRow(row, order, (item) => (down ? item.upstream : (below.get(item.id) ?? [])));
  }
  const places: Places = new Map();
  rows.forEach((row, depth) =>
    row.forEach((item, index) =>
      places.set(item.id, { x: (index - (row.length - 1) / 2) * stepX, y: depth * stepY }),
    ),
  );
  return places;
}

/** Blocks by how many blocks are above them on the longest way; a cycle does not hang it. */
function rowsOf(items: Item[]): Item[][] {
  const known = new Map(items.map((item) => [item.id, item]));
  const depths = new Map<string, number>();
  const depth = (item: Item): number => {
    const found = depths.get(item.id);
    if (found !== undefined) return found;
    depths.set(item.id, 0);
    const above = item.upstream.flatMap((id) => known.get(id) ?? []);
    const deepest = above.reduce((most, up) => Math.max(most, depth(up) + 1), 0);
    depths.set(item.id, deepest);
    return deepest;
  };
  const rows: Item[][] = [];
  for (const item of items) (rows[depth(item)] ??= []).push(item);
  return rows;
}

function downstreamOf(items: Item[]): Map<string, string[]> {
  const below = new Map<string, string[]>();
  for (const item of items)
    for (const up of item.upstream) below.set(up, [...(below.get(up) ?? []), item.id]);
  return below;
}

/** Each block goes to the middle of its neighbours. */
function sortRow(row: Item[], order: Map<string, number>, near: (item: Item) => string[]): void {
  const middle = new Map(
    row.map((item) => {
      const at = near(item).flatMap((id) => order.get(id) ?? []);
      const sum = at.reduce((total, place) => total + place, 0);
      return [item.id, at.length ? sum / at.length : order.get(item.id)!];
    }),
  );
  row.sort((a, b) => middle.get(a.id)! - middle.get(b.id)!);
  row.forEach((item, index) => order.set(item.id, index));
}
