/** When each block ran, and which ones the run waited for. */
import type { BlockRun } from "../api/messages.gen";
import { seconds } from "../ui/format";
import { State } from "../ui/parts";
import { criticalPath } from "./critical";

interface Props {
  runs: BlockRun[];
  upstream: Map<string, string[]>;
  started: number;
  ended: number | null;
  onSelect: (block: string) => void;
}

export function Gantt({ runs, upstream, started, ended, onSelect }: Props) {
  const end = ended ?? Math.max(Date.now() / 1000, started + 1);
  const whole = Math.max(end - started, 0.001);
  const critical = criticalPath(runs, upstream);
  const rows = runs.filter((run) => run.started !== null).sort((a, b) => a.started! - b.started!);
  const others = runs.filter((run) => run.started === null);
  return (
    <div className="gantt">
      <span />
      <div className="scale muted" aria-hidden="true"><span>0</span><span>{seconds(whole / 2)}</span><span>{seconds(whole)}</span></div>
      <span />
      {rows.map((run) => {
        const from = (100 * (run.started! - started)) / whole;
        const width = (100 * (run.seconds ?? end - run.started!)) / whole;
        return [
          <button className="button quiet small" key={`${run.block} name`} onClick={() => onSelect(run.block)} title={run.block}>
            {run.block}
          </button>,
          <div className="track" key={run.block}>
            <div
              className={`bar ${run.state} ${critical.has(run.block) ? "critical" : ""}`}
              style={{ left: `${from}%`, width: `${Math.min(width, 100 - from)}%` }}
              title={`${run.block}: ${seconds(run.seconds)}${critical.has(run.block) ? " (the run waited for it)" : ""}`}
            />
          </div>,
          <span className="muted" key={`${run.block} took`}>{run.seconds === null ? "…" : seconds(run.seconds)}</span>,
        ];
      })}
      {others.map((run) => [
        <button className="button quiet small" key={`${run.block} name`} onClick={() => onSelect(run.block)} title={run.block}>{run.block}</button>,
        <div className="none" key={run.block}><State value={run.state} /></div>,
        <span className="muted" key={`${run.block} attempts`}>{(run.attempt ?? 1) > 1 ? `${run.attempt} attempts` : ""}</span>,
      ])}
    </div>
  );
}
