/** A pipeline's blocks as a graph with live states. */
import "@xyflow/react/dist/style.css";

import {
  Background,
  type Connection,
  Controls,
  type Edge,
  Handle,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
  ReactFlowProvider,
} from "@xyflow/react";
import { memo, useMemo } from "react";

import type { BlockRun } from "../api/messages.gen";
import { count, seconds } from "../ui/format";
import { State } from "../ui/parts";
import { layout } from "./layout";

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
  const rows = run?.outputs.reduce((sum, output) => sum + (output.rows ?? 0), 0);
  return (
    <div className={`node ${block.kind} ${data.selected ? "selected" : ""}`} title={block.id}>
      <Handle type="target" position={Position.Top} />
      <div className="title">{block.name || block.id}</div>
      <div className="meta">
        <span>{run ? <State value={run.state} /> : `${block.kind.replaceAll("_", " ")} · ${block.language}`}</span>
        <span>{run?.seconds ? seconds(run.seconds) : ""}{rows ? ` · ${count(rows)} rows` : ""}</span>
      </div>
      <Handle type="source" position={Position.Bottom} />
    </div>
  );
});

const NODE_TYPES = { block: BlockView };
/** Of more blocks than this the first are shown at first, large enough to read. */
const MANY = 60;

export function Graph(props: Props) {
  const shape = JSON.stringify(props.blocks.map((block) => [block.id, block.upstream]));
  const places = useMemo(() => layout(props.blocks), [shape]);
  const nodes: BlockNode[] = props.blocks.map((block) => ({
    id: block.id,
    type: "block",
    position: places.get(block.id) ?? { x: 0, y: 0 },
    data: { block, run: props.runs.get(block.id), selected: block.id === props.selected },
    draggable: false,
  }));
  const edges = useMemo(() => edgesOf(props.blocks), [shape]);
  const connect = ({ source, target }: Connection) => props.onConnect?.(source, target);
  const remove = (gone: Edge[]) =>
    gone.forEach((edge) => props.onDisconnect?.(edge.source, edge.target));
  return (
    <ReactFlowProvider>
      <ReactFlow
        aria-label="Blocks of the pipeline"
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        onNodeClick={(_, node) => props.onSelect(node.id)}
        onConnect={connect}
        onEdgesDelete={remove}
        nodesConnectable={props.onConnect !== undefined}
        deleteKeyCode={props.onDisconnect ? ["Delete", "Backspace"] : null}
        onlyRenderVisibleElements
        fitView
        fitViewOptions={{ maxZoom: 1, nodes: nodes.length > MANY ? nodes.slice(0, MANY) : undefined }}
        minZoom={0.05}
        colorMode="system"
        proOptions={{ hideAttribution: false }}
      >
        <Background gap={22} />
        <Controls showInteractive={false} />
      </ReactFlow>
    </ReactFlowProvider>
  );
}

function edgesOf(blocks: GraphBlock[]): Edge[] {
  const known = new Set(blocks.map((block) => block.id));
  return blocks.flatMap((block) =>
    block.upstream
      .filter((upstream) => known.has(upstream))
      .map((upstream) => ({ id: `${upstream}→${block.id}`, source: upstream, target: block.id })),
  );
}
