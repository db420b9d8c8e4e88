/** A new block from a template. */
import { type FormEvent, useState } from "react";

import { usePipelineChanges, useTemplates } from "../api/hooks";
import type { PipelineInfo, Template } from "../api/messages.gen";
import { useOnce } from "../ui/once";
import { Loading, Modal } from "../ui/parts";

interface Props {
  pipeline: PipelineInfo;
  after: string | undefined;
  onAdded: (block: string) => void;
  onClose: () => void;
}

export function AddBlock({ pipeline, after, onAdded, onClose }: Props) {
  const templates = useTemplates();
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState("");
  const [upstream, setUpstream] = useState(after ?? "");
  const changes = usePipelineChanges(pipeline.id);
  const [adding, once] = useOnce();
  if (templates.isPending) return <Modal title="Add block" onClose={onClose}><Loading /></Modal>;
  const template = templates.data?.find((item) => item.id === chosen) ?? templates.data?.[0];
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!template) return;
    const block = { name, kind: template.kind, language: template.language, template: template.id, upstream: upstream ? [upstream] : [] };
    once(async () => {
      const before = new Set(pipeline.blocks.map((item) => item.id));
      const info = await changes.addBlock.mutateAsync(block);
      onAdded(info.blocks.find((item) => !before.has(item.id))?.id ?? "");
      onClose();
    });
  };
  return (
    <Modal title="Add block" onClose={onClose}>
      <form onSubmit={submit}>
        <h1>Add block</h1>
        <label className="field">Name<input className="input" autoFocus required value={name} onChange={(event) => setName(event.target.value)} /></label>
        <label className="field">Template
          <select className="input" value={template?.id ?? ""} onChange={(event) => setChosen(event.target.value)}>
            {groups(templates.data ?? []).map(([group, items]) => (
              <optgroup key={group} label={group}>
                {items.map((item) => <option key={item.id} value={item.id}>{item.title}</option>)}
              </optgroup>
            ))}
          </select>
        </label>
        <label className="field">After
          <select className="input" value={upstream} onChange={(event) => setUpstream(event.target.value)}>
            <option value="">nothing: it starts the pipeline</option>
            {pipeline.blocks.map((item) => <option key={item.id} value={item.id}>{item.name || item.id}</option>)}
          </select>
        </label>
        {template && <pre className="log">{template.code}</pre>}
        <footer>
          <button type="button" className="button" onClick={onClose}>Cancel</button>
          <button className="button primary" disabled={adding}>{adding ? "Adding…" : "Add"}</button>
        </footer>
      </form>
    </Modal>
  );
}

function groups(templates: Template[]): [string, Template[]][] {
  const found = new Map<string, Template[]>();
  for (const item of templates) found.set(item.group, [...(found.get(item.group) ?? []), item]);
  return [...found];
}
