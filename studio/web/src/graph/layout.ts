/** Where each block stands: layers from top to bottom, computed once per shape. */
import dagre from "@dagrejs/dagre";

import { layered } from "./layers";

export const WIDTH = 208;
export const HEIGHT = 58;
const LARGE = 100;
const GAP = { x: 28, y: 46 };

export interface Item {
  id: string;
  upstream: string[];
}

export type Places = Map<string, { x: number; y: number }>;

/** dagre draws fewer crossings, but takes seconds over hundreds of blocks. */
export function layout(items: Item[]): Places {
  if (items.length > LARGE) return layered(items, WIDTH + GAP.x, HEIGHT + GAP.y);
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ rankdir: "TB", nodesep: GAP.x, ranksep: GAP.y });
  graph.setDefaultEdgeLabel(() => ({}));
  const known = new Set(items.map((item) => item.id));
  for (const item of items) graph.setNode(item.id, { width: WIDTH, height: HEIGHT });
  for (const item of items)
    for (const upstream of item.upstream) if (known.has(upstream)) graph.setEdge(upstream, item.id);
  dagre.layout(graph);
  return new Map(
    items.map((item) => {
      const place = graph.node(item.id);
      return [item.id, { x: place.x - WIDTH / 2, y: place.y - HEIGHT / 2 }];
    }),
  );
}
