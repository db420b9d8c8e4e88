// Made from studio/server/messages by `python -m studio.server.generate`.
export type Json = any;

export interface BucketInfo {
  name: string;
  created: number;
}

export interface ConnectionTest {
  service: string;
  ok: boolean;
  said: string;
}

export interface ObjectInfo {
  bucket: string;
  name: string;
  bytes: number;
  updated: number;
}

export interface ProcessInfo {
  service: string;
  pid: number;
  requests: number;
  memory: number;
}

export interface ProfileInfo {
  name: string;
  path: string;
  asks_for: string[];
}

export interface SecretInfo {
  name: string;
  set: boolean;
  used_by: string[];
}

export interface TableInfo {
  schema: string;
  name: string;
  rows: number | null;
}

export interface ChangeInfo {
  action: string;
  key: string;
  reason: string;
  fields: string[];
}

export interface CostInfo {
  currency: string;
  prices_of: string;
  items: CostItem[];
  runs: Record<string, number>;
  full: number;
  pay: number;
  notes: string[];
}

export interface CostItem {
  title: string;
  quantity: number;
  unit: string;
  free: number;
  full: number;
  pay: number;
}

export interface DeploymentInfo {
  number: number;
  began: string;
  by: string;
  commit: string;
  purpose: string;
  back_to: number;
  changes: string[];
  ended: boolean;
}

export interface PlanInfo {
  target: string;
  changes: ChangeInfo[];
  counts: Record<string, number>;
  notes?: string[];
  left_out?: Record<string, Problem[]>;
}

export interface RightInfo {
  account: string;
  purpose: string;
  role: string;
  on: string;
  condition: string;
  why: string;
}

export interface BlockChange {
  name?: string | null;
  upstream?: string[] | null;
  configuration?: Record<string, Json> | null;
  retry?: Record<string, Json> | null;
  timeout?: number | null;
  was?: Record<string, Json> | null;
}

export interface BlockInfo {
  id: string;
  name: string;
  kind: string;
  language: string;
  path: string;
  upstream: string[];
  configuration: Record<string, Json>;
  retry: Record<string, Json>;
  timeout: number | null;
  color: string | null;
  shared_with: string[];
  code: string;
  version: string;
  attached_to: string[];
  job?: boolean;
}

export interface DebugInfo {
  host: string;
  port: number;
  launch: string;
}

export interface EditConflict {
  path: string;
  yours: string;
  theirs: string;
  version: string;
}

export interface FileText {
  path: string;
  text: string;
  version: string;
}

export interface NewBlock {
  name: string;
  kind: string;
  language: string;
  template: string;
  upstream: string[];
  color?: string | null;
}

export interface PipelineInfo {
  id: string;
  name: string;
  description: string;
  blocks: BlockInfo[];
  variables: Record<string, Json>;
  triggers: TriggerInfo[];
  problems: Problem[];
  version: string;
  mermaid: string;
  notes: string[];
}

export interface Template {
  id: string;
  title: string;
  group: string;
  kind: string;
  language: string;
  code: string;
  configuration: Record<string, Json>;
}

export interface ChartChange {
  name?: string | null;
  block?: string | null;
  configuration?: Record<string, Json> | null;
  code?: string | null;
}

export interface ChartData {
  kind: string;
  x: Json[];
  series: Series[];
  rows: Json[][];
  index: Json[];
  total: number;
  read: number;
  note: string;
}

export interface ChartInfo {
  id: string;
  name: string;
  kind: string;
  block: string;
  configuration: Record<string, Json>;
  code: string;
  path: string;
  version: string;
}

export interface Column {
  name: string;
  type: string;
}

export interface ColumnProfile {
  name: string;
  type: string;
  nulls: number;
  distinct: number;
  min: Json;
  max: Json;
  mean: number | null;
  histogram: number[];
  edges: Json[];
}

export interface OutputInfo {
  number: number;
  format: string;
  rows: number | null;
  bytes: number;
  preview: Json;
}

export interface Page {
  columns: Column[];
  rows: Json[][];
  offset: number;
  total: number;
}

export interface Series {
  name: string;
  values: Json[];
}

export interface TestInfo {
  name: string;
  passed: boolean;
  message: string;
}

export interface Activity {
  last_runs: Record<string, RunSummary[]>;
  curls: Record<string, Record<string, string>>;
  error?: string;
  clocks?: Record<string, Record<string, Clock>>;
}

export interface Clock {
  paused: boolean;
  by_hand: boolean;
}

export interface PipelineSummary {
  id: string;
  name: string;
  description: string;
  type: string;
  blocks: number;
  tags: string[];
  triggers: TriggerInfo[];
  last_runs: RunSummary[];
  problems: number;
}

export interface ProjectInfo {
  name: string;
  root: string;
  target: string;
  targets: string[];
  pipelines: PipelineSummary[];
  problems: Problem[];
}

export interface TriggerChange {
  name?: string | null;
  kind?: string | null;
  interval?: string | null;
  active?: boolean | null;
  description?: string | null;
  variables?: Record<string, Json> | null;
  matchers?: Record<string, Json>[] | null;
}

export interface TriggerInfo {
  name: string;
  kind: string;
  active: boolean;
  interval: string | null;
  next_times: number[];
  curl: string | null;
  description?: string;
  variables?: Record<string, Json>;
  matchers?: Record<string, Json>[];
}

export interface BackfillSlot {
  date: string;
  state: string;
  run: string;
  seconds: number;
}

export interface BlockRun {
  block: string;
  state: "pending" | "running" | "waiting" | "done" | "failed" | "skipped" | "upstream_failed" | "not_run";
  started: number | null;
  seconds: number | null;
  peak_bytes: number | null;
  outputs: OutputInfo[];
  tests: TestInfo[];
  failure: Failure | null;
  attempt?: number;
}

export interface Comparison {
  before: RunInfo;
  after: RunInfo;
  schemas: SchemaChange[];
  unread: string[];
}

export interface Event {
  id: number;
  type: "files_changed" | "block_run" | "run_changed" | "log" | "deploy" | "toast" | "ping";
  data?: Record<string, Json>;
}

export interface Failure {
  kind: string;
  type: string;
  message: string;
  file: string;
  line: number;
  traceback: string[];
}

export interface LogLine {
  time: number;
  severity: string;
  block: string;
  message: string;
}

export interface RunInfo {
  id: string;
  pipeline: string;
  state: "queued" | "active" | "succeeded" | "failed" | "cancelled" | "skipped";
  started: number;
  ended: number | null;
  variables: Record<string, Json>;
  blocks: BlockRun[];
  error: string;
  current_steps: string[];
  note?: string;
}

export interface RunSummary {
  id: string;
  pipeline: string;
  state: "queued" | "active" | "succeeded" | "failed" | "cancelled" | "skipped";
  started: number;
  ended: number | null;
  trigger: string;
  error: string;
  note?: string;
}

export interface SchemaChange {
  block: string;
  output: number;
  added: Column[];
  removed: Column[];
  retyped: string[][];
}

export interface StepInfo {
  routine: string;
  step: string;
  kind: string;
  state: string;
  started: number;
  ended: number | null;
  note: string;
}

export type BlockState = "pending" | "running" | "waiting" | "done" | "failed" | "skipped" | "upstream_failed" | "not_run";

export interface Problem {
  path: string;
  line: number;
  message: string;
  hint: string;
}

export type RunState = "queued" | "active" | "succeeded" | "failed" | "cancelled" | "skipped";
