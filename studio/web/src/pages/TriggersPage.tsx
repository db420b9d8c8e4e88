/** What starts runs: schedules with their next times, API triggers with a curl to copy. */
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Link } from "wouter";

import { addTrigger, changeTrigger, holdTrigger, removeTrigger, useActivity, useNextTimes, useProject } from "../api/hooks";
import type { Json, PipelineSummary, TriggerInfo } from "../api/messages.gen";
import { minute } from "../ui/format";
import { useOnce } from "../ui/once";
import { Command, Failed, Loading, Modal } from "../ui/parts";
import { toast } from "../ui/toast";

const PRESETS = ["@hourly", "@daily", "@weekly", "@monthly", "@once", "@always_on"];
/** Mage's form for a file that arrives; the bucket of that name in the target stands for it. */
const ARRIVALS = [{ event_type: "aws_event", pattern: { source: ["aws.s3"], "detail-type": ["Object Created"], detail: { bucket: { name: ["my-bucket"] } } } }];
type Chosen = { pipeline: string; trigger: TriggerInfo | null };

export default function TriggersPage() {
  const project = useProject();
  const [chosen, choose] = useState<Chosen | null>(null);
  if (project.isPending) return <Loading />;
  if (project.error) return <div className="page"><Failed error={project.error} /></div>;
  const { pipelines } = project.data;
  const none = pipelines.every((pipeline) => pipeline.triggers.length === 0);
  return (
    <div className="page">
      <div className="page-head">
        <h1>Triggers</h1>
        <span className="grow" />
        <Command text="blocklift triggers ." /><Command text="blocklift pause . PIPELINE" />
        <button className="button primary" disabled={pipelines.length === 0} onClick={() => choose({ pipeline: pipelines[0]!.id, trigger: null })}>New trigger</button>
      </div>
      <p className="muted">Kept in each pipeline's triggers.yaml; the clock follows after the next <Link href="/deploy">deploy</Link>. Times of schedules are UTC, shown in yours. “Hold” stops a deployed schedule at once and through later deploys, whatever the file says.</p>
      <section className="panel">
        <table className="list">
          <thead><tr><th>Trigger</th><th>Pipeline</th><th>Starts</th><th>Next</th><th><span className="hidden">Actions</span></th></tr></thead>
          <tbody>
            {pipelines.flatMap((pipeline) => pipeline.triggers.map((trigger) => (
              <Row key={`${pipeline.id} ${trigger.name}`} pipeline={pipeline} trigger={trigger} onEdit={() => choose({ pipeline: pipeline.id, trigger })} />
            )))}
          </tbody>
        </table>
        {none && <div className="empty">Nothing starts by itself yet. “New trigger” makes a schedule, or an address that starts a run.</div>}
      </section>
      {chosen && <TriggerForm pipelines={pipelines} chosen={chosen} onClose={() => choose(null)} />}
    </div>
  );
}

function Row({ pipeline, trigger, onEdit }: { pipeline: PipelineSummary; trigger: TriggerInfo; onEdit: () => void }) {
  const activity = useActivity();
  const saved = useSaved();
  const client = useQueryClient();
  const curl = activity.data?.curls[pipeline.id]?.[trigger.name];
  const clock = activity.data?.clocks?.[pipeline.id]?.[trigger.name];
  const [busy, once] = useOnce();
  const hold = (paused: boolean) =>
    once(async () => {
      await holdTrigger(pipeline.id, trigger.name, paused);
      await client.invalidateQueries({ queryKey: ["activity"] });
      toast(paused ? "Held: it starts nothing until it is let go" : "Let go");
    });
  const pause = () =>
    once(async () => {
      await changeTrigger(pipeline.id, trigger.name, { active: !trigger.active });
      saved(trigger.active ? "Paused" : "Switched on");
    });
  const remove = () => {
    if (!confirm(`Remove trigger “${trigger.name}” from triggers.yaml?`)) return;
    once(async () => {
      await removeTrigger(pipeline.id, trigger.name);
      saved("Removed");
    });
  };
  return (
    <tr>
      <td>{trigger.name} {!trigger.active && <span className="badge">paused</span>} {clock?.by_hand && <span className="badge">{clock.paused ? "held by hand" : "running by hand"}</span>}<div className="muted">{trigger.description}</div></td>
      <td><Link href={`/pipelines/${pipeline.id}`}>{pipeline.name || pipeline.id}</Link></td>
      <td className="wide"><Starts trigger={trigger} curl={curl} /></td>
      <td className="muted" style={{ whiteSpace: "nowrap" }}>{trigger.next_times.map((time) => <div key={time}>{minute(time)}</div>)}</td>
      <td className="actions many">
        {clock && <><button className="button small" disabled={busy} onClick={() => hold(!clock.paused)} title={`blocklift ${clock.paused ? "resume" : "pause"} . ${pipeline.id} ${trigger.name}`} aria-label={`${clock.paused ? "Let go" : "Hold"} ${trigger.name}`}>{clock.paused ? "Let go" : "Hold"}</button>{" "}</>}
        <button className="button small" onClick={onEdit} aria-label={`Edit ${trigger.name}`}>Edit</button>{" "}
        <button className="button small" disabled={busy} onClick={pause} aria-label={`${trigger.active ? "Pause" : "Switch on"} ${trigger.name}`}>{trigger.active ? "Pause" : "Switch on"}</button>{" "}
        <button className="button small quiet danger" onClick={remove} aria-label={`Remove ${trigger.name}`}>Remove</button>
      </td>
    </tr>
  );
}

function Starts({ trigger, curl }: { trigger: TriggerInfo; curl: string | undefined }) {
  if (trigger.kind === "api") return curl ? <Command text={curl} /> : <>by POST, once deployed</>;
  if (trigger.kind === "event") return <span title={JSON.stringify(trigger.matchers ?? [], null, 2)}>{(trigger.matchers ?? []).map(eventOf).join(", ") || "an event"}</span>;
  return <code>{trigger.interval ?? "never"}</code>;
}

/** Mage's matcher in a few words; all of it is in the form. */
function eventOf({ pattern }: { pattern?: Json }): string {
  const { "detail-type": kinds = [], detail = {} } = (pattern ?? {}) as { "detail-type"?: string[]; detail?: { bucket?: { name?: string[] } } };
  const where = detail.bucket?.name?.join(", ");
  return `${kinds.join(", ") || "any event"}${where ? ` in ${where}` : ""}`;
}

function useSaved() {
  const client = useQueryClient();
  return (text: string) => {
    void client.invalidateQueries({ queryKey: ["project"] });
    toast(`${text}; deploy to make it so`);
  };
}

function TriggerForm({ pipelines, chosen, onClose }: { pipelines: PipelineSummary[]; chosen: Chosen; onClose: () => void }) {
  const old = chosen.trigger;
  const [pipeline, setPipeline] = useState(chosen.pipeline);
  const [name, setName] = useState(old?.name ?? "");
  const [kind, setKind] = useState(old?.kind ?? "time");
  const [interval, setInterval] = useState(old?.interval ?? "@daily");
  const [active, setActive] = useState(old?.active ?? true);
  const [variables, setVariables] = useState(JSON.stringify(old?.variables ?? {}, null, 2));
  const [matchers, setMatchers] = useState(JSON.stringify(old?.matchers?.length ? old.matchers : ARRIVALS, null, 2));
  const [error, setError] = useState<unknown>(null);
  const saved = useSaved();
  const [busy, once] = useOnce();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    once(save);
  };
  const save = async () => {
    setError(null);
    try {
      const wanted = { name, kind, active, variables: JSON.parse(variables), ...(kind === "time" ? { interval } : {}), ...(kind === "event" ? { matchers: JSON.parse(matchers) } : {}) };
      await (old ? changeTrigger(pipeline, old.name, wanted) : addTrigger(pipeline, wanted));
      saved("Saved");
      onClose();
    } catch (refused) {
      setError(refused);
    }
  };
  return (
    <Modal title={old ? `Trigger ${old.name}` : "New trigger"} onClose={onClose}>
      <form onSubmit={submit}>
        <h1>{old ? `Trigger ${old.name}` : "New trigger"}</h1>
        <label className="field">Name<input className="input" autoFocus required value={name} onChange={(event) => setName(event.target.value)} /></label>
        <label className="field">Pipeline
          <select className="input" value={pipeline} disabled={old !== null} onChange={(event) => setPipeline(event.target.value)}>
            {pipelines.map((item) => <option key={item.id} value={item.id}>{item.name || item.id}</option>)}
          </select>
        </label>
        <label className="field">Started by
          <select className="input" value={kind} onChange={(event) => setKind(event.target.value)}>
            <option value="time">the clock</option>
            <option value="api">a POST with its token</option>
            <option value="event">an event, such as a file that arrives</option>
          </select>
        </label>
        {kind === "time" && <Interval value={interval} onChange={setInterval} />}
        {kind === "event" && <label className="field">Events to wait for (JSON)<textarea className="input mono" rows={8} value={matchers} onChange={(event) => setMatchers(event.target.value)} /></label>}
        <label className="field">Variables (JSON)<textarea className="input mono" rows={3} value={variables} onChange={(event) => setVariables(event.target.value)} /></label>
        <label className="row"><input type="checkbox" checked={active} onChange={(event) => setActive(event.target.checked)} /> Active</label>
        {error !== null && <Failed error={error} />}
        <footer>
          <button type="button" className="button" onClick={onClose}>Cancel</button>
          <button className="button primary" disabled={busy}>{busy ? "Saving…" : "Save"}</button>
        </footer>
      </form>
    </Modal>
  );
}

function Interval({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const next = useNextTimes(value);
  return (
    <div className="field">
      <label className="field">Schedule (UTC): a name or five cron fields
        <input className="input mono" list="presets" required value={value} onChange={(event) => onChange(event.target.value)} />
      </label>
      <datalist id="presets">{PRESETS.map((preset) => <option key={preset} value={preset} />)}</datalist>
      <span aria-live="polite">{next.error ? <span className="bad">{next.error.message}</span> : next.data?.length ? `Next: ${next.data.map(minute).join(" · ")}` : " "}</span>
    </div>
  );
}
