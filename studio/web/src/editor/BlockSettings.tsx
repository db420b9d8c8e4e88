/** A block's name, upstream order, retry, timeout and configuration. */
import { type FormEvent, useState } from "react";

import { usePipelineChanges } from "../api/hooks";
import type { BlockInfo, PipelineInfo } from "../api/messages.gen";
import { complain } from "../ui/parts";
import { toast } from "../ui/toast";

interface Props {
  pipeline: PipelineInfo;
  block: BlockInfo;
  onRenamed: (block: string) => void;
}

export function BlockSettings({ pipeline, block, onRenamed }: Props) {
  const [name, setName] = useState(block.name || block.id);
  const [upstream, setUpstream] = useState(block.upstream);
  const [retries, setRetries] = useState(Number(block.retry.retries ?? 0));
  const [timeout, setTimeout] = useState(block.timeout === null ? "" : String(block.timeout));
  const [configuration, setConfiguration] = useState(JSON.stringify(block.configuration, null, 2));
  const [was] = useState({ upstream: block.upstream, configuration: block.configuration });
  const changes = usePipelineChanges(pipeline.id);
  const move = (index: number) => {
    const order = [...upstream];
    order.splice(index - 1, 2, order[index]!, order[index - 1]!);
    setUpstream(order);
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
    const change = {
      name: name === (block.name || block.id) ? null : name,
      upstream,
      configuration: parsed,
      retry: { ...block.retry, retries },
      timeout: timeout !== "" ? Number(timeout) : block.timeout === null ? null : 0,
      was,
    };
    changes.changeBlock.mutate({ block: block.id, change }, {
      onError: complain,
      onSuccess: (info) => {
        toast("Saved");
        if (!info.blocks.some((item) => item.id === block.id)) {
          const renamed = info.blocks.find((item) => item.name === name);
          if (renamed) onRenamed(renamed.id);
        }
      },
    });
  };
  return (
    <form className="panel body" style={{ padding: 14, display: "grid", gap: 12 }} onSubmit={submit}>
      <div className="row">
        <label className="field">Name<input className="input" value={name} onChange={(event) => setName(event.target.value)} /></label>
        <label className="field">Retries<input className="input" type="number" min={0} value={retries} onChange={(event) => setRetries(Number(event.target.value))} /></label>
        <label className="field">Timeout, seconds<input className="input" type="number" min={1} value={timeout} placeholder="none" onChange={(event) => setTimeout(event.target.value)} /></label>
      </div>
      <div className="field">
        Upstream, in the order of the arguments
        {upstream.map((id, index) => (
          <div className="row" key={id}>
            <span className="badge">{index + 1}</span> {id}
            <button type="button" className="button small quiet" disabled={index === 0} onClick={() => move(index)} aria-label={`Move ${id} up`}>↑</button>
            <button type="button" className="button small quiet" onClick={() => setUpstream(upstream.filter((item) => item !== id))} aria-label={`Detach ${id}`}>detach</button>
          </div>
        ))}
        <select className="input" aria-label="Add an upstream block" value="" onChange={(event) => setUpstream([...upstream, event.target.value])}>
          <option value="">Add an upstream block…</option>
          {pipeline.blocks.filter((item) => item.id !== block.id && !upstream.includes(item.id)).map((item) => <option key={item.id} value={item.id}>{item.name || item.id}</option>)}
        </select>
      </div>
      <label className="field">Configuration (JSON)<textarea className="input mono" rows={5} value={configuration} onChange={(event) => setConfiguration(event.target.value)} /></label>
      <div className="row"><button className="button primary" disabled={changes.changeBlock.isPending}>{changes.changeBlock.isPending ? "Saving…" : "Save settings"}</button></div>
    </form>
  );
}
