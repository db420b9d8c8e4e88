import { useState } from "react";
import { Link, useSearch } from "wouter";

import type { RunSummary } from "../api/messages.gen";
import { useProject, useRuns } from "../api/hooks";
import { moment, seconds } from "../ui/format";
import { Command, Failed, Loading, State } from "../ui/parts";

const LIMIT = 200;
const BY_HAND = new Set(["", "manual"]);
const STATES = { "": "Any state", active: "running", queued: "queued", succeeded: "succeeded", failed: "failed", cancelled: "cancelled", skipped: "skipped" };

export function RunsPage() {
  const wanted = new URLSearchParams(useSearch()).get("pipeline") ?? "";
  const [pipeline, setPipeline] = useState(wanted);
  const [state, setState] = useState("");
  const project = useProject();
  const runs = useRuns(pipeline, state);
  const [marked, mark] = useState<RunSummary[]>([]);
  const toggle = (run: RunSummary) =>
    mark(marked.some((item) => item.id === run.id) ? marked.filter((item) => item.id !== run.id) : [...marked.slice(-1), run]);
  const [older, newer] = [...marked].sort((a, b) => a.started - b.started);
  const comparable = older && newer && older.pipeline === newer.pipeline;
  return (
    <div className="page">
      <div className="page-head">
        <h1>Runs</h1>
        <select className="input" aria-label="Pipeline" value={pipeline} onChange={(event) => setPipeline(event.target.value)}>
          <option value="">All pipelines</option>
          {project.data?.pipelines.map((item) => <option key={item.id} value={item.id}>{item.name || item.id}</option>)}
        </select>
        <select className="input" aria-label="State" value={state} onChange={(event) => setState(event.target.value)}>
          {Object.entries(STATES).map(([value, title]) => <option key={value} value={value}>{title}</option>)}
        </select>
        <span className="grow" />
        {comparable
          ? <Link className="button primary" href={`/compare/${older.pipeline}/${older.id}/${newer.id}`}>Compare the two</Link>
          : <span className="muted">{marked.length === 2 ? "Two runs of one pipeline can be compared" : "Tick two runs to compare them"}</span>}
        <Command text={`blocklift runs .${pipeline && ` --pipeline ${pipeline}`}`} />
      </div>
      {runs.error && <Failed error={runs.error} />}
      {runs.isPending ? <Loading /> : (
        <section className="panel">
          <table className="list">
            <thead><tr><th><span className="hidden">Compare</span></th><th>State</th><th>Pipeline</th><th>Run</th><th>Started</th><th className="number">Took</th><th>Started by</th></tr></thead>
            <tbody>
              {runs.data?.map((run) => (
                <tr key={run.pipeline + run.id}>
                  <td><input type="checkbox" aria-label={`Compare ${run.id.slice(0, 8)}`} checked={marked.some((item) => item.id === run.id)} onChange={() => toggle(run)} /></td>
                  <td><State value={run.state} why={run.note} /></td>
                  <td><Link href={`/pipelines/${run.pipeline}`}>{run.pipeline}</Link></td>
                  <td>
                    <Link href={`/runs/${run.pipeline}/${run.id}`}><code>{run.id.slice(0, 8)}</code></Link>
                    {run.error && <div className="bad clamp" title={run.error}>{run.error}</div>}
                    {run.note && <div className="muted clamp">{run.note}</div>}
                  </td>
                  <td>{moment(run.started)}</td>
                  <td className="number">{run.ended ? seconds(run.ended - run.started) : "…"}</td>
                  <td className="muted">{BY_HAND.has(run.trigger) ? "by hand" : run.trigger}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {runs.data?.length === 0 && <div className="empty">{pipeline || state ? "No such run." : "Nothing ran yet. “Run” beside a pipeline starts one; blocks run in the editor are not listed."}</div>}
          {runs.data?.length === LIMIT && <div className="empty">The newest {LIMIT}. Choose a pipeline or a state to see older ones.</div>}
        </section>
      )}
    </div>
  );
}
