/** Ways to start a chart: Mage's kinds, and tables that a few lines of Python make. */
import type { Json } from "../api/messages.gen";

export interface Preset {
  title: string;
  configuration: Record<string, Json>;
  code: string;
}

const SUMMARY = `headers = ['value']
stats = ['Rows', 'Columns', 'Missing cells', 'Rows that are complete']
rows = [
    [len(df_1.index)],
    [len(df_1.columns)],
    [int(df_1.isnull().sum().sum())],
    [int(df_1.notnull().all(axis=1).sum())],
]
`;
const FREQUENT = `columns = ['most frequent value', 'times', '% of values']
column_index = []
rows = []
for name in df_1.columns:
    counts = df_1[name].astype(str).value_counts()
    if len(counts):
        column_index.append(name)
        rows.append([counts.index[0], int(counts.iloc[0]), round(100 * counts.iloc[0] / counts.sum(), 2)])
`;
const CUSTOM = `@data_source
def rows(df):
    return df


@xy
def points(df):
    return list(range(len(df.columns))), [int(df[name].count()) for name in df.columns]
`;
const metrics: Json[] = [];

export const PRESETS: Preset[] = [
  { title: "Histogram", configuration: { buckets: 10, chart_type: "histogram", group_by: [], x: "x" }, code: "" },
  { title: "Bar chart", configuration: { chart_style: "vertical", chart_type: "bar chart", group_by: [], metrics, x: "x", y: "y" }, code: "" },
  { title: "Line chart", configuration: { chart_type: "line chart", group_by: [], metrics, x: "x", y: "y" }, code: "" },
  { title: "Pie chart", configuration: { buckets: 7, chart_type: "pie chart", group_by: [], x: "x" }, code: "" },
  { title: "Table", configuration: { chart_type: "table", group_by: [], limit: 10, order_by: [] }, code: "" },
  { title: "Time series, bars", configuration: { chart_type: "time series bar chart", group_by: [], metrics, time_interval: "day" }, code: "" },
  { title: "Time series, lines", configuration: { chart_type: "time series line chart", group_by: [], metrics, time_interval: "day" }, code: "" },
  { title: "Summary", configuration: { chart_type: "table", index: "stats", x: "headers", y: "rows" }, code: SUMMARY },
  { title: "Most frequent values", configuration: { chart_type: "table", index: "column_index", x: "columns", y: "rows" }, code: FREQUENT },
  { title: "Custom Python", configuration: { chart_type: "bar chart", x: "x", y: "y" }, code: CUSTOM },
];

export const AGGREGATIONS = ["average", "count", "count_distinct", "max", "median", "min", "mode", "sum"];
export const INTERVALS = ["original", "second", "minute", "hour", "day", "week", "month", "year"];
