/** A block's name, upstream order, retry, timeout and configuration. */
import { type FormEvent, useState } from "react";

import { usePipelineChanges } from "../api/hooks";
import type { BlockInfo, PipelineInfo } from "../api/messages.gen";
import { useOnce } from "../ui/once";
import { complain } from "../ui/parts";
import { toast } from "../ui/toast";
import { type Settings, settingsDrafts, settingsKey } from "./drafts";

interface Props {
  pipeline: PipelineInfo;
  block: BlockInfo;
  onRenamed: (block: string) => void;
}

const settingsOf = (block: BlockInfo): Settings => ({
  name: block.name || block.id,
  upstream: block.upstream,
  retries: Number(block.retry.retries ?? 0),
  timeout: block.timeout === null ? "" : String(block.timeout),
  configuration: JSON.stringify(block.configuration, null, 2),
  was: { upstream: block.upstream, configuration: block.configuration },
});

const told = (form: Settings) => JSON.stringify({ ...form, was: null });

/** The block's settings, or what was typed over them: that stays until it is saved or given up. */
function useSettings(pipeline: string, block: BlockInfo) {
  const key = settingsKey(pipeline, block.id);
  const saved = settingsOf(block);
  const [typed, setTyped] = useState(() => settingsDrafts.of(key) ?? null);
  const keep = (form: Settings | null) => {
    settingsDrafts.keep(key, form);
    setTyped(form);
  };
  const form = typed ?? saved;
  const change = (part: Partial<Settings>) => {
    const now = { ...form, ...part };
    keep(told(now) === told(saved) ? null : now);
  };
  return { form, dirty: typed !== null, change, discard: () => keep(null) };
}

export function BlockSettings({ pipeline, block, onRenamed }: Props) {
  const { form, dirty, change, discard } = useSettings(pipeline.id, block);
  const { name, upstream, retries, timeout, configuration, was } = form;
  const changes = usePipelineChanges(pipeline.id);
  const [saving, once] = useOnce();
  const move = (index: number) => {
    const order = [...upstream];
    order.splice(index - 1, 2, order[index]!, order[index - 1]!);
    change({ upstream: order });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    let parsed: Record<string, unknown>;
    try {
      parsed = JSON.parse(configuration) as Record<string, unknown>;
    } catch (error) {
      complain(new Error(`Configuration is not JSON: ${String(error)}`));
      return;
    }
    const wanted = {
      name: name === (block.name || block.id) ? null : name,
      upstream,
      configuration: parsed,
      retry: { ...block.retry, retries },
      timeout: timeout !== "" ? Number(timeout) : block.timeout === null ? null : 0,
      was,
    };
    once(async () => {
      const info = await changes.changeBlock.mutateAsync({ block: block.id, change: wanted });
      discard();
      toast("Saved");
      if (info.blocks.some((item) => item.id === block.id)) return;
      const renamed = info.blocks.find((item) => item.name === name);
      if (renamed) onRenamed(renamed.id);
    });
  };
  return (
    <form className="panel body" style={{ padding: 14, display: "grid", gap: 12 }} onSubmit={submit}>
      <div className="row">
        <label className="field">Name<input className="input" value={name} onChange={(event) => change({ name: event.target.value })} /></label>
        <label className="field">Retries<input className="input" type="number" min={0} value={retries} onChange={(event) => change({ retries: Number(event.target.value) })} /></label>
        <label className="field">Timeout, seconds<input className="input" type="number" min={1} value={timeout} placeholder="none" onChange={(event) => change({ timeout: event.target.value })} /></label>
      </div>
      <div className="field">
        Upstream, in the order of the arguments
        {upstream.map((id, index) => (
          <div className="row" key={id}>
            <span className="badge">{index + 1}</span> {id}
            <button type="button" className="button small quiet" disabled={index === 0} onClick={() => move(index)} aria-label={`Move ${id} up`}>↑</button>
            <button type="button" className="button small quiet" onClick={() => change({ upstream: upstream.filter((item) => item !== id) })} aria-label={`Detach ${id}`}>detach</button>
          </div>
        ))}
        <select className="input" aria-label="Add an upstream block" value="" onChange={(event) => change({ upstream: [...upstream, event.target.value] })}>
          <option value="">Add an upstream block…</option>
          {pipeline.blocks.filter((item) => item.id !== block.id && !upstream.includes(item.id)).map((item) => <option key={item.id} value={item.id}>{item.name || item.id}</option>)}
        </select>
      </div>
      <label className="field">Configuration (JSON)<textarea className="input mono" rows={5} value={configuration} onChange={(event) => change({ configuration: event.target.value })} /></label>
      <div className="row">
        <button className="button primary" disabled={saving}>{saving ? "Saving…" : "Save settings"}</button>
        {dirty && <button type="button" className="button" onClick={discard}>Discard changes</button>}
      </div>
    </form>
  );
}
