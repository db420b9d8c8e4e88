/** Starting a run and going to it; a deployment may come first, so it can take a while. */
import { useState } from "react";
import { useLocation } from "wouter";

import { retryRun, type Started, startRun } from "../api/hooks";
import { complain } from "../ui/parts";
import { toast } from "../ui/toast";

export function useStarting(pipeline: string) {
  const [busy, setBusy] = useState(false);
  const [, go] = useLocation();
  const follow = (asked: Promise<Started>) => {
    setBusy(true);
    asked
      .then(({ run, note }) => {
        if (note) toast(note);
        go(`/runs/${pipeline}/${run}`);
      }, complain)
      .finally(() => setBusy(false));
  };
  return {
    busy,
    start: () => follow(startRun(pipeline, {})),
    retry: (run: string) => follow(retryRun(pipeline, run)),
  };
}
