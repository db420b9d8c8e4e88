/** Short messages in the corner; they go by themselves. */
import { useSyncExternalStore } from "react";

interface Toast {
  id: number;
  text: string;
  bad: boolean;
}

let toasts: Toast[] = [];
let next = 0;
const watchers = new Set<() => void>();

function change(to: Toast[]): void {
  toasts = to;
  watchers.forEach((watcher) => watcher());
}

export function toast(text: string, bad = false): void {
  const id = next++;
  change([...toasts, { id, text, bad }].slice(-4));
  setTimeout(() => change(toasts.filter((item) => item.id !== id)), bad ? 9000 : 3500);
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

export function Toasts() {
  const shown = useSyncExternalStore(watch, () => toasts);
  return (
    <div className="toasts" role="status" aria-live="polite">
      {shown.map((item) => (
        <div key={item.id} className={`toast ${item.bad ? "bad" : ""}`}>
          {item.text}
        </div>
      ))}
    </div>
  );
}
