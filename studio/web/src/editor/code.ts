/** The text being edited and the version of the file that it was made from. */
import { useEffect, useRef, useState } from "react";

import { ApiError } from "../api/client";
import { saveFile } from "../api/hooks";
import type { BlockInfo, EditConflict } from "../api/messages.gen";
import { complain } from "../ui/parts";
import { toast } from "../ui/toast";
import { type Draft, drafts } from "./drafts";

const dirtyOf = ({ text, base }: Draft) => text !== base.text;

export function useCode(block: BlockInfo) {
  const [shown, setShown] = useState<Draft>(() => drafts.of(block.path) ?? fresh(block));
  const [conflict, setConflict] = useState<EditConflict | null>(null);
  const latest = useRef(shown);
  const saving = useRef<Promise<boolean>>(Promise.resolve(true));
  const change = (draft: Draft) => {
    latest.current = draft;
    setShown(draft);
    drafts.keep(block.path, dirtyOf(draft) ? draft : null);
  };

  useEffect(() => {
    // Another editor saved the file: follow it, unless there is unsaved work here.
    const { text, base } = latest.current;
    if (block.version === base.version) return;
    if (!dirtyOf(latest.current) || text === block.code) change(fresh(block));
  }, [block.version]);

  const write = async (wanted: string, version: string): Promise<boolean> => {
    try {
      const saved = await saveFile(block.path, wanted, version);
      const typed = latest.current.text; // perhaps more, since saving takes a while
      change({ text: typed === wanted ? saved.text : typed, base: saved });
      setConflict(null);
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.conflict) setConflict(error.conflict);
      else complain(error);
      return false;
    }
  };
  const saveNow = async () => {
    const { text, base } = latest.current;
    return !dirtyOf(latest.current) || ((await write(text, base.version)) && (toast("Saved"), true));
  };
  return {
    text: shown.text,
    dirty: dirtyOf(shown),
    conflict,
    edit: (text: string) => change({ ...latest.current, text }),
    /** One at a time: a second one would be made from a version that the first has replaced. */
    save: () => (saving.current = saving.current.then(saveNow)),
    overwrite: (mine: string) => {
      change({ ...latest.current, text: mine });
      void write(mine, conflict!.version);
    },
    takeTheirs: () => {
      const { theirs, version } = conflict!;
      change({ text: theirs, base: { text: theirs, version } });
      setConflict(null);
    },
    decideLater: () => setConflict(null),
  };
}

const fresh = (block: BlockInfo): Draft => ({
  text: block.code,
  base: { text: block.code, version: block.version },
});
