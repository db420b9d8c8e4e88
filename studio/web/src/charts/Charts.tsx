/** The pipeline's charts: Mage's widgets, drawn from what the blocks left when run here. */
import { useState } from "react";

import { changeChart, useChartData, useCharts } from "../api/hooks";
import type { BlockRun, ChartChange, ChartInfo, PipelineInfo } from "../api/messages.gen";
import { complain, Failed, Loading, Panel } from "../ui/parts";
import { ChartForm } from "./ChartForm";
import { Drawing } from "./Drawing";

interface Props {
  info: PipelineInfo;
  block: string | undefined;
  runs: Map<string, BlockRun>;
}

export default function Charts({ info, block, runs }: Props) {
  const charts = useCharts(info.id);
  const [editing, edit] = useState<ChartInfo | "new" | null>(null);
  if (charts.isPending) return <Loading />;
  if (charts.error) return <Failed error={charts.error} />;
  const save = async (change: ChartChange) => {
    const old = editing === "new" ? null : editing;
    await changeChart(info.id, old ? "PATCH" : "POST", old?.id ?? null, change);
    await charts.refetch();
  };
  const remove = (chart: ChartInfo) => {
    if (!confirm(`Take chart “${chart.name}” out of this pipeline? Its file stays.`)) return;
    changeChart(info.id, "DELETE", chart.id).then(() => charts.refetch(), complain);
  };
  return (
    <>
      <div className="row">
        <span className="muted">Kept in metadata.yaml and charts/, as Mage keeps them.</span>
        <span style={{ flex: 1 }} />
        <button className="button small primary" onClick={() => edit("new")}>Add chart</button>
      </div>
      {charts.data.map((chart) => (
        <Card key={chart.id} pipeline={info.id} chart={chart} run={runs.get(chart.block)} onEdit={() => edit(chart)} onRemove={() => remove(chart)} />
      ))}
      {charts.data.length === 0 && <div className="empty">No charts yet. “Add chart” draws what a block gave.</div>}
      {editing && <ChartForm info={info} chart={editing === "new" ? null : editing} block={block ?? ""} onSave={save} onClose={() => edit(null)} />}
    </>
  );
}

function Card(props: { pipeline: string; chart: ChartInfo; run: BlockRun | undefined; onEdit: () => void; onRemove: () => void }) {
  const { chart, run } = props;
  const data = useChartData(props.pipeline, chart, `${run?.started}`);
  return (
    <Panel
      title={chart.name}
      aside={<>
        <span className="muted">{chart.kind} of {chart.block || "no block"}</span>
        <button className="button small" onClick={props.onEdit} aria-label={`Edit chart ${chart.name}`}>Edit</button>
        <button className="button small quiet danger" onClick={props.onRemove} aria-label={`Remove chart ${chart.name}`}>Remove</button>
      </>}
    >
      {data.isPending && <Loading />}
      {data.error && <Failed error={data.error} />}
      {data.data && <Drawing data={data.data} configuration={chart.configuration} />}
      {data.data?.note && <p className="muted">{data.data.note}</p>}
    </Panel>
  );
}
