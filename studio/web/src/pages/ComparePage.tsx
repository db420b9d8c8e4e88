/** Two runs of one pipeline side by side: what took longer, gave other rows, or changed its shape. */
import { Link, useParams } from "wouter";

import { useComparison } from "../api/hooks";
import type { BlockRun, Comparison, RunInfo, SchemaChange } from "../api/messages.gen";
import { bytes, count, moment, seconds } from "../ui/format";
import { Command, Failed, Loading, Panel, State } from "../ui/parts";

export default function ComparePage() {
  const { pipeline, before, after } = useParams<{ pipeline: string; before: string; after: string }>();
  const found = useComparison(pipeline, before, after);
  if (found.isPending) return <Loading />;
  if (found.error) return <div className="page"><Failed error={found.error} /></div>;
  return (
    <div className="page">
      <div className="page-head">
        <h1>Two runs of <Link href={`/pipelines/${pipeline}`}>{pipeline}</Link></h1>
        <span className="grow" />
        <Command text={`blocklift runs . --pipeline ${pipeline}`} />
      </div>
      <div className="split">
        <Run title="Before" run={found.data.before} />
        <Run title="After" run={found.data.after} />
      </div>
      <Blocks comparison={found.data} />
      <Schemas comparison={found.data} />
      <Variables before={found.data.before} after={found.data.after} />
    </div>
  );
}

function Run({ title, run }: { title: string; run: RunInfo }) {
  return (
    <Panel title={title} aside={<State value={run.state} />}>
      <Link href={`/runs/${run.pipeline}/${run.id}`}><code>{run.id.slice(0, 8)}</code></Link> {moment(run.started)}
      {run.ended && <>, took {seconds(run.ended - run.started)}</>}
      {run.error && <div className="bad">{run.error.slice(0, 300)}</div>}
    </Panel>
  );
}

const rowsOf = (run?: BlockRun) => run?.outputs.reduce<number | null>((sum, output) => (output.rows === null ? sum : (sum ?? 0) + output.rows), null) ?? null;
const bytesOf = (run?: BlockRun) => run?.outputs.reduce((sum, output) => sum + output.bytes, 0) ?? 0;

function Blocks({ comparison: { before, after } }: { comparison: Comparison }) {
  const earlier = new Map(before.blocks.map((run) => [run.block, run]));
  const gone = before.blocks.filter((run) => !after.blocks.some((item) => item.block === run.block));
  const pairs = [...after.blocks.map((run) => [earlier.get(run.block), run] as const), ...gone.map((run) => [run, undefined] as const)];
  const most = Math.max(...pairs.flatMap(([was, now]) => [was?.seconds ?? 0, now?.seconds ?? 0]), 0.001);
  return (
    <Panel title="Blocks">
      <table className="list">
        <thead><tr><th>Block</th><th>State</th><th>Seconds</th><th className="number">Change</th><th className="number">Rows</th><th className="number">Stored</th></tr></thead>
        <tbody>
          {pairs.map(([was, now]) => (
            <tr key={(now ?? was)!.block}>
              <td>{(now ?? was)!.block}</td>
              <td>{was?.state === now?.state ? <State value={now!.state} /> : <><State value={was?.state ?? "absent"} /> → <State value={now?.state ?? "absent"} /></>}</td>
              <td style={{ minWidth: 160 }}><Bar value={was?.seconds} most={most} old /><Bar value={now?.seconds} most={most} /></td>
              <td className="number">{change(was?.seconds, now?.seconds)}</td>
              <td className="number"><Changed was={count(rowsOf(was))} now={count(rowsOf(now))} /></td>
              <td className="number"><Changed was={bytes(bytesOf(was) || null)} now={bytes(bytesOf(now) || null)} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function Bar({ value, most, old }: { value: number | null | undefined; most: number; old?: boolean }) {
  return (
    <div className="versus">
      {value ? <i className={old ? "old" : ""} style={{ width: `${(75 * value) / most}%` }} /> : null} <span className="muted">{value ? seconds(value) : "—"}</span>
    </div>
  );
}

function change(was: number | null | undefined, now: number | null | undefined): string {
  if (!was || !now) return "";
  const times = now / was;
  return times >= 1 ? `+${((times - 1) * 100).toFixed(0)} %` : `−${((1 - times) * 100).toFixed(0)} %`;
}

function Changed({ was, now }: { was: string; now: string }) {
  return was === now ? <span className="muted">{now || "—"}</span> : <b>{was || "none"} → {now || "none"}</b>;
}

function Schemas({ comparison }: { comparison: Comparison }) {
  return (
    <Panel title="Columns of the outputs">
      {comparison.schemas.length === 0 && <p className="muted">The same columns in both runs.</p>}
      {comparison.schemas.map((schema) => <Schema key={schema.block + schema.output} schema={schema} />)}
      {comparison.unread.length > 0 && <p className="muted">Not compared, too large or gone: {comparison.unread.join(", ")}</p>}
    </Panel>
  );
}

function Schema({ schema }: { schema: SchemaChange }) {
  return (
    <div>
      <b>{schema.block}</b> <span className="muted">output {schema.output}</span>
      {schema.added.map((column) => <div className="good" key={column.name}>+ {column.name} <code>{column.type}</code></div>)}
      {schema.removed.map((column) => <div className="bad" key={column.name}>− {column.name} <code>{column.type}</code></div>)}
      {schema.retyped.map(([name, was, now]) => <div key={name}>~ {name} <code>{was}</code> → <code>{now}</code></div>)}
    </div>
  );
}

function Variables({ before, after }: { before: RunInfo; after: RunInfo }) {
  const names = [...new Set([...Object.keys(before.variables), ...Object.keys(after.variables)])].sort();
  if (names.length === 0) return null;
  const text = (run: RunInfo, name: string) => JSON.stringify(run.variables[name]) ?? "";
  return (
    <Panel title="Variables">
      <table className="list"><tbody>
        {names.map((name) => <tr key={name}><td><code>{name}</code></td><td><Changed was={text(before, name)} now={text(after, name)} /></td></tr>)}
      </tbody></table>
    </Panel>
  );
}
