/** A look into the local cloud: Postgres tables with a query box, buckets and objects. */
import { type FormEvent, useCallback, useState } from "react";

import { askQuery, useObjects, useTables } from "../api/hooks";
import type { Page } from "../api/messages.gen";
import { TableGrid } from "../run/TableGrid";
import { bytes, count, moment } from "../ui/format";
import { Command, Failed, Panel } from "../ui/parts";

export default function ConsolePage() {
  return (
    <div className="page">
      <div className="page-head"><h1>Local cloud</h1><span className="grow" /><Command text="blocklift emulator status" /></div>
      <Database />
      <Objects />
    </div>
  );
}

function Database() {
  const tables = useTables();
  const [sql, setSql] = useState("");
  const [answer, setAnswer] = useState<Page | null>(null);
  const [error, setError] = useState<unknown>(null);
  const ask = (text: string) => {
    setSql(text);
    setError(null);
    askQuery(text).then(setAnswer, setError);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    ask(sql);
  };
  return (
    <Panel title="Postgres">
      {tables.error && <Failed error={tables.error} />}
      <div className="row">
        {tables.data?.map((table) => (
          <button className="button small" key={`${table.schema}.${table.name}`} onClick={() => ask(`select * from "${table.schema}"."${table.name}" limit 1000`)}>
            {table.schema}.{table.name} <span className="muted">{count(table.rows)}</span>
          </button>
        ))}
      </div>
      <form onSubmit={submit} style={{ display: "grid", gap: 8, margin: "12px 0" }}>
        <textarea className="input mono" rows={3} aria-label="SQL" placeholder="select …" value={sql} onChange={(event) => setSql(event.target.value)} />
        <div className="row"><button className="button primary" disabled={!sql.trim()}>Ask</button><span className="muted">read only, at most 1,000 rows</span></div>
      </form>
      {error !== null && <Failed error={error} />}
      {answer && <Answer page={answer} />}
    </Panel>
  );
}

function Answer({ page }: { page: Page }) {
  const read = useCallback(
    (offset: number, limit: number) => Promise.resolve({ ...page, offset, rows: page.rows.slice(offset, offset + limit) }),
    [page],
  );
  return <TableGrid columns={page.columns} total={page.rows.length} stamp={JSON.stringify(page.rows[0] ?? "")} read={read} />;
}

function Objects() {
  const [prefix, setPrefix] = useState("");
  const objects = useObjects(prefix);
  return (
    <Panel title="Objects" aside={<input className="input" placeholder="Prefix" aria-label="Prefix" value={prefix} onChange={(event) => setPrefix(event.target.value)} />}>
      {objects.error && <Failed error={objects.error} />}
      <table className="list">
        <tbody>
          {objects.data?.map((object) => (
            <tr key={object.bucket + object.name}>
              <td><code>gs://{object.bucket}/{object.name}</code></td>
              <td className="number">{bytes(object.bytes)}</td>
              <td className="muted">{moment(object.updated)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {objects.data?.length === 0 && <div className="empty">No objects here.</div>}
    </Panel>
  );
}
