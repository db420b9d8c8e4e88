/** All of a large pipeline as two handfuls of paths: what is seen from afar, at the price of one. */
import { ViewportPortal } from "@xyflow/react";
import { memo } from "react";

import type { BlockRun } from "../api/messages.gen";
import type { GraphBlock } from "./Graph";
import { HEIGHT, type Places, WIDTH } from "./layout";

interface Props {
  blocks: GraphBlock[];
  places: Places;
  runs: Map<string, BlockRun>;
  selected: string | null;
  /** Nodes are drawn by themselves; only their connections are wanted. */
  near: boolean;
}

export const Overview = memo(function Overview({ blocks, places, runs, selected, near }: Props) {
  const spots = [...places.values()];
  const left = Math.min(...spots.map((spot) => spot.x));
  const right = Math.max(...spots.map((spot) => spot.x)) + WIDTH;
  const bottom = Math.max(...spots.map((spot) => spot.y)) + HEIGHT;
  const boxes = near ? [] : [...boxesOf(blocks, places, runs)];
  const chosen = !near && selected ? places.get(selected) : undefined;
  return (
    <ViewportPortal>
      <svg className="overview" width={right - left} height={bottom} viewBox={`${left} 0 ${right - left} ${bottom}`} style={{ left }} aria-hidden="true">
        <path className="edges" d={edgesOf(blocks, places)} />
        {boxes.map(([look, path]) => <path key={look} className={look} d={path} />)}
        {chosen && <path className="chosen" d={box(chosen)} />}
      </svg>
    </ViewportPortal>
  );
});

const box = ({ x, y }: { x: number; y: number }) => `M${x} ${y}h${WIDTH}v${HEIGHT}h${-WIDTH}z`;

/** One path for all blocks that look alike: by state once they ran, by kind before. */
function boxesOf(blocks: GraphBlock[], places: Places, runs: Map<string, BlockRun>): Map<string, string> {
  const paths = new Map<string, string>();
  for (const block of blocks) {
    const place = places.get(block.id);
    const state = runs.get(block.id)?.state ?? "pending";
    const look = state === "pending" ? block.kind : `state-${state}`;
    if (place) paths.set(look, (paths.get(look) ?? "") + box(place));
  }
  return paths;
}

function edgesOf(blocks: GraphBlock[], places: Places): string {
  const lines: string[] = [];
  for (const block of blocks) {
    const to = places.get(block.id);
    for (const id of block.upstream) {
      const from = places.get(id);
      if (!from || !to) continue;
      const [x, y] = [from.x + WIDTH / 2, from.y + HEIGHT];
      const middle = (y + to.y) / 2;
      lines.push(`M${x} ${y}C${x} ${middle} ${to.x + WIDTH / 2} ${middle} ${to.x + WIDTH / 2} ${to.y}`);
    }
  }
  return lines.join("");
}
