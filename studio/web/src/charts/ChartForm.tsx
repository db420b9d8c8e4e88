/** Make or change a chart: its block, its columns, or its Python. */
import { type FormEvent, useState } from "react";

import { useColumns } from "../api/hooks";
import type { ChartChange, ChartInfo, Json, PipelineInfo } from "../api/messages.gen";
import { CodeEditor } from "../editor/CodeEditor";
import { Failed, Modal } from "../ui/parts";
import { AGGREGATIONS, INTERVALS, PRESETS } from "./presets";

interface Props {
  info: PipelineInfo;
  chart: ChartInfo | null;
  block: string;
  onSave: (change: ChartChange) => Promise<unknown>;
  onClose: () => void;
}
type Configuration = Record<string, Json>;
type Set = (key: string, value: Json) => void;

export function ChartForm({ info, chart, block: first, onSave, onClose }: Props) {
  const [preset, setPreset] = useState(0);
  const [name, setName] = useState(chart?.name ?? "");
  const [block, setBlock] = useState(chart?.block ?? first);
  const [configuration, setConfiguration] = useState<Configuration>(chart?.configuration ?? PRESETS[0]!.configuration);
  const [code, setCode] = useState(chart?.code ?? "");
  const [error, setError] = useState<unknown>(null);
  const columns = useColumns(info.id, block);
  const set: Set = (key, value) => setConfiguration({ ...configuration, [key]: value });
  const start = (index: number) => {
    setPreset(index);
    setConfiguration(PRESETS[index]!.configuration);
    setCode(PRESETS[index]!.code);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSave({ name, block, configuration, code }).then(onClose, setError);
  };
  const title = chart ? `Chart ${chart.name}` : "New chart";
  return (
    <Modal title={title} onClose={onClose}>
      <form onSubmit={submit}>
        <h1>{title}</h1>
        <div className="row">
          <label className="field">Name<input className="input" autoFocus required value={name} onChange={(event) => setName(event.target.value)} /></label>
          {!chart && (
            <label className="field">Kind
              <select className="input" value={preset} onChange={(event) => start(Number(event.target.value))}>
                {PRESETS.map((item, index) => <option key={item.title} value={index}>{item.title}</option>)}
              </select>
            </label>
          )}
          <label className="field">Output of
            <select className="input" value={block} onChange={(event) => setBlock(event.target.value)}>
              <option value="">no block</option>
              {info.blocks.map((item) => <option key={item.id} value={item.id}>{item.name || item.id}</option>)}
            </select>
          </label>
        </div>
        {code.trim() === "" && <Columns configuration={configuration} columns={columns.data ?? []} set={set} />}
        <details open={code.trim() !== ""}>
          <summary>Python of the chart (charts/…py); with it the columns above are not used</summary>
          <CodeEditor label="Code of the chart" language="python" text={code} onChange={setCode} />
        </details>
        {error !== null && <Failed error={error} />}
        <footer>
          <button type="button" className="button" onClick={onClose}>Cancel</button>
          <button className="button primary">Save chart</button>
        </footer>
      </form>
    </Modal>
  );
}

function Columns({ configuration, columns, set }: { configuration: Configuration; columns: string[]; set: Set }) {
  const kind = String(configuration.chart_type);
  const many = kind === "table" || kind === "bar chart";
  const groups = listOf(configuration.group_by);
  return (
    <>
      <ColumnList title={kind.startsWith("time") ? "Column of times" : many ? "Columns" : "Column"} chosen={groups} columns={columns} most={many ? 20 : 1} onChange={(names) => set("group_by", names)} />
      {"metrics" in configuration && <Metrics metrics={(configuration.metrics as Json[]) ?? []} columns={columns} set={set} />}
      <div className="row">
        {"buckets" in configuration && <label className="field">{kind === "pie chart" ? "Slices" : "Buckets"}<input className="input" type="number" min={1} value={Number(configuration.buckets)} onChange={(event) => set("buckets", Number(event.target.value))} /></label>}
        {"limit" in configuration && <label className="field">Rows<input className="input" type="number" min={1} value={Number(configuration.limit)} onChange={(event) => set("limit", Number(event.target.value))} /></label>}
        {"time_interval" in configuration && <Choice title="Interval" value={String(configuration.time_interval)} options={INTERVALS} onChange={(value) => set("time_interval", value)} />}
        {"chart_style" in configuration && <Choice title="Bars" value={String(configuration.chart_style)} options={["vertical", "horizontal"]} onChange={(value) => set("chart_style", value)} />}
        {many && <Choice title="Order" value={String(configuration.y_sort_order ?? "")} options={["", "ascending", "descending"]} onChange={(value) => set("y_sort_order", value || null)} />}
      </div>
      {"order_by" in configuration && <ColumnList title="Ordered by" chosen={listOf(configuration.order_by)} columns={columns} most={5} onChange={(names) => set("order_by", names)} />}
    </>
  );
}

const listOf = (value: Json): string[] => (Array.isArray(value) ? value.map(String) : []);

function Choice(props: { title: string; value: string; options: string[]; onChange: (value: string) => void }) {
  return (
    <label className="field">{props.title}
      <select className="input" value={props.value} onChange={(event) => props.onChange(event.target.value)}>
        {props.options.map((option) => <option key={option} value={option}>{option || "as it comes"}</option>)}
      </select>
    </label>
  );
}

function ColumnList(props: { title: string; chosen: string[]; columns: string[]; most: number; onChange: (names: string[]) => void }) {
  const { chosen, columns, onChange } = props;
  const known = [...new Set([...columns, ...chosen])];
  if (props.most === 1)
    return <Choice title={props.title} value={chosen[0] ?? ""} options={["", ...known]} onChange={(name) => onChange(name ? [name] : [])} />;
  return (
    <fieldset className="field">
      <legend>{props.title}</legend>
      <div className="row">
        {known.map((name) => (
          <label key={name}><input type="checkbox" checked={chosen.includes(name)} onChange={(event) => onChange(event.target.checked ? [...chosen, name] : chosen.filter((item) => item !== name))} /> {name}</label>
        ))}
        {known.length === 0 && <span>Run the block once; its columns are then offered here.</span>}
      </div>
    </fieldset>
  );
}

function Metrics({ metrics, columns, set }: { metrics: Json[]; columns: string[]; set: Set }) {
  const change = (index: number, key: string, value: string) =>
    set("metrics", metrics.map((item, at) => (at === index ? { ...item, [key]: value } : item)));
  return (
    <fieldset className="field">
      <legend>Values</legend>
      {metrics.map((metric, index) => (
        <div className="row" key={index}>
          <select className="input" aria-label="Aggregation" value={metric.aggregation} onChange={(event) => change(index, "aggregation", event.target.value)}>{AGGREGATIONS.map((name) => <option key={name}>{name}</option>)}</select>
          of
          <select className="input" aria-label="Column of the value" value={metric.column} onChange={(event) => change(index, "column", event.target.value)}>{[...new Set([...columns, metric.column])].map((name) => <option key={name}>{name}</option>)}</select>
          <button type="button" className="button small quiet" onClick={() => set("metrics", metrics.filter((_, at) => at !== index))} aria-label="Remove this value">remove</button>
        </div>
      ))}
      <button type="button" className="button small" onClick={() => set("metrics", [...metrics, { aggregation: "count", column: columns[0] ?? "" }])}>Add a value</button>
    </fieldset>
  );
}
