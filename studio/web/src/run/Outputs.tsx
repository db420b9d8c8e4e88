/** What a block gave in a run: tables, values, pictures, its profile, tests and failure. */
import { useQuery } from "@tanstack/react-query";
import { useCallback, useState } from "react";

import { readPage, useLogs, useProfile } from "../api/hooks";
import type { BlockRun, ColumnProfile, Json, LogLine, OutputInfo } from "../api/messages.gen";
import { bytes, cell, clock, count, seconds } from "../ui/format";
import { Failed, Loading, State, Tabs } from "../ui/parts";
import { TableGrid } from "./TableGrid";

interface Props {
  pipeline: string;
  run: string;
  block: BlockRun;
  live: boolean;
  /** What its upstream blocks left in the same run, in the order of the arguments. */
  inputs?: BlockRun[];
}

export function Outputs(props: Props) {
  const [tab, setTab] = useState<string>("output");
  const { block } = props;
  const passed = block.tests.filter((test) => test.passed).length;
  const tabs = [
    ["output", "Output"],
    ...(props.inputs ? [["inputs", "Inputs"] as const] : []),
    ["profile", "Profile"],
    ["tests", block.tests.length > 0 ? `Tests (${passed}/${block.tests.length})` : "Tests"],
    ["logs", "Logs"],
  ] as const;
  return (
    <div className="outputs">
      <div className="row">
        <State value={block.state} />
        {block.seconds !== null && <span className="muted">{seconds(block.seconds)}</span>}
        {block.peak_bytes ? <span className="muted">{bytes(block.peak_bytes)} memory</span> : null}
        {(block.attempt ?? 1) > 1 && <span className="badge">{block.state === "failed" ? `failed ${block.attempt} times` : `${block.attempt} attempts`}</span>}
      </div>
      {block.failure && <FailureView failure={block.failure} />}
      <Tabs label={`What ${block.block} gave`} tabs={tabs} chosen={tab} onChoose={setTab} />
      <div style={{ paddingTop: 12 }} role="tabpanel">
        {tab === "output" && <OutputList {...props} />}
        {tab === "inputs" && <Inputs {...props} />}
        {tab === "profile" && <ProfileList {...props} />}
        {tab === "tests" && <Tests block={block} />}
        {tab === "logs" && <Logs {...props} />}
      </div>
    </div>
  );
}

function FailureView({ failure }: { failure: NonNullable<BlockRun["failure"]> }) {
  return (
    <div className="problem" role="alert">
      <b>{failure.type}: {failure.message}</b>
      {failure.file && <div><code>{failure.file}:{failure.line}</code></div>}
      {failure.traceback.length > 0 && <pre>{failure.traceback.join("\n")}</pre>}
    </div>
  );
}

const NOTHING: Partial<Record<BlockRun["state"], string>> = {
  done: "This block returned nothing.",
  failed: "This block failed and left no output.",
  skipped: "Skipped: its condition, or that of a block above it, was not met.",
  upstream_failed: "It did not run, since a block above it failed.",
  not_run: "The run ended before this block began.",
};

function OutputList(props: Props) {
  if (props.block.outputs.length === 0)
    return <p className="muted">{NOTHING[props.block.state] ?? "No output yet."}</p>;
  return props.block.outputs.map((output) => <Output key={output.number} {...props} output={output} />);
}

function Inputs({ inputs = [], ...props }: Props) {
  if (inputs.length === 0) return <p className="muted">This block starts the pipeline: nothing comes in.</p>;
  return inputs.map((block, index) => (
    <div key={block.block}>
      <h3>{index + 1}. {block.block}</h3>
      <OutputList {...props} block={block} />
    </div>
  ));
}

const stampOf = (block: BlockRun) => `${block.started}-${block.attempt}`;

function Output({ pipeline, run, block, output }: Props & { output: OutputInfo }) {
  const read = useCallback(
    (offset: number, limit: number) => readPage(pipeline, run, block.block, output.number, offset, limit),
    [pipeline, run, block.block, output.number, block.started],
  );
  const stamp = stampOf(block);
  const first = useQuery({
    queryKey: ["page", pipeline, run, block.block, output.number, stamp],
    queryFn: () => read(0, 1),
    enabled: output.rows !== null,
  });
  if (output.rows === null) return <Value value={output.preview} />;
  if (first.isPending) return <Loading />;
  if (first.error) return <Failed error={first.error} />;
  const columns = first.data.columns;
  return (
    <>
      <p className="muted">{count(output.rows)} rows × {columns.length} columns, {bytes(output.bytes)} as {output.format}</p>
      <TableGrid columns={columns} total={output.rows} stamp={stamp} read={read} />
    </>
  );
}

export function Value({ value }: { value: Json }) {
  if (typeof value === "string" && value.startsWith("data:image/")) return <img src={value} alt="Output of the block" style={{ maxWidth: "100%" }} />;
  return <pre className="log">{typeof value === "string" ? value : JSON.stringify(value, null, 2)}</pre>;
}

function ProfileList({ pipeline, run, block }: Props) {
  const table = block.outputs.find((output) => output.rows !== null);
  if (!table) return <p className="muted">A profile is made of tables; this block has none.</p>;
  return <Profile pipeline={pipeline} run={run} block={block} number={table.number} />;
}

function Profile(props: { pipeline: string; run: string; block: BlockRun; number: number }) {
  const profile = useProfile(props.pipeline, props.run, props.block.block, props.number, stampOf(props.block));
  if (profile.isPending) return <Loading />;
  if (profile.error) return <Failed error={profile.error} />;
  return <div className="cards">{profile.data.map((column) => <ColumnCard key={column.name} column={column} />)}</div>;
}

function ColumnCard({ column }: { column: ColumnProfile }) {
  const top = Math.max(...column.histogram, 1);
  return (
    <div className="panel" style={{ padding: 12 }}>
      <b>{column.name}</b> <span className="muted">{column.type}</span>
      <div className="spark" aria-hidden="true">
        {column.histogram.map((value, index) => <span key={index} style={{ height: `${(100 * value) / top}%` }} title={`${cell(column.edges[index])}: ${count(value)}`} />)}
      </div>
      <div className="muted">{cell(column.min)} … {cell(column.max)}</div>
      <div className="muted">{count(column.distinct)} distinct, {count(column.nulls)} null{column.mean !== null && `, mean ${column.mean.toPrecision(4)}`}</div>
    </div>
  );
}

function Tests({ block }: { block: BlockRun }) {
  if (block.tests.length === 0) return <p className="muted">No @test function ran.</p>;
  return (
    <table className="list">
      <tbody>
        {block.tests.map((test) => (
          <tr key={test.name}>
            <td><State value={test.passed ? "done" : "failed"} /></td>
            <td><code>{test.name}</code></td>
            <td>{test.message}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Logs({ pipeline, run, block, live }: Props) {
  const logs = useLogs(pipeline, run, block.block, live);
  if (logs.isPending) return <Loading />;
  if (logs.error) return <Failed error={logs.error} />;
  return <LogView lines={logs.data} />;
}

export function LogView({ lines }: { lines: LogLine[] }) {
  if (lines.length === 0) return <p className="muted">Nothing was logged.</p>;
  return (
    <div className="log" tabIndex={0} aria-label="Log">
      {lines.map((line, index) => (
        <div className={`line ${line.severity}`} key={index}>
          <span className="muted">{clock(line.time)}</span>
          <span>{line.severity}</span>
          <pre>{line.message}</pre>
        </div>
      ))}
    </div>
  );
}
