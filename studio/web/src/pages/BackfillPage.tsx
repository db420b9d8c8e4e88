/** A pipeline over the past: one run for every interval, as a calendar. */
import { useState } from "react";
import { Link, useParams } from "wouter";

import { startBackfill, useBackfill } from "../api/hooks";
import type { BackfillSlot } from "../api/messages.gen";
import { seconds } from "../ui/format";
import { useOnce } from "../ui/once";
import { Command, Failed, Panel } from "../ui/parts";
import { toast } from "../ui/toast";

const STATES: Record<string, string> = { SUCCEEDED: "succeeded", FAILED: "failed", CANCELLED: "cancelled", ACTIVE: "active", QUEUED: "active", WAITING: "" };

export default function BackfillPage() {
  const { pipeline } = useParams<{ pipeline: string }>();
  const [first, setFirst] = useState("");
  const [last, setLast] = useState("");
  const [every, setEvery] = useState("day");
  const [at_once, setAtOnce] = useState(1);
  const wish = { first, last, every, at_once };
  const found = useBackfill(pipeline, wish);
  const left = found.data?.filter((slot) => slot.state !== "SUCCEEDED").length ?? 0;
  const [busy, once] = useOnce();
  const start = () => once(() => startBackfill(pipeline, wish).then(() => toast("Started")));
  return (
    <div className="page">
      <div className="page-head">
        <h1>Backfill <Link href={`/pipelines/${pipeline}`}>{pipeline}</Link></h1>
        <span className="grow" />
        <Command text={`blocklift backfill . ${pipeline} --from ${first || "DATE"} --to ${last || "DATE"} --every "${every}" --at-once ${at_once}`} />
      </div>
      <div className="row form">
        <label className="field">First<input className="input" type="date" value={first} onChange={(event) => setFirst(event.target.value)} /></label>
        <label className="field">Last, included<input className="input" type="date" value={last} onChange={(event) => setLast(event.target.value)} /></label>
        <label className="field">Every<input className="input" list="steps" value={every} onChange={(event) => setEvery(event.target.value)} /></label>
        <datalist id="steps">{["hour", "6 hours", "day", "week", "month"].map((step) => <option key={step} value={step} />)}</datalist>
        <label className="field">Side by side<input className="input" type="number" min={1} max={20} value={at_once} onChange={(event) => setAtOnce(Number(event.target.value))} /></label>
        <button className="button primary" disabled={busy || left === 0} onClick={start}>{busy ? "Starting…" : found.data ? `Run ${left} ${left === 1 ? "interval" : "intervals"}` : "Run"}</button>
      </div>
      <p className="muted">What succeeded is left alone, what failed goes on from the blocks that failed. Times are UTC.</p>
      {!(first && last) && <section className="panel"><div className="empty">Choose the first and the last day: each interval gets a square here, and a run of its own.</div></section>}
      {found.error && <Failed error={found.error} />}
      {found.data && <Panel title={`${found.data.length} intervals, ${found.data.length - left} done`}><Calendar pipeline={pipeline} slots={found.data} /></Panel>}
    </div>
  );
}

function Calendar({ pipeline, slots }: { pipeline: string; slots: BackfillSlot[] }) {
  return (
    <div className="calendar">
      {slots.map((slot) => {
        const look = `slot ${STATES[slot.state] ?? ""}`;
        const title = `${slot.date}: ${slot.state.toLowerCase()}${slot.seconds ? `, ${seconds(slot.seconds)}` : ""}`;
        const text = slot.date.slice(0, slot.date.endsWith("T00:00:00Z") ? 10 : 16).replace("T", " ");
        return slot.run
          ? <Link key={slot.date} className={look} href={`/runs/${pipeline}/${slot.run}`} title={title}>{text}</Link>
          : <span key={slot.date} className={look} title={title}>{text}</span>;
      })}
    </div>
  );
}
