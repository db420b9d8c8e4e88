/** The compiled workflow with the steps that are running marked, and the steps already taken. */
import { useEffect, useRef, useState } from "react";

import { useDefinition, useSteps } from "../api/hooks";
import { clock, seconds } from "../ui/format";
import { Failed, Loading, Panel } from "../ui/parts";

interface Props {
  pipeline: string;
  run: string;
  current: string[];
  live: boolean;
}

export function Steps(props: Props) {
  const [view, setView] = useState("");
  const tab = (name: string, title: string) => (
    <button className="button small" aria-expanded={view === name} onClick={() => setView(view === name ? "" : name)}>{title}</button>
  );
  return (
    <Panel title="Workflow" aside={<>
      {props.current.length > 0 && props.live && <span className="muted">now in: {props.current.join(", ")}</span>}
      {tab("steps", "Steps taken")}{tab("definition", "Definition")}
    </>}>
      {view === "" && <p className="muted">What Workflows did, step by step, and the definition that it followed.</p>}
      {view === "steps" && <Taken {...props} />}
      {view === "definition" && <Marked {...props} />}
    </Panel>
  );
}

function Taken({ pipeline, run, live }: Props) {
  const steps = useSteps(pipeline, run, live);
  if (steps.isPending) return <Loading />;
  if (steps.error) return <Failed error={steps.error} />;
  return (
    <div style={{ maxHeight: 380, overflow: "auto" }}>
      <table className="list">
        <thead><tr><th>Began</th><th>Routine</th><th>Step</th><th>Kind</th><th>State</th><th className="number">Took</th><th /></tr></thead>
        <tbody>
          {steps.data.map((step, index) => (
            <tr key={index}>
              <td className="muted">{clock(step.started)}</td><td>{step.routine}</td><td><code>{step.step}</code></td><td className="muted">{step.kind}</td>
              <td className={step.state === "failed" ? "bad" : ""}>{step.state}</td>
              <td className="number">{step.ended ? seconds(step.ended - step.started) : "…"}</td><td className="muted">{step.note}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Marked({ pipeline, current, live }: Props) {
  const definition = useDefinition(pipeline);
  const first = useRef<HTMLDivElement>(null);
  const now = live ? current.join(" ") : "";
  useEffect(() => first.current?.scrollIntoView({ block: "nearest" }), [now, definition.data]);
  if (definition.isPending) return <Loading />;
  if (definition.error) return <Failed error={definition.error} />;
  const lines = definition.data.text.split("\n");
  const running = (line: string) => live && current.some((step) => line.trim() === `- ${step}:`);
  const place = lines.findIndex(running);
  return (
    <pre className="log" tabIndex={0} aria-label="Workflows definition">
      {lines.map((line, index) => (
        <div key={index} ref={index === place ? first : undefined} className={running(line) ? "now" : ""}>{line || " "}</div>
      ))}
    </pre>
  );
}
