/** One block: its code, its settings, and what it gave when it was last run here. */
import { useEffect, useMemo, useState } from "react";

import { listen } from "../api/events";
import { debugBlock, runBlock, stopBlock, usePipelineChanges } from "../api/hooks";
import type { BlockInfo, BlockRun, DebugInfo, PipelineInfo } from "../api/messages.gen";
import { Outputs } from "../run/Outputs";
import { useOnce } from "../ui/once";
import { complain, Modal } from "../ui/parts";
import { toast } from "../ui/toast";
import { BlockSettings } from "./BlockSettings";
import { useCode } from "./code";
import { CodeEditor } from "./CodeEditor";
import { Conflict } from "./Conflict";
import { settingsDrafts, settingsKey } from "./drafts";

interface Props {
  pipeline: PipelineInfo;
  block: BlockInfo;
  run: BlockRun | undefined;
  onRenamed: (block: string) => void;
}

export function BlockPanel({ pipeline, block, run, onRenamed }: Props) {
  const code = useCode(block);
  const changed = settingsDrafts.useKeys().includes(settingsKey(pipeline.id, block.id));
  const [settings, setSettings] = useState(changed);
  const [busy, once] = useOnce();
  const [stopping, stopOnce] = useOnce();
  const [waiting, setWaiting] = useState<DebugInfo | null>(null);
  const changes = usePipelineChanges(pipeline.id);
  const marks = useMemo(() => marksOf(pipeline, block, run), [pipeline, block, run]);
  const running = busy || run?.state === "running";
  const start = (upstream: boolean) => {
    if (!running) once(async () => (await code.save()) && runBlock(pipeline.id, block.id, upstream));
  };
  const debug = () =>
    once(async () => {
      if (await code.save()) setWaiting(await debugBlock(pipeline.id, block.id));
    });
  const stop = () => stopOnce(() => stopBlock(pipeline.id, block.id));
  const remove = () => {
    if (confirm(`Take “${block.id}” out of this pipeline? Its file stays.`))
      changes.removeBlock.mutate(block.id, { onError: complain });
  };
  const progress = useProgress(running);
  return (
    <>
      <div className="head-row">
        <h2 title={block.id}>{block.name || block.id}</h2>
        <span className="badge">{block.kind.replaceAll("_", " ")}</span>
        <span className="badge">{block.language}</span>
        {block.job && <span className="badge" title="Longer than half an hour, or executor_type: gcp_cloud_run">Cloud Run job</span>}
        {code.dirty && <span className="badge unsaved">not saved</span>}
        <span style={{ flex: 1 }} />
        <button className="button small quiet danger" onClick={remove}>Remove</button>
      </div>
      <div className="row">
        {running
          ? <button className="button small danger" disabled={busy || stopping} onClick={stop}>{stopping ? "Stopping…" : "Stop"}</button>
          : <button className="button small primary" onClick={() => start(false)} title="Shift+Enter">Run block</button>}
        <button className="button small" disabled={running} onClick={() => start(true)}>Run with upstream</button>
        <button className="button small" disabled={running} onClick={debug}>Debug</button>
        <button className="button small" disabled={!code.dirty} onClick={() => void code.save()} title="Ctrl+S">Save</button>
        <button className="button small" aria-expanded={settings} onClick={() => setSettings(!settings)}>Settings{changed && " (not saved)"}</button>
      </div>
      {progress && <div className="muted" aria-live="polite">Deploying first: {progress}</div>}
      <div className="muted path">
        <code>{block.path}</code>
        {block.shared_with.length > 0 && <> — also used by {block.shared_with.join(", ")}: a change here changes them too.</>}
      </div>
      {settings && <BlockSettings pipeline={pipeline} block={block} onRenamed={onRenamed} />}
      <CodeEditor label={`Code of ${block.id}`} language={block.language} text={code.text} marks={marks} readOnly={!block.path} onChange={code.edit} onSave={() => void code.save()} onRun={() => start(false)} />
      {!run && <p className="muted">Run the block to see here what it gives.</p>}
      {run && <Outputs pipeline={pipeline.id} run="studio" block={run} live={running} />}
      {waiting && <Waiting info={waiting} onClose={() => setWaiting(null)} />}
      {code.conflict && <Conflict conflict={code.conflict} onKeepMine={code.overwrite} onTakeTheirs={code.takeTheirs} onClose={code.decideLater} />}
    </>
  );
}

/** The newest line of the deployment that goes before a run; nothing when there is none. */
function useProgress(running: boolean): string {
  const [line, setLine] = useState("");
  useEffect(() => {
    setLine("");
    if (!running) return;
    return listen((event) => {
      if (event.type === "deploy") setLine(event.data?.done ? "" : String(event.data?.text ?? ""));
    });
  }, [running]);
  return line;
}

/** Where the block waits, and what VS Code needs to find it. */
function Waiting({ info, onClose }: { info: DebugInfo; onClose: () => void }) {
  return (
    <Modal title="Waiting for a debugger" onClose={onClose}>
      <div className="content">
        <h1>The block waits on {info.host}:{info.port}</h1>
        <p className="muted">Save this as .vscode/launch.json, set a breakpoint in the block's file, and start “Blocklift block”. It runs when VS Code has attached.</p>
        <pre className="log" aria-label="launch.json" tabIndex={0}>{info.launch}</pre>
        <footer>
          <button className="button" onClick={() => void navigator.clipboard?.writeText(info.launch).then(() => toast("Copied to the clipboard"))}>Copy</button>
          <button className="button primary" onClick={onClose}>Close</button>
        </footer>
      </div>
    </Modal>
  );
}

function marksOf(pipeline: PipelineInfo, block: BlockInfo, run: BlockRun | undefined) {
  const failed = run?.failure?.line ? [{ line: run.failure.line, message: run.failure.message }] : [];
  const found = pipeline.problems
    .filter((problem) => block.path !== "" && problem.path.endsWith(block.path))
    .map((problem) => ({ line: problem.line, message: problem.message }));
  return [...found, ...failed];
}
