/** What was typed in this tab and is not saved yet. */
import { Kept } from "./kept";

export interface Draft {
  text: string;
  /** What the file held when the typing began. */
  base: { text: string; version: string };
}

/** A block's settings as they stand in the form. */
export interface Settings {
  name: string;
  upstream: string[];
  retries: number;
  timeout: string;
  configuration: string;
  /** What they were made from. */
  was: { upstream: string[]; configuration: Record<string, unknown> };
}

/** Code by the path of its file. */
export const drafts = new Kept<Draft>("blocklift drafts");

/** Settings by `settingsKey`. */
export const settingsDrafts = new Kept<Settings>("blocklift settings");

export const settingsKey = (pipeline: string, block: string) => `${pipeline} ${block}`;
