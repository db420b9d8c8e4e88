/** Work that is not saved yet: kept while other blocks and pages are shown, and over a reload of
 * the tab, until it is saved or given up. */
import { useSyncExternalStore } from "react";

export class Kept<Work> {
  private readonly watchers = new Set<() => void>();
  private works: Map<string, Work>;
  private keys: string[];

  constructor(private readonly place: string) {
    this.works = new Map(this.stored());
    this.keys = [...this.works.keys()];
    window.addEventListener("beforeunload", (event) => {
      if (this.works.size > 0) event.preventDefault();
    });
  }

  of(key: string): Work | undefined {
    return this.works.get(key);
  }

  keep(key: string, work: Work | null): void {
    const known = this.works.has(key);
    if (!work && !known) return;
    if (work) this.works.set(key, work);
    else this.works.delete(key);
    this.store();
    if (known === this.works.has(key)) return;
    this.keys = [...this.works.keys()];
    this.watchers.forEach((watcher) => watcher());
  }

  /** What has unsaved work in this tab. */
  useKeys(): string[] {
    return useSyncExternalStore(this.watch, () => this.keys);
  }

  private readonly watch = (watcher: () => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  private stored(): [string, Work][] {
    try {
      return JSON.parse(sessionStorage.getItem(this.place) ?? "[]") as [string, Work][];
    } catch {
      return [];
    }
  }

  private store(): void {
    try {
      sessionStorage.setItem(this.place, JSON.stringify([...this.works]));
    } catch {
      // Too much of it: it stays in memory.
    }
  }
}
