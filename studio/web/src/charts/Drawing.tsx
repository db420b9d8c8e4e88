/** A chart's values as a picture: plain SVG, in the colours of the theme. */
import type { ChartData, Json, Series } from "../api/messages.gen";
import { cell, count } from "../ui/format";

const WIDTH = 560;
const HEIGHT = 240;
const LEFT = 56;
const BOTTOM = 34;
const TOP = 10;
const COLOURS = ["var(--c1)", "var(--c2)", "var(--c3)", "var(--c4)", "var(--c5)", "var(--c6)"];
const colour = (index: number) => COLOURS[index % COLOURS.length]!;

export function Drawing({ data, configuration }: { data: ChartData; configuration: Json }) {
  if (data.kind === "table") return <Rows data={data} />;
  if (data.kind === "custom") return <pre className="log">{shown(data.rows[0]?.[0])}</pre>;
  if (data.series.length === 0 || data.x.length === 0) return <p className="muted">Nothing to draw.</p>;
  if (data.kind === "pie chart") return <Pie data={data} />;
  if (data.kind.includes("line")) return <Lines data={data} />;
  if (data.kind === "bar chart" && configuration.chart_style === "horizontal") return <Flat data={data} />;
  return <Bars data={data} />;
}

const shown = (value: Json) => (typeof value === "string" ? value : JSON.stringify(value, null, 2));

interface Scale {
  low: number;
  high: number;
  y: (value: number) => number;
}

function scaleOf(series: Series[], fromZero: boolean): Scale {
  const values = series.flatMap((line) => line.values.map(Number)).filter(Number.isFinite);
  const low = Math.min(...values, fromZero ? 0 : Infinity);
  const high = Math.max(...values, fromZero ? 0 : -Infinity);
  const whole = high - low || 1;
  return { low, high, y: (value) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - low) / whole) };
}

function Frame({ data, scale, children }: { data: ChartData; scale: Scale; children: React.ReactNode }) {
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => scale.low + part * (scale.high - scale.low));
  return (
    <figure className="chart">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={described(data)}>
        {ticks.map((tick, index) => (
          <g key={index}>
            <line x1={LEFT} x2={WIDTH} y1={scale.y(tick)} y2={scale.y(tick)} className="rule" />
            <text x={LEFT - 6} y={scale.y(tick) + 4} textAnchor="end">{short(tick)}</text>
          </g>
        ))}
        {children}
        <Below data={data} />
      </svg>
      {data.series.length > 1 && <Legend names={data.series.map((line) => line.name)} />}
    </figure>
  );
}

/** At most six labels under the axis, so that none covers its neighbour. */
function Below({ data }: { data: ChartData }) {
  const edges = data.kind === "histogram";
  const slots = edges ? data.x.length - 1 : data.x.length;
  const step = Math.max(1, Math.ceil(slots / 6));
  return data.x.map((value, index) =>
    index % step ? null : (
      <text key={index} x={LEFT + (((edges ? index : index + 0.5)) * (WIDTH - LEFT)) / slots} y={HEIGHT - 14} textAnchor="middle">
        {label(data, value).slice(0, 16)}
      </text>
    ),
  );
}

function Bars({ data }: { data: ChartData }) {
  const scale = scaleOf(data.series, true);
  const slots = data.series[0]!.values.length;
  const slot = (WIDTH - LEFT) / slots;
  const width = (slot * (data.kind === "histogram" ? 0.96 : 0.8)) / data.series.length;
  return (
    <Frame data={data} scale={scale}>
      {data.series.map((line, at) => line.values.map((value, index) => {
        const top = scale.y(Math.max(0, Number(value)));
        const x = LEFT + index * slot + (slot - width * data.series.length) / 2 + at * width;
        return (
          <rect key={`${at} ${index}`} x={x} y={top} width={Math.max(width, 0.5)} height={Math.abs(scale.y(Math.min(0, Number(value))) - top)} fill={colour(at)}>
            <title>{`${named(data, index)}: ${short(Number(value))} ${data.series.length > 1 ? line.name : ""}`}</title>
          </rect>
        );
      }))}
    </Frame>
  );
}

function Lines({ data }: { data: ChartData }) {
  const scale = scaleOf(data.series, false);
  const slot = (WIDTH - LEFT) / data.x.length;
  const at = (index: number) => LEFT + (index + 0.5) * slot;
  return (
    <Frame data={data} scale={scale}>
      {data.series.map((line, number) => {
        const points = line.values.map((value, index) => [at(index), scale.y(Number(value))] as const);
        return (
          <g key={line.name + number}>
            <polyline points={points.map((point) => point.join(",")).join(" ")} fill="none" stroke={colour(number)} strokeWidth="2" />
            {points.length <= 100 && points.map(([x, y], index) => (
              <circle key={index} cx={x} cy={y} r="3" fill={colour(number)}><title>{`${named(data, index)}: ${short(Number(line.values[index]))}`}</title></circle>
            ))}
          </g>
        );
      })}
    </Frame>
  );
}

/** Horizontal bars: one line of the page for each. */
function Flat({ data }: { data: ChartData }) {
  const line = data.series[0]!;
  const top = Math.max(...line.values.map(Number), 1e-9);
  return (
    <div className="flat" role="img" aria-label={described(data)}>
      {line.values.map((value, index) => (
        <div className="row-bar" key={index}>
          <span title={cell(data.x[index])}>{cell(data.x[index])}</span>
          <i style={{ width: `${(100 * Math.max(0, Number(value))) / top}%` }} />
          <b>{short(Number(value))}</b>
        </div>
      ))}
    </div>
  );
}

function Pie({ data }: { data: ChartData }) {
  const values = data.series[0]!.values.map(Number);
  const whole = values.reduce((sum, value) => sum + value, 0) || 1;
  let turned = 0;
  return (
    <figure className="chart pie">
      <svg viewBox="-105 -105 210 210" role="img" aria-label={described(data)} style={{ maxWidth: 220 }}>
        {values.map((value, index) => {
          const from = turned;
          turned += value / whole;
          return (
            <path key={index} d={slice(from, Math.min(turned, from + 0.99999))} fill={colour(index)} fillOpacity={1 - 0.12 * Math.floor(index / COLOURS.length)}>
              <title>{`${cell(data.x[index])}: ${count(value)} (${((100 * value) / whole).toFixed(1)} %)`}</title>
            </path>
          );
        })}
      </svg>
      <Legend names={data.x.map((value, index) => `${cell(value)} · ${((100 * values[index]!) / whole).toFixed(1)} %`)} />
    </figure>
  );
}

function slice(from: number, to: number): string {
  const point = (part: number) => `${100 * Math.sin(2 * Math.PI * part)} ${-100 * Math.cos(2 * Math.PI * part)}`;
  return `M 0 0 L ${point(from)} A 100 100 0 ${to - from > 0.5 ? 1 : 0} 1 ${point(to)} Z`;
}

function Legend({ names }: { names: string[] }) {
  return (
    <figcaption className="legend">
      {names.map((name, index) => <span key={name + index}><i style={{ background: colour(index) }} />{name}</span>)}
    </figcaption>
  );
}

function Rows({ data }: { data: ChartData }) {
  const named = data.index.length > 0;
  return (
    <div style={{ overflow: "auto", maxHeight: 320 }}>
      <table className="list">
        <thead><tr>{named && <th />}{data.x.map((name, index) => <th key={index}>{cell(name)}</th>)}</tr></thead>
        <tbody>
          {data.rows.map((row, index) => (
            <tr key={index}>{named && <th>{cell(data.index[index])}</th>}{row.map((value, place) => <td key={place}>{cell(value)}</td>)}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Large numbers as 1.2k, small ones with four digits. */
function short(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e9) return `${(value / 1e9).toFixed(1)}G`;
  if (size >= 1e6) return `${(value / 1e6).toFixed(1)}M`;
  if (size >= 1e4) return `${(value / 1e3).toFixed(1)}k`;
  return Number.isInteger(value) ? String(value) : value.toPrecision(4);
}

function label(data: ChartData, value: Json): string {
  if (data.kind.startsWith("time series")) return new Date(Number(value) * 1000).toISOString().slice(0, 10);
  return typeof value === "number" ? short(value) : cell(value);
}

function named(data: ChartData, index: number): string {
  if (data.kind === "histogram") return `${label(data, data.x[index])} … ${label(data, data.x[index + 1])}`;
  if (data.kind.startsWith("time series")) return `until ${new Date(Number(data.x[index]) * 1000).toISOString().slice(0, 19).replace("T", " ")}`;
  return label(data, data.x[index]);
}

const described = (data: ChartData) =>
  `${data.kind} of ${data.series.map((line) => line.name).join(", ")}, ${data.series[0]?.values.length ?? 0} values`;
