/** Settings that the project asks for; values are never shown. */
import { useSecrets } from "../api/hooks";
import { Command, Failed, Loading, State } from "../ui/parts";

export default function SecretsPage() {
  const secrets = useSecrets();
  return (
    <div className="page">
      <div className="page-head"><h1>Secrets</h1><span className="grow" /><Command text="blocklift secrets push ." /></div>
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
                  <td><State value={secret.set ? "done" : "pending"} /> <span className="muted">{secret.set ? "set" : "not set"}</span></td>
                  <td className="muted">{secret.used_by.join(", ")}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {secrets.data.length === 0 && <div className="empty">This project asks for no secrets.</div>}
        </section>
      )}
    </div>
  );
}
