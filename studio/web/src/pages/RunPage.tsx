/** One run: its graph with live states, when each block ran, and what each gave. */
import { useMemo, useState } from "react";
import { Link, useParams } from "wouter";

import { cancelRun, usePipeline, useRun } from "../api/hooks";
import type { BlockRun } from "../api/messages.gen";
import { Graph, type GraphBlock } from "../graph/Graph";
import { Gantt } from "../run/Gantt";
import { Outputs } from "../run/Outputs";
import { useStarting } from "../run/starting";
import { Steps } from "../run/Steps";
import { moment, seconds } from "../ui/format";
import { useOnce } from "../ui/once";
import { Command, Failed, Loading, Panel, State } from "../ui/parts";
import { runsByBlock, shownInGraph } from "./PipelinePage";

export default function RunPage() {
  const { pipeline, run: id } = useParams<{ pipeline: string; run: string }>();
  const run = useRun(pipeline, id);
  const info = usePipeline(pipeline);
  const [chosen, choose] = useState<string | null>(null);
  const starting = useStarting(pipeline);
  const [cancelling, cancelOnce] = useOnce();
  const runs = useMemo(() => runsByBlock(run.data?.blocks), [run.data]);
  const blocks = useMemo(() => graphOf(info.data && shownInGraph(info.data.blocks), run.data?.blocks), [info.data, run.data]);
  const upstream = useMemo(() => new Map(blocks.map((block) => [block.id, block.upstream])), [blocks]);
  if (run.isPending) return <Loading />;
  if (run.error) return <div className="page"><Failed error={run.error} /></div>;
  const data = run.data;
  const live = data.state === "active" || data.state === "queued";
  const block = runs.get(chosen ?? firstOf(data.blocks) ?? "");
  return (
    <div className="page" style={{ maxWidth: 1500 }}>
      <div className="page-head">
        <h1><Link href={`/pipelines/${pipeline}`}>{pipeline}</Link> <code>{id.slice(0, 8)}</code></h1>
        <State value={data.state} why={data.note} />
        <span className="muted">{moment(data.started)} {data.ended ? `· ${seconds(data.ended - data.started)}` : ""}</span>
        <span className="grow" />
        <Command text={`blocklift ${data.state === "failed" ? "retry" : "logs"} . ${id}`} />
        {live && <button className="button danger" disabled={cancelling} onClick={() => cancelOnce(() => cancelRun(pipeline, id))}>{cancelling ? "Cancelling…" : "Cancel"}</button>}
        {data.state === "failed" && <button className="button primary" disabled={starting.busy} onClick={() => starting.retry(id)}>{starting.busy ? "Starting…" : "Retry failed blocks"}</button>}
      </div>
      {data.note && <p className="muted">Skipped: {data.note}.</p>}
      {data.error && <div className="problem" role="alert"><pre>{data.error}</pre></div>}
      <div className="split">
        <Panel title="Blocks">
          <div style={{ height: 420 }}>
            <Graph blocks={blocks} runs={runs} selected={block?.block ?? null} onSelect={choose} />
          </div>
        </Panel>
        <Panel title="When each block ran" aside={<span className="muted">ringed: what the run waited for</span>}>
          <Gantt runs={data.blocks} upstream={upstream} started={data.started} ended={data.ended} onSelect={choose} />
        </Panel>
      </div>
      {block && <Panel title={block.block}><Outputs key={block.block} pipeline={pipeline} run={id} block={block} live={live} inputs={(upstream.get(block.block) ?? []).flatMap((name) => runs.get(name) ?? [])} /></Panel>}
      <Steps pipeline={pipeline} run={id} current={data.current_steps} live={live} />
      {Object.keys(data.variables).length > 0 && <Panel title="Variables"><pre>{JSON.stringify(data.variables, null, 2)}</pre></Panel>}
    </div>
  );
}

const firstOf = (runs: BlockRun[]) => (runs.find((run) => run.state === "failed") ?? runs[0])?.block;

/** Blocks of the pipeline as it is now, and those that only the run knows. */
function graphOf(blocks: GraphBlock[] | undefined, runs: BlockRun[] | undefined): GraphBlock[] {
  const known = new Set(blocks?.map((block) => block.id));
  const gone = (runs ?? []).filter((run) => !known.has(run.block));
  return [
    ...(blocks ?? []),
    ...gone.map((run) => ({ id: run.block, name: run.block, kind: "custom", language: "", upstream: [] })),
  ];
}
