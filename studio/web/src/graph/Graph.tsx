/** A pipeline's blocks as a graph with live states. */
import "@xyflow/react/dist/style.css";

import {
  Background,
  type Connection,
  type Edge,
  Handle,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
  type ReactFlowInstance,
  type ReactFlowState,
  useStore,
} from "@xyflow/react";
import { memo, useMemo, useRef, useState } from "react";

import type { BlockRun } from "../api/messages.gen";
import { count, seconds } from "../ui/format";
import { State } from "../ui/parts";
import { HEIGHT, layout, type Places, WIDTH } from "./layout";
import { Overview } from "./Overview";
import { firstView, Standing } from "./Standing";

export interface GraphBlock {
  id: string;
  name: string;
  kind: string;
  language: string;
  upstream: string[];
}

interface Props {
  blocks: GraphBlock[];
  runs: Map<string, BlockRun>;
  selected: string | null;
  onSelect: (block: string) => void;
  onConnect?: (upstream: string, block: string) => void;
  onDisconnect?: (upstream: string, block: string) => void;
}

type Shown = { block: GraphBlock; run: BlockRun | undefined; selected: boolean };
type BlockNode = Node<Shown, "block">;

const BlockView = memo(function BlockView({ data }: NodeProps<BlockNode>) {
  const { block, run } = data;
  return (
    <div className={`node ${block.kind} ${data.selected ? "selected" : ""}`} title={block.id}>
      <Handle type="target" position={Position.Top} />
      <div className="title">{block.name || block.id}</div>
      <div className="meta">
        <span>{run ? <State value={run.state} /> : `${block.kind.replaceAll("_", " ")} · ${block.language}`}</span>
        <span>{run && factsOf(run)}</span>
      </div>
      <Handle type="source" position={Position.Bottom} />
    </div>
  );
});

/** The two things of a run that fit. */
function factsOf(run: BlockRun): string {
  const rows = run.outputs.reduce((sum, output) => sum + (output.rows ?? 0), 0);
  const attempts = (run.attempt ?? 1) > 1 ? `${run.attempt} attempts` : "";
  const facts = [attempts, run.seconds ? seconds(run.seconds) : "", rows ? `${count(rows)} rows` : ""];
  return facts.filter(Boolean).slice(0, 2).join(" · ");
}

const NODE_TYPES = { block: BlockView };
/** Of more blocks than this, what is far away is drawn as one picture. */
const MANY = 60;
const FAR = 0.4;
/** Told beforehand, so that no node has to be drawn to be measured. */
const SIZE = { width: WIDTH, height: HEIGHT };
const HANDLES = [
  { type: "target" as const, position: Position.Top, x: WIDTH / 2, y: 0, width: 1, height: 1 },
  { type: "source" as const, position: Position.Bottom, x: WIDTH / 2, y: HEIGHT, width: 1, height: 1 },
];
const FLOW_OPTIONS = { hideAttribution: false };

export function Graph(props: Props) {
  const { blocks, runs, selected } = props;
  const shape = JSON.stringify(blocks.map((block) => [block.id, block.upstream]));
  const places = useMemo(() => layout(blocks), [shape]);
  const many = blocks.length > MANY;
  const [near, setNear] = useState(true);
  const flow = useRef<ReactFlowInstance<BlockNode> | null>(null);
  const picked = useRef<string | null>(null);
  const failed = blocks.find((block) => runs.get(block.id)?.state === "failed")?.id;
  const nodes = useNodes(blocks, places, runs, selected);
  const edges = useMemo(
    () => edgesOf(blocks, many ? selected : null),
    [shape, many ? selected : null],
  );
  const connect = ({ source, target }: Connection) => props.onConnect?.(source, target);
  const remove = (gone: Edge[]) =>
    gone.forEach((edge) => props.onDisconnect?.(edge.source, edge.target));
  const select = (id: string) => {
    picked.current = id;
    props.onSelect(id);
  };
  const pick = (event: React.MouseEvent) => {
    const at = flow.current?.screenToFlowPosition({ x: event.clientX, y: event.clientY });
    const hit = at && !near ? blockAt(places, at) : undefined;
    if (hit) select(hit);
  };
  return (
    <ReactFlow
      aria-label="Blocks of the pipeline"
      nodes={many && !near ? NONE : nodes}
      edges={many && !near ? NO_EDGES : edges}
      nodeTypes={NODE_TYPES}
      onInit={(instance) => (flow.current = instance)}
      onKeyDown={(event) => {
        const id = event.key === "Enter" && (event.target as HTMLElement).closest<HTMLElement>(".react-flow__node")?.dataset.id;
        if (id) select(id);
      }}
      onNodeClick={(_, node) => select(node.id)}
      onPaneClick={pick}
      onConnect={connect}
      onEdgesDelete={remove}
      nodesConnectable={props.onConnect !== undefined}
      nodesDraggable={false}
      edgesFocusable={false}
      deleteKeyCode={props.onDisconnect ? DELETE : null}
      onlyRenderVisibleElements
      defaultViewport={firstView(places)}
      minZoom={0.05}
      colorMode="system"
      proOptions={FLOW_OPTIONS}
    >
      {many ? <Distance onChange={setNear} /> : <Background gap={22} />}
      {many && <Overview blocks={blocks} places={places} runs={runs} selected={selected} near={near} />}
      <Standing places={places} chosen={selected} picked={picked} failed={failed} />
    </ReactFlow>
  );
}

const NONE: BlockNode[] = [];
const NO_EDGES: Edge[] = [];
const DELETE = ["Delete", "Backspace"];

/** Tells only when the reader comes near or goes far, not at every step of the way. */
function Distance({ onChange }: { onChange: (near: boolean) => void }) {
  const near = useStore(isNear);
  const told = useRef(true);
  if (told.current !== near) {
    told.current = near;
    queueMicrotask(() => onChange(near));
  }
  return null;
}

const isNear = (state: ReactFlowState) => state.transform[2] >= FAR;

/** Nodes that did not change stay the same objects, so that they are not drawn again. */
function useNodes(
  blocks: GraphBlock[],
  places: Places,
  runs: Map<string, BlockRun>,
  selected: string | null,
): BlockNode[] {
  const last = useRef(new Map<string, BlockNode>());
  return useMemo(() => {
    const made = blocks.map((block) => {
      const data = { block, run: runs.get(block.id), selected: block.id === selected };
      const position = places.get(block.id) ?? { x: 0, y: 0 };
      const old = last.current.get(block.id);
      return old && same(old, data, position) ? old : nodeOf(data, position);
    });
    last.current = new Map(made.map((node) => [node.id, node]));
    return made;
  }, [blocks, places, runs, selected]);
}

const nodeOf = (data: Shown, position: { x: number; y: number }): BlockNode => ({
  id: data.block.id,
  type: "block",
  position,
  data,
  ...SIZE,
  measured: SIZE,
  handles: HANDLES,
});

const same = (old: BlockNode, data: Shown, position: { x: number; y: number }) =>
  old.data.selected === data.selected &&
  old.data.run === data.run &&
  old.data.block.name === data.block.name &&
  old.data.block.kind === data.block.kind &&
  old.position === position;

function blockAt(places: Places, at: { x: number; y: number }): string | undefined {
  for (const [id, { x, y }] of places)
    if (at.x >= x && at.x <= x + WIDTH && at.y >= y && at.y <= y + HEIGHT) return id;
  return undefined;
}

/** All connections, or only those of one block where the rest is drawn as one path. */
function edgesOf(blocks: GraphBlock[], only: string | null): Edge[] {
  const known = new Set(blocks.map((block) => block.id));
  const many = blocks.length > MANY;
  return blocks.flatMap((block) =>
    block.upstream
      .filter((upstream) => known.has(upstream))
      .filter((upstream) => !many || upstream === only || block.id === only)
      .map((upstream) => ({ id: `${upstream}→${block.id}`, source: upstream, target: block.id })),
  );
}
