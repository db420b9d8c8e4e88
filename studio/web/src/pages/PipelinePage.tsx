/** The editor: the graph beside the code of the chosen block, run in place. */
import { lazy, Suspense, useMemo, useState } from "react";
import { Link, useParams, useSearch } from "wouter";

import { usePipeline, usePipelineChanges, useRun } from "../api/hooks";
import type { BlockInfo, BlockRun, PipelineInfo } from "../api/messages.gen";
import { AddBlock } from "../editor/AddBlock";
import { BlockPanel } from "../editor/BlockPanel";
import { Definition } from "../editor/Definition";
import { Variables } from "../editor/Variables";
import { Graph } from "../graph/Graph";
import { useStarting } from "../run/starting";
import { Command, complain, Failed, Loading } from "../ui/parts";
import { Problems } from "./PipelinesPage";

const Charts = lazy(() => import("../charts/Charts"));

/** Blocks run here share one notebook run of this id. */
export const NOTEBOOK = "studio";

export default function PipelinePage() {
  const { pipeline } = useParams<{ pipeline: string }>();
  const info = usePipeline(pipeline);
  if (info.isPending) return <Loading />;
  if (info.error) return <div className="page"><Failed error={info.error} /></div>;
  return <Editor key={pipeline} info={info.data} />;
}

function Editor({ info }: { info: PipelineInfo }) {
  const wanted = new URLSearchParams(useSearch()).get("block");
  const [chosen, choose] = useState<string | null>(wanted);
  const [adding, setAdding] = useState(false);
  const [view, setView] = useState("block");
  const notebook = useRun(info.id, NOTEBOOK);
  const runs = useMemo(() => runsByBlock(notebook.data?.blocks), [notebook.data]);
  const changes = usePipelineChanges(info.id);
  const block = info.blocks.find((item) => item.id === chosen) ?? info.blocks[0];
  const upstream = (id: string) => info.blocks.find((item) => item.id === id)?.upstream ?? [];
  const connect = (from: string, to: string) => {
    if (upstream(to).includes(from)) return;
    changes.changeBlock.mutate({ block: to, change: { upstream: [...upstream(to), from] } }, { onError: complain });
  };
  const disconnect = (from: string, to: string) =>
    changes.changeBlock.mutate({ block: to, change: { upstream: upstream(to).filter((id) => id !== from) } }, { onError: complain });
  const starting = useStarting(info.id);
  return (
    <div className="editor">
      <header>
        <h1>{info.name || info.id}</h1>
        <span className="muted" title={info.description}>{info.description}</span>
        <span style={{ flex: 1 }} />
        <Command text={`blocklift run . ${info.id}`} />
        <Link className="button" href={`/runs?pipeline=${info.id}`}>Runs</Link>
        <Link className="button" href={`/backfill/${info.id}`}>Backfill</Link>
        <button className="button" onClick={() => setAdding(true)}>Add block</button>
        <button className="button primary" disabled={starting.busy} onClick={starting.start}>{starting.busy ? "Starting…" : "Run pipeline"}</button>
      </header>
      <div className="canvas">
        <Graph blocks={shownInGraph(info.blocks)} runs={runs} selected={block?.id ?? null} onSelect={(id) => { choose(id); setView("block"); }} onConnect={connect} onDisconnect={disconnect} />
      </div>
      <div className="side">
        <div className="tabs" role="tablist">
          {["block", "charts", "variables", "workflow"].map((name) => (
            <button key={name} role="tab" aria-selected={view === name} onClick={() => setView(name)}>{name[0]!.toUpperCase() + name.slice(1)}</button>
          ))}
        </div>
        {info.problems.length > 0 && <Problems problems={info.problems} />}
        {view === "variables" && <Variables info={info} />}
        {view === "charts" && <Suspense fallback={<Loading />}><Charts info={info} block={block?.id} runs={runs} /></Suspense>}
        {view === "workflow" && <Definition pipeline={info.id} />}
        {view === "block" && (block
          ? <BlockPanel key={block.id} pipeline={info} block={block} run={runs.get(block.id)} onRenamed={choose} />
          : <div className="empty">This pipeline has no blocks yet. “Add block” starts it.</div>)}
      </div>
      {adding && <AddBlock pipeline={info} after={block?.id} onAdded={choose} onClose={() => setAdding(false)} />}
    </div>
  );
}

export function runsByBlock(runs: BlockRun[] | undefined): Map<string, BlockRun> {
  return new Map((runs ?? []).map((run) => [run.block, run]));
}

/** Callbacks and conditionals hang on the blocks they are attached to. */
const shownInGraph = (blocks: BlockInfo[]) =>
  blocks.map((block) => ({ ...block, upstream: [...block.upstream, ...block.attached_to] }));
