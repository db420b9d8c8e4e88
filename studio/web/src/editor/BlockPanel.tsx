/** One block: its code, its settings, and what it gave when it was last run here. */
import { useEffect, useMemo, useState } from "react";

import { ApiError } from "../api/client";
import { listen } from "../api/events";
import { debugBlock, runBlock, saveFile, stopBlock, usePipelineChanges } from "../api/hooks";
import type { BlockInfo, BlockRun, DebugInfo, EditConflict, PipelineInfo } from "../api/messages.gen";
import { Outputs } from "../run/Outputs";
import { complain, Modal } from "../ui/parts";
import { toast } from "../ui/toast";
import { BlockSettings } from "./BlockSettings";
import { CodeEditor } from "./CodeEditor";
import { Conflict } from "./Conflict";

interface Props {
  pipeline: PipelineInfo;
  block: BlockInfo;
  run: BlockRun | undefined;
  onRenamed: (block: string) => void;
}

export function BlockPanel({ pipeline, block, run, onRenamed }: Props) {
  const code = useCode(block);
  const [settings, setSettings] = useState(false);
  const [busy, setBusy] = useState(false);
  const [waiting, setWaiting] = useState<DebugInfo | null>(null);
  const changes = usePipelineChanges(pipeline.id);
  const marks = useMemo(() => marksOf(pipeline, block, run), [pipeline, block, run]);
  const start = async (upstream: boolean) => {
    setBusy(true);
    try {
      if (await code.save()) await runBlock(pipeline.id, block.id, upstream);
    } catch (error) {
      complain(error);
    } finally {
      setBusy(false);
    }
  };
  const debug = async () => {
    setBusy(true);
    try {
      if (await code.save()) setWaiting(await debugBlock(pipeline.id, block.id));
    } catch (error) {
      complain(error);
    } finally {
      setBusy(false);
    }
  };
  const remove = () => {
    if (confirm(`Take “${block.id}” out of this pipeline? Its file stays.`))
      changes.removeBlock.mutate(block.id, { onError: complain });
  };
  const running = busy || run?.state === "running";
  const progress = useProgress(running);
  return (
    <>
      <div className="head-row">
        <h2 title={block.id}>{block.name || block.id}</h2>
        <span className="badge">{block.kind.replaceAll("_", " ")}</span>
        <span className="badge">{block.language}</span>
        {block.job && <span className="badge" title="Longer than half an hour, or executor_type: gcp_cloud_run">Cloud Run job</span>}
        {code.dirty && <span className="badge">not saved</span>}
      </div>
      <div className="row">
        {running
          ? <button className="button small danger" onClick={() => stopBlock(pipeline.id, block.id).catch(complain)}>Stop</button>
          : <button className="button small primary" onClick={() => start(false)} title="Shift+Enter">Run block</button>}
        <button className="button small" disabled={running} onClick={() => start(true)}>Run with upstream</button>
        <button className="button small" disabled={running} onClick={() => void debug()}>Debug</button>
        <button className="button small" disabled={!code.dirty} onClick={() => void code.save()} title="Ctrl+S">Save</button>
        <button className="button small" aria-expanded={settings} onClick={() => setSettings(!settings)}>Settings</button>
        <span style={{ flex: 1 }} />
        <button className="button small quiet danger" onClick={remove}>Remove</button>
      </div>
      {progress && <div className="muted" aria-live="polite">Deploying first: {progress}</div>}
      <div className="muted">
        <code>{block.path}</code>
        {block.shared_with.length > 0 && <> — also used by {block.shared_with.join(", ")}: a change here changes them too.</>}
      </div>
      {settings && <BlockSettings pipeline={pipeline} block={block} onRenamed={onRenamed} />}
      <CodeEditor label={`Code of ${block.id}`} language={block.language} text={code.text} marks={marks} readOnly={!block.path} onChange={code.edit} onSave={() => void code.save()} onRun={() => void start(false)} />
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

/** The text being edited and the version of the file that it was made from. */
function useCode(block: BlockInfo) {
  const [text, setText] = useState(block.code);
  const [base, setBase] = useState({ text: block.code, version: block.version });
  const [conflict, setConflict] = useState<EditConflict | null>(null);
  const dirty = text !== base.text;

  useEffect(() => {
    // Another editor saved the file: follow it, unless there is unsaved work here.
    if (block.version === base.version || dirty) return;
    setText(block.code);
    setBase({ text: block.code, version: block.version });
  }, [block.version]);

  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    if (dirty) window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [dirty]);

  const write = async (wanted: string, version: string): Promise<boolean> => {
    try {
      const saved = await saveFile(block.path, wanted, version);
      setText(saved.text);
      setBase(saved);
      setConflict(null);
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.conflict) setConflict(error.conflict);
      else complain(error);
      return false;
    }
  };
  return {
    text,
    dirty,
    conflict,
    edit: setText,
    save: async () => !dirty || ((await write(text, base.version)) && (toast("Saved"), true)),
    overwrite: (mine: string) => void write(mine, conflict!.version),
    takeTheirs: () => {
      setText(conflict!.theirs);
      setBase({ text: conflict!.theirs, version: conflict!.version });
      setConflict(null);
    },
    decideLater: () => setConflict(null),
  };
}

function marksOf(pipeline: PipelineInfo, block: BlockInfo, run: BlockRun | undefined) {
  const failed = run?.failure?.line ? [{ line: run.failure.line, message: run.failure.message }] : [];
  const found = pipeline.problems
    .filter((problem) => block.path !== "" && problem.path.endsWith(block.path))
    .map((problem) => ({ line: problem.line, message: problem.message }));
  return [...found, ...failed];
}
