/** The chain of blocks that decided how long a run took. */
import type { BlockRun } from "../api/messages.gen";

export function criticalPath(runs: BlockRun[], upstream: Map<string, string[]>): Set<string> {
  const timed = new Map(runs.filter((run) => run.started !== null && run.seconds !== null).map((run) => [run.block, run]));
  const end = (block: string) => {
    const run = timed.get(block);
    return run ? run.started! + run.seconds! : -Infinity;
  };
  const latest = (blocks: Iterable<string>) =>
    [...blocks].filter((block) => timed.has(block)).sort((a, b) => end(b) - end(a))[0];
  const path = new Set<string>();
  let block = latest(timed.keys());
  while (block !== undefined && !path.has(block)) {
    path.add(block);
    block = latest(upstream.get(block) ?? []);
  }
  return path;
}
