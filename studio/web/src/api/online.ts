/** Whether Studio's server is heard: a page that is not told of changes must say so. */
import { useSyncExternalStore } from "react";

export type Line = "open" | "lost" | "ended";
let line: Line = "open";
const watchers = new Set<() => void>();

export function say(now: Line): void {
  if (now === line) return;
  line = now;
  watchers.forEach((watcher) => watcher());
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

export const useLine = (): Line => useSyncExternalStore(watch, () => line);
