import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Link, useLocation } from "wouter";

import { createPipeline, deletePipeline, useActivity, usePipelineSoon, useProject } from "../api/hooks";
import type { PipelineSummary, Problem, RunSummary } from "../api/messages.gen";
import { useStarting } from "../run/starting";
import { ago, seconds } from "../ui/format";
import { useOnce } from "../ui/once";
import { Command, complain, Failed, Loading, Modal, Panel, State } from "../ui/parts";
import { toast } from "../ui/toast";

export function PipelinesPage() {
  const project = useProject();
  const activity = useActivity();
  const [filter, setFilter] = useState("");
  const [creating, setCreating] = useState<string | null>(null);
  if (project.isPending) return <Loading />;
  if (project.error) return <div className="page"><Failed error={project.error} /></div>;
  const shown = project.data.pipelines.filter((pipeline) =>
    `${pipeline.id} ${pipeline.name} ${pipeline.tags.join(" ")}`.toLowerCase().includes(filter.toLowerCase()),
  );
  return (
    <div className="page">
      <div className="page-head">
        <h1>Pipelines</h1>
        <input className="input" placeholder="Filter" aria-label="Filter pipelines" value={filter} onChange={(event) => setFilter(event.target.value)} />
        <span className="grow" />
        <Command text="blocklift check ." />
        <button className="button primary" onClick={() => setCreating("")}>New pipeline</button>
      </div>
      {project.data.problems.length > 0 && <Problems problems={project.data.problems} />}
      {activity.data?.error && <Failed error={new Error(activity.data.error)} />}
      <section className="panel">
        <table className="list">
          <thead>
            <tr><th>Pipeline</th><th className="number">Blocks</th><th>Schedule</th><th>Last runs</th><th>State</th><th><span className="hidden">Actions</span></th></tr>
          </thead>
          <tbody>
            {shown.map((pipeline) => (
              <Row key={pipeline.id} pipeline={pipeline} runs={activity.data?.last_runs[pipeline.id]} onCopy={() => setCreating(pipeline.id)} />
            ))}
          </tbody>
        </table>
        {shown.length === 0 && <div className="empty">{filter ? `No pipeline is called “${filter}”.` : "No pipeline here yet. “New pipeline” makes one."}</div>}
      </section>
      {creating !== null && <Create copyOf={creating} onClose={() => setCreating(null)} />}
    </div>
  );
}

function Row({ pipeline, runs, onCopy }: { pipeline: PipelineSummary; runs: RunSummary[] | undefined; onCopy: () => void }) {
  const client = useQueryClient();
  const soon = usePipelineSoon(pipeline.id);
  const last = runs?.[0];
  const schedule = pipeline.triggers.find((trigger) => trigger.kind === "time");
  const starting = useStarting(pipeline.id);
  const remove = () => {
    if (!confirm(`Move pipeline “${pipeline.id}” to .blocklift/trash? Its blocks' files stay.`)) return;
    deletePipeline(pipeline.id)
      .then(() => client.invalidateQueries({ queryKey: ["project"] }))
      .then(() => toast(`Moved ${pipeline.id} to .blocklift/trash`), complain);
  };
  return (
    <tr>
      <td>
        <Link href={`/pipelines/${pipeline.id}`} onPointerEnter={soon} onFocus={soon}>{pipeline.name || pipeline.id}</Link>
        {pipeline.problems > 0 && <span className="badge bad"> {pipeline.problems} problems</span>}
        <div className="muted clamp" title={pipeline.description}>{pipeline.description}</div>
      </td>
      <td className="number">{pipeline.blocks}</td>
      <td className="muted">{schedule ? <><code>{schedule.interval}</code>{schedule.active ? "" : " (paused)"}</> : "—"}</td>
      <td>
        <span className="ticks">
          {[...(runs ?? [])].reverse().map((item) => (
            <Link key={item.id} className={item.state} href={`/runs/${pipeline.id}/${item.id}`} title={`${item.state}, ${ago(item.started)}`} aria-label={`Run ${item.state} ${ago(item.started)}`} />
          ))}
        </span>
      </td>
      <td>{last ? <><State value={last.state} why={last.note} /><div className="muted small">{last.ended ? `${seconds(last.ended - last.started)}, ` : ""}{ago(last.started)}</div></> : <span className="muted">{runs ? "never ran" : "…"}</span>}</td>
      <td className="actions">
        <button className="button small" disabled={starting.busy} onClick={starting.start} aria-label={`Run ${pipeline.id}`}>{starting.busy ? "Starting…" : "Run"}</button>
        <button className="button small quiet" onClick={onCopy} aria-label={`Duplicate ${pipeline.id}`}>Duplicate</button>
        <button className="button small quiet danger" onClick={remove} aria-label={`Delete ${pipeline.id}`}>Delete</button>
      </td>
    </tr>
  );
}

export function Problems({ problems }: { problems: Problem[] }) {
  return (
    <Panel title={`${problems.length} ${problems.length === 1 ? "problem" : "problems"}`}>
      {problems.map((problem, index) => (
        <div className="problem" key={index}>
          <div><code>{problem.path}{problem.line ? `:${problem.line}` : ""}</code> {problem.message}</div>
          {problem.hint && <div className="muted">{problem.hint}</div>}
        </div>
      ))}
    </Panel>
  );
}

function Create({ copyOf, onClose }: { copyOf: string; onClose: () => void }) {
  const [name, setName] = useState(copyOf ? `${copyOf}_copy` : "");
  const [, go] = useLocation();
  const client = useQueryClient();
  const [busy, once] = useOnce();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    once(async () => {
      const made = await createPipeline(name, copyOf || undefined);
      void client.invalidateQueries({ queryKey: ["project"] });
      onClose();
      go(`/pipelines/${made.id}`);
    });
  };
  return (
    <Modal title="New pipeline" onClose={onClose}>
      <form onSubmit={submit}>
        <h1>{copyOf ? `Duplicate ${copyOf}` : "New pipeline"}</h1>
        <label className="field">Name<input className="input" autoFocus required value={name} onChange={(event) => setName(event.target.value)} /></label>
        <footer>
          <button type="button" className="button" onClick={onClose}>Cancel</button>
          <button className="button primary" disabled={busy}>{busy ? "Creating…" : "Create"}</button>
        </footer>
      </form>
    </Modal>
  );
}
