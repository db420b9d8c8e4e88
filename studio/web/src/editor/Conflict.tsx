/** Somebody else changed the file: both versions side by side, and nothing lost. */
import { MergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import { EditorView, lineNumbers } from "@codemirror/view";
import { useEffect, useRef } from "react";

import type { EditConflict } from "../api/messages.gen";
import { Modal } from "../ui/parts";
import { followColours, looking } from "./look";

interface Props {
  conflict: EditConflict;
  onKeepMine: (text: string) => void;
  onTakeTheirs: () => void;
  onClose: () => void;
}

export function Conflict({ conflict, onKeepMine, onTakeTheirs, onClose }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const merge = useRef<MergeView | null>(null);
  useEffect(() => {
    const view = new MergeView({
      a: { doc: conflict.theirs, extensions: [lineNumbers(), looking(), EditorState.readOnly.of(true)] },
      b: { doc: conflict.yours, extensions: [lineNumbers(), looking(), EditorView.editable.of(true)] },
      parent: place.current!,
      collapseUnchanged: {},
    });
    merge.current = view;
    const stop = followColours(view.a, view.b);
    return () => {
      stop();
      view.destroy();
    };
  }, [conflict]);
  const mine = () => onKeepMine(merge.current?.b.state.doc.toString() ?? conflict.yours);
  return (
    <Modal title="The file changed" onClose={onClose}>
      <div className="content">
        <h1>{conflict.path} changed since you opened it</h1>
        <p className="muted">Left: what the file holds now. Right: yours, still editable.</p>
        <div ref={place} style={{ maxHeight: "50vh", overflow: "auto" }} />
        <footer>
          <button className="button" onClick={onClose}>Decide later</button>
          <button className="button" onClick={onTakeTheirs}>Take theirs</button>
          <button className="button primary" onClick={mine}>Save the right side</button>
        </footer>
      </div>
    </Modal>
  );
}
