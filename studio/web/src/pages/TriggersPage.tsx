/** What starts runs: schedules with their next times, API triggers with a curl to copy. */
import { Link } from "wouter";

import { useProject } from "../api/hooks";
import { moment } from "../ui/format";
import { Command, Failed, Loading } from "../ui/parts";

export default function TriggersPage() {
  const project = useProject();
  if (project.isPending) return <Loading />;
  if (project.error) return <div className="page"><Failed error={project.error} /></div>;
  const triggers = project.data.pipelines.flatMap((pipeline) => pipeline.triggers.map((trigger) => ({ pipeline, trigger })));
  return (
    <div className="page">
      <div className="page-head"><h1>Triggers</h1><span className="grow" /><Command text="blocklift triggers ." /></div>
      <section className="panel">
        <table className="list">
          <thead><tr><th>Trigger</th><th>Pipeline</th><th>Starts</th><th>Next</th></tr></thead>
          <tbody>
            {triggers.map(({ pipeline, trigger }) => (
              <tr key={pipeline.id + trigger.name}>
                <td>{trigger.name} {!trigger.active && <span className="badge">off</span>}</td>
                <td><Link href={`/pipelines/${pipeline.id}`}>{pipeline.name || pipeline.id}</Link></td>
                <td>{trigger.kind === "api" && trigger.curl ? <Command text={trigger.curl} /> : trigger.interval ?? trigger.kind}</td>
                <td className="muted">{trigger.next_times.slice(0, 3).map((time) => <div key={time}>{moment(time)}</div>)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {triggers.length === 0 && <div className="empty">No triggers.yaml names a trigger. Any pipeline can be started by hand or through the Executions API.</div>}
      </section>
    </div>
  );
}
