/** What a deployment would change, and its progress. */
import { useEffect, useState } from "react";

import { listen } from "../api/events";
import { deploy, usePlan, useProject } from "../api/hooks";
import { Cost, Deployments } from "./Deployments";
import { Command, complain, Failed, Loading, Panel } from "../ui/parts";

const MARKS: Record<string, string> = { create: "+", update: "~", replace: "±", delete: "−", keep: "=" };

export default function DeployPage() {
  const plan = usePlan();
  const project = useProject();
  const [lines, setLines] = useState<string[]>([]);
  const [busy, setBusy] = useState(false);
  useEffect(() => listen((event) => {
    if (event.type !== "deploy") return;
    const data = event.data ?? {};
    if (data.text) setLines((old) => [...old, String(data.text)]);
    if (data.done) setBusy(false);
  }), []);
  const start = () => {
    setLines([]);
    setBusy(true);
    deploy().catch((error: unknown) => {
      setBusy(false);
      complain(error);
    });
  };
  const changes = plan.data?.changes.filter((change) => change.action !== "keep") ?? [];
  return (
    <div className="page">
      <div className="page-head">
        <h1>Deploy to {project.data?.target}</h1>
        <span className="grow" />
        <Command text={`blocklift plan . --target ${project.data?.target ?? "local"}`} />
        <button className="button" onClick={() => void plan.refetch()}>Plan again</button>
        <button className="button primary" disabled={busy || changes.length === 0} onClick={start}>{busy ? "Deploying…" : "Deploy"}</button>
      </div>
      {plan.isPending && <Loading />}
      {plan.error && <Failed error={plan.error} />}
      {plan.data && (
        <Panel title={changes.length === 0 ? "Nothing to change" : `${changes.length} changes`} aside={<span className="muted">{plan.data.counts.keep ?? 0} stay as they are</span>}>
          {changes.length === 0 ? <p className="muted">The target holds what the project says.</p> : (
            <table className="list">
              <tbody>
                {changes.map((change) => (
                  <tr key={change.key}>
                    <td><b className={change.action === "delete" ? "bad" : change.action === "create" ? "good" : ""}>{MARKS[change.action] ?? "?"}</b> {change.action}</td>
                    <td><code>{change.key}</code></td>
                    <td>{change.reason}{change.fields.map((field) => <div className="muted" key={field}>{field}</div>)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </Panel>
      )}
      {lines.length > 0 && <Panel title="Progress"><pre className="log" aria-live="polite">{lines.join("\n")}</pre></Panel>}
      <Deployments busy={busy} onStart={() => { setLines([]); setBusy(true); }} />
      <Cost />
    </div>
  );
}
