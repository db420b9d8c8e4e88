/** Starting a run and going to it; a deployment may come first, so it can take a while. */
import { useLocation } from "wouter";

import { retryRun, type Started, startRun } from "../api/hooks";
import { useOnce } from "../ui/once";
import { toast } from "../ui/toast";

export function useStarting(pipeline: string) {
  const [busy, once] = useOnce();
  const [, go] = useLocation();
  const follow = (ask: () => Promise<Started>) =>
    once(async () => {
      const { run, note } = await ask();
      if (note) toast(note);
      go(`/runs/${pipeline}/${run}`);
    });
  return {
    busy,
    start: () => follow(() => startRun(pipeline, {})),
    retry: (run: string) => follow(() => retryRun(pipeline, run)),
  };
}
