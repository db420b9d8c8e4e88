/** What of the graph is seen: all that can be read of it, and always the block that was chosen. */
import { ControlButton, Controls, type ReactFlowState, useReactFlow, useStore, useStoreApi, type Viewport } from "@xyflow/react";
import { type RefObject, useEffect, useRef } from "react";

import { HEIGHT, type Places, WIDTH } from "./layout";

/** Names of blocks can still be read. */
const FLOOR = 0.4;
/** A block that is gone to is at least so large. */
const NEAR = 0.7;
const MARGIN = 20;

interface Props {
  places: Places;
  chosen: string | null;
  /** Chosen in the graph itself: whoever clicked it sees it. */
  picked: RefObject<string | null>;
  failed: string | undefined;
}

type Pane = { width: number; height: number };
type Spot = { x: number; y: number };

const isDrawn = (state: ReactFlowState) => state.width > 0 && state.height > 0;

export function Standing({ places, chosen, picked, failed }: Props) {
  const flow = useReactFlow();
  const store = useStoreApi();
  const drawn = useStore(isDrawn);
  const begun = useRef(false);
  const pane = (): Pane => store.getState();
  const fit = () => void flow.setViewport(fitted(places, pane(), failed ? places.get(failed) : undefined));
  useEffect(() => {
    if (!drawn || places.size === 0) return;
    if (!begun.current) fit();
    begun.current = true;
    if (chosen !== picked.current) picked.current = null;
    const place = picked.current === null ? places.get(chosen ?? "") : undefined;
    const view = flow.getViewport();
    if (place && !isSeen(place, view, pane())) void flow.setViewport(around(place, view.zoom, pane()));
  }, [drawn, chosen, places]);
  return (
    <Controls showInteractive={false} showFitView={false}>
      <ControlButton onClick={fit} title="Fit View" aria-label="Fit View">
        <svg viewBox="0 0 12 12" aria-hidden="true"><path d="M1 4V1h3M8 1h3v3M11 8v3H8M4 11H1V8" fill="none" stroke="currentColor" strokeWidth="1.6" /></svg>
      </ControlButton>
    </Controls>
  );
}

/** The first layers, before it is known how large the pane is. */
export function firstView(places: Places): Viewport {
  if (places.size === 0) return { x: 0, y: 0, zoom: 1 };
  const { left, width } = extent(firstRow(places));
  return atTop(left, Math.min(1, Math.max(FLOOR, 560 / (width + 2 * MARGIN))));
}

/** All blocks; of more than can be read the failed one, or else the first ones. */
function fitted(places: Places, pane: Pane, failed: Spot | undefined): Viewport {
  const { left, width, top, height } = extent([...places.values()]);
  const whole = Math.min(pane.width / (width + 2 * MARGIN), pane.height / (height + 2 * MARGIN));
  if (whole >= FLOOR) {
    const zoom = Math.min(1, whole);
    return { x: pane.width / 2 - (left + width / 2) * zoom, y: pane.height / 2 - (top + height / 2) * zoom, zoom };
  }
  if (failed) return around(failed, FLOOR, pane);
  const row = extent(firstRow(places));
  const zoom = Math.min(1, Math.max(FLOOR, pane.width / (row.width + 2 * MARGIN)));
  const spare = pane.width - row.width * zoom;
  return atTop(row.left - Math.max(0, spare / 2 - MARGIN) / zoom, zoom);
}

const firstRow = (places: Places): Spot[] => {
  const top = Math.min(...[...places.values()].map((place) => place.y));
  return [...places.values()].filter((place) => place.y === top);
};

const atTop = (left: number, zoom: number): Viewport => ({ x: MARGIN - left * zoom, y: MARGIN, zoom });

function extent(spots: Spot[]) {
  const left = Math.min(...spots.map((spot) => spot.x));
  const top = Math.min(...spots.map((spot) => spot.y));
  const width = Math.max(...spots.map((spot) => spot.x)) + WIDTH - left;
  const height = Math.max(...spots.map((spot) => spot.y)) + HEIGHT - top;
  return { left, top, width, height };
}

/** In the middle of the pane, no smaller than can be read at ease. */
function around({ x, y }: Spot, zoom: number, pane: Pane): Viewport {
  const near = Math.max(zoom, NEAR);
  return { x: pane.width / 2 - (x + WIDTH / 2) * near, y: pane.height / 2 - (y + HEIGHT / 2) * near, zoom: near };
}

function isSeen({ x, y }: Spot, view: Viewport, pane: Pane): boolean {
  const [left, top] = [x * view.zoom + view.x, y * view.zoom + view.y];
  const inside = left >= 0 && top >= 0 && left + WIDTH * view.zoom <= pane.width && top + HEIGHT * view.zoom <= pane.height;
  return inside && view.zoom >= FLOOR;
}
