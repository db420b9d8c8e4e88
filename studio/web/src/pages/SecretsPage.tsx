/** Settings that the project asks for, and the connections made of them; values are never shown. */
import { useState } from "react";

import { testConnection, useConnections, useSecrets } from "../api/hooks";
import type { ConnectionTest, ProfileInfo } from "../api/messages.gen";
import { Command, Failed, Loading, Panel, State } from "../ui/parts";

export default function SecretsPage() {
  const secrets = useSecrets();
  return (
    <div className="page">
      <div className="page-head"><h1>Secrets and connections</h1><span className="grow" /><Command text="blocklift secrets push ." /></div>
      <p className="muted">Names that io_config.yaml and the blocks ask for. Values come from <code>.env</code> or the shell and live in Secret Manager.</p>
      {secrets.isPending && <Loading />}
      {secrets.error && <Failed error={secrets.error} />}
      {secrets.data && (
        <section className="panel">
          <table className="list">
            <thead><tr><th>Name</th><th>Value</th><th>Asked for by</th></tr></thead>
            <tbody>
              {secrets.data.map((secret) => (
                <tr key={secret.name}>
                  <td><code>{secret.name}</code></td>
                  <td><State value={secret.set ? "done" : "pending"} text={secret.set ? "set" : "not set"} /></td>
                  <td className="muted">{secret.used_by.join(", ")}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {secrets.data.length === 0 && <div className="empty">This project asks for no secrets.</div>}
        </section>
      )}
      <Connections />
    </div>
  );
}

function Connections() {
  const profiles = useConnections();
  return (
    <Panel title="Connections" aside={<span className="muted">profiles of io_config.yaml; “Test” connects from this machine, not from Google's network</span>}>
      {profiles.error && <Failed error={profiles.error} />}
      <table className="list"><tbody>{profiles.data?.map((profile) => <Profile key={profile.name} profile={profile} />)}</tbody></table>
      {profiles.data?.length === 0 && <p className="muted">This project has no io_config.yaml.</p>}
    </Panel>
  );
}

function Profile({ profile }: { profile: ProfileInfo }) {
  const [found, setFound] = useState<ConnectionTest[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const test = () => {
    setBusy(true);
    setError(null);
    testConnection(profile.name).then(setFound, setError).finally(() => setBusy(false));
  };
  return (
    <tr>
      <td><b>{profile.name}</b> <span className="muted">{profile.path}</span></td>
      <td className="muted">{profile.asks_for.map((name) => <code key={name}>{name} </code>)}</td>
      <td>
        {error !== null && <Failed error={error} />}
        {found?.map((item) => <div key={item.service}><State value={item.ok ? "done" : "failed"} text={item.ok ? "connected from this machine" : "failed from this machine"} /> {item.service}: {item.said}</div>)}
        {found?.length === 0 && <span className="muted">It names no service that can be tried.</span>}
      </td>
      <td className="actions"><button className="button small" disabled={busy} onClick={test} aria-label={`Test ${profile.name}`}>{busy ? "Trying…" : "Test"}</button></td>
    </tr>
  );
}
