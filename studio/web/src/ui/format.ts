/** Numbers and times as people read them. */
export function seconds(value: number | null | undefined): string {
  if (value === null || value === undefined) return "";
  if (value < 1) return `${Math.round(value * 1000)} ms`;
  if (value < 60) return `${value.toFixed(1)} s`;
  const minutes = Math.floor(value / 60);
  return minutes < 60
    ? `${minutes} min ${Math.round(value % 60)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined) return "";
  const units = ["B", "KB", "MB", "GB", "TB"];
  let size = value;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit]}`;
}

export const count = (value: number | null | undefined): string =>
  value === null || value === undefined ? "" : value.toLocaleString("en-US");

export const moment = (time: number | null | undefined): string =>
  time ? new Date(time * 1000).toLocaleString([], { dateStyle: "medium", timeStyle: "medium" }) : "";

/** Of what happens at full minutes. */
export const minute = (time: number): string =>
  new Date(time * 1000).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });

export const clock = (time: number): string =>
  new Date(time * 1000).toLocaleTimeString([], { hour12: false });

export function ago(time: number): string {
  const past = Math.max(0, Date.now() / 1000 - time);
  if (past < 5) return "just now";
  if (past < 60) return `${Math.floor(past)} s ago`;
  if (past < 3600) return `${Math.floor(past / 60)} min ago`;
  return past < 86_400 ? `${Math.floor(past / 3600)} h ago` : `${Math.floor(past / 86_400)} days ago`;
}

/** A cell of a table as one line of text. */
export function cell(value: unknown): string {
  if (value === null || value === undefined) return "null";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
