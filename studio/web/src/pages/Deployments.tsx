/** What was deployed when, and the way back to it. */
import { useState } from "react";

import { rollBack, useCost, useDeployments, wayBack } from "../api/hooks";
import type { DeploymentInfo, PlanInfo } from "../api/messages.gen";
import { count } from "../ui/format";
import { Command, complain, Failed, Loading, Modal, Panel } from "../ui/parts";

export function Deployments({ busy, onStart }: { busy: boolean; onStart: () => void }) {
  const found = useDeployments();
  const [back, setBack] = useState<{ to: DeploymentInfo; plan: PlanInfo } | null>(null);
  const look = (to: DeploymentInfo) => wayBack(to.number).then((plan) => setBack({ to, plan }), complain);
  const go = () => {
    onStart();
    rollBack(back!.to.number).catch(complain);
    setBack(null);
  };
  return (
    <Panel title="Deployments so far" aside={<Command text="blocklift deployments ." />}>
      {found.isPending && <Loading />}
      {found.error && <Failed error={found.error} />}
      <div style={{ maxHeight: 320, overflow: "auto" }}>
        <table className="list">
          <tbody>
            {found.data?.map((one, index) => (
              <tr key={one.number}>
                <td><b>{one.number}</b></td>
                <td>{new Date(one.began).toLocaleString()}</td>
                <td>{one.back_to ? `back to ${one.back_to}` : one.purpose}{!one.ended && <span className="badge bad"> not finished</span>}</td>
                <td className="muted">{one.by}{one.commit && <> · <code>{one.commit}</code></>}</td>
                <td className="muted" title={one.changes.join("\n")}>{one.changes.length} changes</td>
                <td className="actions">{index > 0 && one.ended && one.purpose !== "destroy" && <button className="button small" disabled={busy} onClick={() => look(one)} aria-label={`Go back to deployment ${one.number}`}>Go back…</button>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {found.data?.length === 0 && <p className="muted">Nothing was deployed yet.</p>}
      {back && <Back {...back} onGo={go} onClose={() => setBack(null)} />}
    </Panel>
  );
}

function Back({ to, plan, onGo, onClose }: { to: DeploymentInfo; plan: PlanInfo; onGo: () => void; onClose: () => void }) {
  const changes = plan.changes.filter((change) => change.action !== "keep");
  return (
    <Modal title={`Back to deployment ${to.number}`} onClose={onClose}>
      <div className="content">
        <h1>Back to deployment {to.number}</h1>
        <p className="muted">Nothing is built again and the files stay as they are. “Run pipeline” then runs what you went back to; the next deployment, or a block run in the editor, goes forward again. Schedules, secrets and data stay.</p>
        <ul>{changes.map((change) => <li key={change.key}>{change.action} <code>{change.key}</code> <span className="muted">{change.reason}</span></li>)}</ul>
        {changes.length === 0 && <p>The target is as that deployment left it.</p>}
        <Command text={`blocklift rollback . --to ${to.number} --target ${plan.target}`} />
        <footer>
          <button className="button" onClick={onClose}>Cancel</button>
          <button className="button primary" disabled={changes.length === 0} onClick={onGo}>Go back</button>
        </footer>
      </div>
    </Modal>
  );
}

/** Asked for only when wanted: past runs are read for it. */
export function Cost() {
  const [wanted, want] = useState(false);
  const [runs, setRuns] = useState("");
  const cost = useCost(runs, wanted);
  return (
    <Panel title="A month on Google Cloud" aside={<>
      <label className="muted">Runs per day <input className="input" style={{ width: 110 }} placeholder="as scheduled" value={runs} onChange={(event) => setRuns(event.target.value.replace(/[^0-9.]/g, ""))} /></label>
      <Command text={`blocklift cost .${runs && ` --runs-per-day ${runs}`}`} />
      {!wanted && <button className="button small" onClick={() => want(true)}>Estimate</button>}
    </>}>
      {!wanted && <p className="muted">Estimated from what past runs used, here or in the cloud.</p>}
      {wanted && cost.isPending && <Loading />}
      {cost.error && <Failed error={cost.error} />}
      {cost.data && (
        <>
          <table className="list">
            <thead><tr><th>What</th><th className="number">Amount</th><th className="number">Free</th><th className="number">Full price</th><th className="number">To pay, {cost.data.currency}</th></tr></thead>
            <tbody>
              {cost.data.items.map((item) => (
                <tr key={item.title}>
                  <td>{item.title}</td><td className="number">{count(Math.round(item.quantity * 100) / 100)} {item.unit}</td>
                  <td className="number">{count(item.free)}</td><td className="number">{item.full.toFixed(4)}</td><td className="number">{item.pay.toFixed(4)}</td>
                </tr>
              ))}
              <tr><td><b>Together</b></td><td /><td /><td className="number">{cost.data.full.toFixed(2)}</td><td className="number"><b>{cost.data.pay.toFixed(2)}</b></td></tr>
            </tbody>
          </table>
          <ul className="muted">{[`Prices of ${cost.data.prices_of}`, ...cost.data.notes].map((note) => <li key={note}>{note}</li>)}</ul>
        </>
      )}
    </Panel>
  );
}
