/** The editor: the graph beside the code of the chosen block, run in place. */
import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { Link, useLocation, useParams, useSearch } from "wouter";

import { usePipeline, usePipelineChanges, useRun } from "../api/hooks";
import type { BlockInfo, BlockRun, PipelineInfo } from "../api/messages.gen";
import { AddBlock } from "../editor/AddBlock";
import { BlockPanel } from "../editor/BlockPanel";
import { drafts, settingsDrafts, settingsKey } from "../editor/drafts";
import { Definition } from "../editor/Definition";
import { Variables } from "../editor/Variables";
import { Graph } from "../graph/Graph";
import { useStarting } from "../run/starting";
import { Command, complain, Failed, Loading, Tabs } from "../ui/parts";
import { toast } from "../ui/toast";
import { Problems } from "./PipelinesPage";

const Charts = lazy(() => import("../charts/Charts"));

/** Blocks run here share one notebook run of this id. */
export const NOTEBOOK = "studio";

export default function PipelinePage() {
  const { pipeline } = useParams<{ pipeline: string }>();
  const info = usePipeline(pipeline);
  if (info.isPending) return <Loading />;
  if (info.error) return <div className="page"><Failed error={info.error} /><p><Link href="/pipelines">All pipelines</Link></p></div>;
  return <Editor key={pipeline} info={info.data} />;
}

/** Kept in the address, so that the palette, a reload and a link lead to the same block. */
function useChosen(): [string | null, (block: string) => void] {
  const [path, go] = useLocation();
  const chosen = new URLSearchParams(useSearch()).get("block");
  const choose = (block: string) => go(`${path}?${new URLSearchParams({ block })}`, { replace: true });
  return [chosen, choose];
}

const VIEWS = [["block", "Block"], ["charts", "Charts"], ["variables", "Variables"], ["workflow", "Workflow"]] as const;

function Editor({ info }: { info: PipelineInfo }) {
  const [chosen, choose] = useChosen();
  const [adding, setAdding] = useState(false);
  const [view, setView] = useState<string>("block");
  useEffect(() => setView("block"), [chosen]);
  const notebook = useRun(info.id, NOTEBOOK);
  const runs = useMemo(() => runsByBlock(notebook.data?.blocks.filter((run) => run.state !== "pending")), [notebook.data]);
  const shown = useMemo(() => shownInGraph(info.blocks), [info.blocks]);
  const changes = usePipelineChanges(info.id);
  const block = info.blocks.find((item) => item.id === chosen) ?? info.blocks[0];
  const upstream = (id: string) => info.blocks.find((item) => item.id === id)?.upstream ?? [];
  const connect = (from: string, to: string) => {
    if (upstream(to).includes(from)) return;
    changes.changeBlock.mutate({ block: to, change: { upstream: [...upstream(to), from], was: { upstream: upstream(to) } } }, { onError: complain });
  };
  const disconnect = (from: string, to: string) =>
    changes.changeBlock.mutate({ block: to, change: { upstream: upstream(to).filter((id) => id !== from), was: { upstream: upstream(to) } } }, { onError: complain });
  const starting = useStarting(info.id);
  const code = drafts.useKeys();
  const settings = settingsDrafts.useKeys();
  const unsaved = info.blocks.filter((item) => (item.path && code.includes(item.path)) || settings.includes(settingsKey(info.id, item.id)));
  const start = () => {
    if (unsaved.length > 0) toast(`It runs what is saved; not saved: ${unsaved.map((item) => item.name || item.id).join(", ")}`);
    starting.start();
  };
  return (
    <div className="editor">
      <header>
        <h1 title={info.name || info.id}>{info.name || info.id}</h1>
        <span className="muted" title={info.description}>{info.description}</span>
        <span style={{ flex: 1 }} />
        {unsaved.length > 0 && <button className="badge unsaved" onClick={() => { choose(unsaved[0]!.id); setView("block"); }} title={unsaved.map((item) => item.name || item.id).join(", ")}>{unsaved.length === 1 ? "1 block" : `${unsaved.length} blocks`} not saved</button>}
        <Command text={`blocklift run . ${info.id}`} />
        <Link className="button" href={`/runs?pipeline=${info.id}`}>Runs</Link>
        <Link className="button" href={`/backfill/${info.id}`}>Backfill</Link>
        <button className="button" onClick={() => setAdding(true)}>Add block</button>
        <button className="button primary" disabled={starting.busy} onClick={start}>{starting.busy ? "Starting…" : "Run pipeline"}</button>
      </header>
      <div className="canvas">
        <Graph blocks={shown} runs={runs} selected={block?.id ?? null} onSelect={(id) => { choose(id); setView("block"); }} onConnect={connect} onDisconnect={disconnect} />
      </div>
      <div className="side">
        <Tabs label="What is shown" tabs={VIEWS} chosen={view} onChoose={setView} />
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

/** Conditionals stand before the blocks that they decide on, callbacks after them. */
export function shownInGraph(blocks: BlockInfo[]): BlockInfo[] {
  const conditionals = blocks.filter((block) => block.kind === "conditional");
  const before = (id: string) => conditionals.filter((item) => item.attached_to.includes(id)).map((item) => item.id);
  return blocks.map((block) => ({
    ...block,
    upstream: [...block.upstream, ...before(block.id), ...(block.kind === "conditional" ? [] : block.attached_to)],
  }));
}
