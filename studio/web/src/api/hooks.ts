/** What pages read and change; the server's events say when to read again. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { ApiError, ask, query, segment } from "./client";
import type {
  Activity,
  BackfillSlot,
  BlockChange,
  ChartChange,
  ChartData,
  BucketInfo,
  ChartInfo,
  ColumnProfile,
  Comparison,
  ConnectionTest,
  CostInfo,
  DebugInfo,
  DeploymentInfo,
  FileText,
  Json,
  LogLine,
  NewBlock,
  ObjectInfo,
  Page,
  PipelineInfo,
  PlanInfo,
  ProcessInfo,
  ProfileInfo,
  ProjectInfo,
  RightInfo,
  RunInfo,
  RunSummary,
  SecretInfo,
  StepInfo,
  TableInfo,
  Template,
  TriggerChange,
} from "./messages.gen";

const get = <T>(path: string) => () => ask<T>("GET", path);
const pipelinePath = (pipeline: string) => `/api/pipelines/${segment(pipeline)}`;
const runPath = (pipeline: string, run: string) => `/api/runs/${segment(pipeline)}/${segment(run)}`;

/** From the files alone: there at once. */
export const useProject = () =>
  useQuery({ queryKey: ["project"], queryFn: get<ProjectInfo>("/api/project") });

/** From the target, which may have to start first. */
export const useActivity = () =>
  useQuery({ queryKey: ["activity"], queryFn: get<Activity>("/api/project/activity") });

export const useNextTimes = (interval: string) =>
  useQuery({
    queryKey: ["next_times", interval],
    queryFn: get<number[]>(`/api/next_times${query({ interval })}`),
    enabled: interval !== "",
    retry: false,
  });

const pipelineQuery = (pipeline: string) => ({
  queryKey: ["pipeline", pipeline],
  queryFn: get<PipelineInfo>(pipelinePath(pipeline)),
});

export const usePipeline = (pipeline: string) => useQuery(pipelineQuery(pipeline));

/** Asks already while the pointer is on the link. */
export function usePipelineSoon(pipeline: string) {
  const client = useQueryClient();
  return () => void client.prefetchQuery(pipelineQuery(pipeline));
}

export const useTemplates = () =>
  useQuery({
    queryKey: ["templates"],
    queryFn: get<Template[]>("/api/templates"),
    staleTime: Infinity,
  });

export const useRuns = (pipeline?: string, state?: string) =>
  useQuery({
    queryKey: ["runs", pipeline ?? "", state ?? ""],
    queryFn: get<RunSummary[]>(`/api/runs${query({ pipeline, state, limit: 200 })}`),
  });

/** A run that is still going on is read again every second, should events be lost. */
export const useRun = (pipeline: string, run: string) =>
  useQuery({
    queryKey: ["run", pipeline, run],
    queryFn: get<RunInfo>(runPath(pipeline, run)),
    refetchInterval: (found) => (isLive(found.state.data) ? 1000 : false),
    retry: (count, error) => !(error instanceof ApiError && error.status === 404) && count < 2,
  });

const isLive = (run?: RunInfo) => run?.state === "active" || run?.state === "queued";

export const useLogs = (pipeline: string, run: string, block: string, live: boolean) =>
  useQuery({
    queryKey: ["logs", pipeline, run, block],
    queryFn: get<LogLine[]>(`${runPath(pipeline, run)}/logs${query({ block })}`),
    refetchInterval: live ? 1500 : false,
  });

const outputPath = (pipeline: string, run: string, block: string, number: number) =>
  `${runPath(pipeline, run)}/blocks/${segment(block)}/outputs/${number}`;

export const readPage = (
  pipeline: string,
  run: string,
  block: string,
  number: number,
  offset: number,
  limit: number,
) => ask<Page>("GET", `${outputPath(pipeline, run, block, number)}${query({ offset, limit })}`);

export const useProfile = (
  pipeline: string,
  run: string,
  block: string,
  number: number,
  stamp: string,
) =>
  useQuery({
    queryKey: ["profile", pipeline, run, block, number, stamp],
    queryFn: get<ColumnProfile[]>(`${outputPath(pipeline, run, block, number)}/profile`),
  });

const chartsPath = (pipeline: string) => `${pipelinePath(pipeline)}/charts`;

export const useCharts = (pipeline: string) =>
  useQuery({ queryKey: ["charts", pipeline], queryFn: get<ChartInfo[]>(chartsPath(pipeline)) });

/** Drawn anew when the chart or its block's output changes. */
export const useChartData = (pipeline: string, chart: ChartInfo, stamp: string) =>
  useQuery({
    queryKey: ["chart", pipeline, chart.id, chart.version, chart.block, chart.configuration, stamp],
    queryFn: get<ChartData>(`${chartsPath(pipeline)}/${segment(chart.id)}/data`),
    retry: false,
  });

export const changeChart = (
  pipeline: string,
  method: "POST" | "PATCH" | "DELETE",
  chart: string | null,
  change?: ChartChange,
) =>
  ask<ChartInfo[]>(method, chartsPath(pipeline) + (chart ? `/${segment(chart)}` : ""), change);

/** Columns of what a block left when it was last run here; none before. */
export const useColumns = (pipeline: string, block: string) =>
  useQuery({
    queryKey: ["columns", pipeline, block],
    queryFn: () =>
      readPage(pipeline, "studio", block, 0, 0, 1).then((page) =>
        page.columns.map((column) => column.name),
      ),
    enabled: block !== "",
    retry: false,
  });

/** Of all pipelines, or only of those that can be deployed. */
export const usePlan = (skip_refused: boolean) =>
  useQuery({
    queryKey: ["plan", skip_refused],
    queryFn: get<PlanInfo>(`/api/plan${query({ skip_refused: skip_refused ? 1 : "" })}`),
    retry: false,
  });

export const useRights = (wanted: boolean) =>
  useQuery({ queryKey: ["rights"], queryFn: get<RightInfo[]>("/api/rights"), enabled: wanted, retry: false });

export const useDefinition = (pipeline: string) =>
  useQuery({
    queryKey: ["definition", pipeline],
    queryFn: get<{ text: string; notes: string[] }>(`/api/definition/${segment(pipeline)}`),
  });

export const useSecrets = () =>
  useQuery({ queryKey: ["secrets"], queryFn: get<SecretInfo[]>("/api/secrets") });

export const useTables = () =>
  useQuery({
    queryKey: ["tables"],
    queryFn: get<TableInfo[]>("/api/console/tables"),
    retry: false,
  });

export const useBigQueryTables = () =>
  useQuery({
    queryKey: ["bigquery"],
    queryFn: get<TableInfo[]>("/api/console/bigquery"),
    retry: false,
  });

export const useBuckets = () =>
  useQuery({
    queryKey: ["buckets"],
    queryFn: get<BucketInfo[]>("/api/console/buckets"),
    retry: false,
  });

export const useObjects = (bucket: string, prefix: string) =>
  useQuery({
    queryKey: ["objects", bucket, prefix],
    queryFn: get<ObjectInfo[]>(`/api/console/objects${query({ bucket, prefix })}`),
    retry: false,
  });

/** Processes come and go: looked at every two seconds while somebody looks on. */
export const useProcesses = () =>
  useQuery({
    queryKey: ["processes"],
    queryFn: get<ProcessInfo[]>("/api/console/processes"),
    refetchInterval: 2000,
    retry: false,
  });

export const askQuery = (box: "query" | "bigquery", sql: string) =>
  ask<Page>("POST", `/api/console/${box}`, { sql });

export const useSteps = (pipeline: string, run: string, live: boolean) =>
  useQuery({
    queryKey: ["steps", pipeline, run, live],
    queryFn: get<StepInfo[]>(`${runPath(pipeline, run)}/steps`),
    refetchInterval: live ? 1500 : false,
    retry: false,
  });

export const useComparison = (pipeline: string, before: string, after: string) =>
  useQuery({
    queryKey: ["compare", pipeline, before, after],
    queryFn: get<Comparison>(`/api/compare/${segment(pipeline)}${query({ before, after })}`),
  });

export const search = (text: string) =>
  ask<{ kind: string; title: string; path: string }[]>("GET", `/api/search${query({ q: text })}`);

/** Changes of a pipeline answer with the whole pipeline, which becomes what is shown. */
export function usePipelineChanges(pipeline: string) {
  const client = useQueryClient();
  const shown = (info: PipelineInfo) => {
    client.setQueryData(["pipeline", pipeline], info);
    void client.invalidateQueries({ queryKey: ["project"] });
  };
  const blocks = `${pipelinePath(pipeline)}/blocks`;
  return {
    addBlock: useMutation({
      mutationFn: (block: NewBlock) => ask<PipelineInfo>("POST", blocks, block),
      onSuccess: shown,
    }),
    changeBlock: useMutation({
      mutationFn: ({ block, change }: { block: string; change: BlockChange }) =>
        ask<PipelineInfo>("PATCH", `${blocks}/${segment(block)}`, change),
      onSuccess: shown,
    }),
    removeBlock: useMutation({
      mutationFn: (block: string) =>
        ask<PipelineInfo>("DELETE", `${blocks}/${segment(block)}`),
      onSuccess: shown,
    }),
    change: useMutation({
      mutationFn: (change: Json) => ask<PipelineInfo>("PATCH", pipelinePath(pipeline), change),
      onSuccess: shown,
    }),
  };
}

export const saveFile = (path: string, text: string, version: string) =>
  ask<FileText>("PUT", `/api/files/${path.split("/").map(segment).join("/")}`, { text, version });

export const createPipeline = (id: string, copy_of?: string) =>
  ask<PipelineInfo>("POST", "/api/pipelines", { id, copy_of });

const triggerPath = (pipeline: string, trigger: string) =>
  `${pipelinePath(pipeline)}/triggers/${segment(trigger)}`;

export const addTrigger = (pipeline: string, wanted: TriggerChange) =>
  ask<PipelineInfo>("POST", `${pipelinePath(pipeline)}/triggers`, wanted);

export const changeTrigger = (pipeline: string, trigger: string, change: TriggerChange) =>
  ask<PipelineInfo>("PATCH", triggerPath(pipeline, trigger), change);

export const removeTrigger = (pipeline: string, trigger: string) =>
  ask<PipelineInfo>("DELETE", triggerPath(pipeline, trigger));

/** Holds a deployed schedule, or lets it go, whatever triggers.yaml says. */
export const holdTrigger = (pipeline: string, trigger: string, paused: boolean) =>
  ask<object>("POST", `${pipelinePath(pipeline)}/holds/${segment(trigger)}`, { paused });

export const deletePipeline = (id: string) => ask<object>("DELETE", pipelinePath(id));

/** A run that began, and a word on what it runs when that is not what the files say. */
export interface Started {
  run: string;
  note: string;
}

export const startRun = (pipeline: string, variables: Json) =>
  ask<Started>("POST", `${pipelinePath(pipeline)}/run`, { variables });

export const runBlock = (pipeline: string, block: string, upstream: boolean) =>
  ask<{ run: string }>("POST", `${pipelinePath(pipeline)}/blocks/${segment(block)}/run`, {
    variables: {},
    upstream,
  });

export const stopBlock = (pipeline: string, block: string) =>
  ask<object>("POST", `${pipelinePath(pipeline)}/blocks/${segment(block)}/stop`, {});

export const retryRun = (pipeline: string, run: string) =>
  ask<Started>("POST", `${runPath(pipeline, run)}/retry`, {});

export const cancelRun = (pipeline: string, run: string) =>
  ask<{ run: string }>("POST", `${runPath(pipeline, run)}/cancel`, {});

export const deploy = (skip_refused: boolean) =>
  ask<object>("POST", "/api/deploy", { skip_refused });

export const useDeployments = () =>
  useQuery({
    queryKey: ["deployments"],
    queryFn: get<DeploymentInfo[]>("/api/deployments"),
    retry: false,
  });

export const wayBack = (number: number) => ask<PlanInfo>("GET", `/api/deployments/${number}/back`);

export const rollBack = (number: number) => ask<object>("POST", `/api/deployments/${number}/back`, {});

export const useCost = (runs_per_day: string, wanted: boolean) =>
  useQuery({
    queryKey: ["cost", runs_per_day],
    queryFn: get<CostInfo>(`/api/cost${query({ runs_per_day })}`),
    enabled: wanted,
    retry: false,
  });

export interface BackfillWish {
  first: string;
  last: string;
  every: string;
  at_once: number;
}

const backfillPath = (pipeline: string) => `/api/backfill/${segment(pipeline)}`;

export const useBackfill = (pipeline: string, wish: BackfillWish) =>
  useQuery({
    queryKey: ["backfill", pipeline, wish],
    queryFn: get<BackfillSlot[]>(`${backfillPath(pipeline)}${query({ ...wish })}`),
    enabled: wish.first !== "" && wish.last !== "",
    refetchInterval: 2000,
    retry: false,
  });

export const startBackfill = (pipeline: string, wish: BackfillWish) =>
  ask<object>("POST", backfillPath(pipeline), wish);

export const useConnections = () =>
  useQuery({ queryKey: ["connections"], queryFn: get<ProfileInfo[]>("/api/connections") });

export const testConnection = (profile: string) =>
  ask<ConnectionTest[]>("POST", `/api/connections/${segment(profile)}/test`, {});

export const debugBlock = (pipeline: string, block: string) =>
  ask<DebugInfo>("POST", `${pipelinePath(pipeline)}/blocks/${segment(block)}/debug`, {});
