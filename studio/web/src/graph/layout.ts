/** Where each block stands: layers from left to right, computed once per shape. */
import dagre from "@dagrejs/dagre";

export const WIDTH = 208;
export const HEIGHT = 58;

export interface Item {
  id: string;
  upstream: string[];
}

export type Places = Map<string, { x: number; y: number }>;

export function layout(items: Item[]): Places {
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ rankdir: "TB", nodesep: 28, ranksep: 46 });
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
