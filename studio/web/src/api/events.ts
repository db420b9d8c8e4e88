/** The server's one stream of events: it tells what to read again, and what to say. */
import type { QueryClient } from "@tanstack/react-query";

import { toast } from "../ui/toast";
import { say } from "./online";
import type { Event } from "./messages.gen";

type Listener = (event: Event) => void;
const listeners = new Set<Listener>();

export function listen(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The browser reconnects by itself and sends Last-Event-ID, so nothing is missed. */
export function follow(client: QueryClient): () => void {
  const source = new EventSource("/api/events");
  source.onmessage = (message) => {
    const event = JSON.parse(message.data as string) as Event;
    for (const key of stale(event)) void client.invalidateQueries({ queryKey: key });
    if (event.type === "toast") toast(String(event.data?.text ?? ""), event.data?.bad === true);
    listeners.forEach((listener) => listener(event));
  };
  let lost = false;
  source.onopen = () => {
    say("open");
    if (lost) void client.invalidateQueries();
    lost = false;
  };
  source.onerror = () => {
    lost = true;
    say(source.readyState === EventSource.CLOSED ? "ended" : "lost");
  };
  return () => source.close();
}

function stale(event: Event): string[][] {
  const data = event.data ?? {};
  switch (event.type) {
    case "files_changed":
      return [["project"], ["activity"], ["pipeline"], ["charts"], ["plan"], ["definition"], ["secrets"]];
    case "block_run":
    case "run_changed":
      return [["run", String(data.pipeline ?? "")], ["runs"], ["activity"], ["logs"], ["columns"]];
    case "deploy":
      return data.done ? [["plan"], ["activity"], ["definition"], ["deployments"]] : [];
    case "log":
    case "toast":
    case "ping":
      return [];
  }
}
