/** Code that was typed and is not saved yet: kept while other blocks and pages are shown, and over
 * a reload of the tab, until it is saved or given up. */
import { useSyncExternalStore } from "react";

export interface Draft {
  text: string;
  /** What the file held when the typing began. */
  base: { text: string; version: string };
}

const PLACE = "blocklift drafts";
const watchers = new Set<() => void>();
let drafts = new Map<string, Draft>(stored());
let paths = [...drafts.keys()];

function stored(): [string, Draft][] {
  try {
    return JSON.parse(sessionStorage.getItem(PLACE) ?? "[]") as [string, Draft][];
  } catch {
    return [];
  }
}

export const draftOf = (path: string): Draft | undefined => drafts.get(path);

export function keepDraft(path: string, draft: Draft | null): void {
  if (!draft && !drafts.has(path)) return;
  const known = drafts.has(path);
  drafts = new Map(drafts);
  if (draft) drafts.set(path, draft);
  else drafts.delete(path);
  try {
    sessionStorage.setItem(PLACE, JSON.stringify([...drafts]));
  } catch {
    // Too much of it: it stays in memory.
  }
  if (known === drafts.has(path)) return;
  paths = [...drafts.keys()];
  watchers.forEach((watcher) => watcher());
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

/** Files with unsaved work in this tab. */
export const useDrafts = (): string[] => useSyncExternalStore(watch, () => paths);

window.addEventListener("beforeunload", (event) => {
  if (drafts.size > 0) event.preventDefault();
});
