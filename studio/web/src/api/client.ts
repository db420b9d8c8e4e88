/** One way to ask the server; every refusal becomes an `ApiError` that a person can read. */
import type { EditConflict } from "./messages.gen";

export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly hint: string,
    readonly conflict: EditConflict | null = null,
  ) {
    super(message);
  }
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export async function ask<T>(method: Method, path: string, body?: unknown): Promise<T> {
  const answer = await send(method, path, body);
  const text = await answer.text();
  const data = parse(text);
  if (answer.ok) return data as T;
  throw refusal(answer.status, data);
}

async function send(method: Method, path: string, body: unknown): Promise<Response> {
  try {
    return await fetch(path, {
      method,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new ApiError(0, "Studio's server does not answer.", "Is `blocklift up` still running?");
  }
}

function parse(text: string): unknown {
  try {
    return text ? JSON.parse(text) : {};
  } catch {
    return { error: { message: text.slice(0, 500) } };
  }
}

function refusal(status: number, data: unknown): ApiError {
  const answer = data as { error?: { message?: string; hint?: string }; conflict?: EditConflict };
  const message = answer.error?.message ?? `The server answered ${status}.`;
  return new ApiError(status, message, answer.error?.hint ?? "", answer.conflict ?? null);
}

/** Block uuids may hold `/`; in a path they are one segment. */
export const segment = encodeURIComponent;

export function query(values: Record<string, string | number | undefined>): string {
  const used = Object.entries(values).filter(([, value]) => value !== undefined && value !== "");
  const text = new URLSearchParams(used.map(([key, value]) => [key, String(value)])).toString();
  return text ? `?${text}` : "";
}
