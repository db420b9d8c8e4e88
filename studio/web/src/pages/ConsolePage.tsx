/** A look into the local cloud: databases with a query box, buckets, runs, function processes. */
import { type FormEvent, useCallback, useState } from "react";
import { Link } from "wouter";

import { askQuery, useBigQueryTables, useBuckets, useObjects, useProcesses, useRuns, useTables } from "../api/hooks";
import type { Page, TableInfo } from "../api/messages.gen";
import { TableGrid } from "../run/TableGrid";
import { bytes, count, moment, seconds } from "../ui/format";
import { Command, Failed, Panel, State } from "../ui/parts";

export default function ConsolePage() {
  return (
    <div className="page">
      <div className="page-head"><h1>Local cloud</h1><span className="grow" /><Command text="blocklift emulator status" /></div>
      <Postgres />
      <BigQuery />
      <Objects />
      <div className="split">
        <Processes />
        <Executions />
      </div>
    </div>
  );
}

function Postgres() {
  const tables = useTables();
  return <Database title="Postgres" box="query" tables={tables.data} error={tables.error} all={(table) => `select * from "${table.schema}"."${table.name}" limit 1000`} />;
}

function BigQuery() {
  const tables = useBigQueryTables();
  return <Database title="BigQuery" box="bigquery" tables={tables.data} error={tables.error} all={(table) => `select * from \`${table.schema}.${table.name}\` limit 1000`} />;
}

interface DatabaseProps {
  title: string;
  box: "query" | "bigquery";
  tables: TableInfo[] | undefined;
  error: unknown;
  all: (table: TableInfo) => string;
}

function Database({ title, box, tables, error: unreachable, all }: DatabaseProps) {
  const [sql, setSql] = useState("");
  const [answer, setAnswer] = useState<Page | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const ask = (text: string) => {
    setSql(text);
    setError(null);
    setBusy(true);
    askQuery(box, text).then(setAnswer, setError).finally(() => setBusy(false));
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    ask(sql);
  };
  return (
    <Panel title={title}>
      {unreachable ? <Failed error={unreachable} /> : null}
      <div className="row">
        {tables?.map((table) => (
          <button className="button small" key={`${table.schema}.${table.name}`} onClick={() => ask(all(table))}>
            {table.schema}.{table.name} <span className="muted">{count(table.rows)}</span>
          </button>
        ))}
        {tables?.length === 0 && <span className="muted">No tables yet.</span>}
      </div>
      <form onSubmit={submit} style={{ display: "grid", gap: 8, margin: "12px 0" }}>
        <textarea className="input mono" rows={3} aria-label={`SQL for ${title}`} placeholder="select …" value={sql} onChange={(event) => setSql(event.target.value)} />
        <div className="row"><button className="button primary" disabled={busy || !sql.trim()}>{busy ? "Asking…" : `Ask ${title}`}</button><span className="muted">read only, at most 1,000 rows</span></div>
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
  const [bucket, setBucket] = useState("");
  const [prefix, setPrefix] = useState("");
  const buckets = useBuckets();
  const objects = useObjects(bucket, prefix);
  const aside = (
    <>
      <select className="input" aria-label="Bucket" value={bucket} onChange={(event) => setBucket(event.target.value)}>
        <option value="">This project's buckets</option>
        {buckets.data?.map((item) => <option key={item.name}>{item.name}</option>)}
      </select>
      <input className="input" placeholder="Prefix" aria-label="Prefix" value={prefix} onChange={(event) => setPrefix(event.target.value)} />
    </>
  );
  return (
    <Panel title="Objects" aside={aside}>
      {objects.error && <Failed error={objects.error} />}
      <div style={{ maxHeight: 340, overflow: "auto" }}>
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
      </div>
      {objects.data?.length === 0 && <div className="empty">No objects here.</div>}
    </Panel>
  );
}

function Processes() {
  const processes = useProcesses();
  return (
    <Panel title="Function processes" aside={<span className="muted">they end when idle</span>}>
      {processes.error && <Failed error={processes.error} />}
      <table className="list">
        <tbody>
          {processes.data?.map((process) => (
            <tr key={process.pid}>
              <td>{process.service}</td><td className="muted">process {process.pid}</td>
              <td>{process.requests > 0 ? `${process.requests} requests` : <span className="muted">idle</span>}</td>
              <td className="number">{bytes(process.memory)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {processes.data?.length === 0 && <p className="muted">None runs now; the next call starts one.</p>}
    </Panel>
  );
}

function Executions() {
  const runs = useRuns();
  return (
    <Panel title="Workflow executions">
      {runs.error && <Failed error={runs.error} />}
      <div style={{ maxHeight: 340, overflow: "auto" }}>
        <table className="list">
          <tbody>
            {runs.data?.slice(0, 30).map((run) => (
              <tr key={run.id}>
                <td><State value={run.state} /></td><td>{run.pipeline}</td>
                <td><Link href={`/runs/${run.pipeline}/${run.id}`}><code>{run.id.slice(0, 8)}</code></Link></td>
                <td className="number">{run.ended ? seconds(run.ended - run.started) : "…"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
