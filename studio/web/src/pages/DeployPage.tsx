/** What a deployment would change, and its progress. */
import { useEffect, useState } from "react";

import { ApiError } from "../api/client";
import { listen } from "../api/events";
import { deploy, usePlan, useProject } from "../api/hooks";
import type { Problem } from "../api/messages.gen";
import { Cost, Deployments } from "./Deployments";
import { Problems } from "./PipelinesPage";
import { Rights } from "./Rights";
import { Command, complain, Failed, Loading, Panel } from "../ui/parts";

const MARKS: Record<string, string> = { create: "+", update: "~", replace: "±", delete: "−", keep: "=" };

export default function DeployPage() {
  const [skip, setSkip] = useState(false);
  const plan = usePlan(skip);
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
    deploy(skip).catch((error: unknown) => {
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
        <Command text={`blocklift deploy . --target ${project.data?.target ?? "local"}${skip ? " --skip-refused" : ""}`} />
        <button className="button" onClick={() => void plan.refetch()}>Plan again</button>
        <button className="button primary" disabled={busy || changes.length === 0} onClick={start}>{busy ? "Deploying…" : "Deploy"}</button>
      </div>
      {plan.isPending && <Loading text="Comparing the project with what is live…" />}
      {plan.error && <Failed error={plan.error} />}
      {plan.error instanceof ApiError && plan.error.status === 400 && !skip && <p><button className="button" onClick={() => setSkip(true)}>Leave out the pipelines that cannot be deployed</button></p>}
      {plan.data && <LeftOut refused={plan.data.left_out ?? {}} onAll={() => setSkip(false)} />}
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
          {plan.data.notes?.map((note) => <p className="muted" key={note}>{note}</p>)}
        </Panel>
      )}
      {lines.length > 0 && <Panel title="Progress"><pre className="log" aria-live="polite">{lines.join("\n")}</pre></Panel>}
      <Deployments busy={busy} onStart={() => { setLines([]); setBusy(true); }} />
      <Rights />
      <Cost />
    </div>
  );
}

function LeftOut({ refused, onAll }: { refused: Record<string, Problem[]>; onAll: () => void }) {
  const names = Object.keys(refused);
  if (names.length === 0) return null;
  return (
    <Panel title={`Left out: ${names.join(", ")}`} aside={<button className="button small" onClick={onAll}>Plan all of them</button>}>
      <p className="muted">What is deployed of them stays as it is.</p>
      <Problems problems={[...new Map(Object.values(refused).flat().map((problem) => [JSON.stringify(problem), problem])).values()]} />
    </Panel>
  );
}
