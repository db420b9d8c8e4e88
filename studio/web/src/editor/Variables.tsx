/** The pipeline's own variables: what every block gets in its keyword arguments. */
import { type FormEvent, useState } from "react";

import { usePipelineChanges } from "../api/hooks";
import type { Json, PipelineInfo } from "../api/messages.gen";
import { complain } from "../ui/parts";
import { toast } from "../ui/toast";

export function Variables({ info }: { info: PipelineInfo }) {
  const [text, setText] = useState(JSON.stringify(info.variables, null, 2));
  const changes = usePipelineChanges(info.id);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    let variables: Json;
    try {
      variables = JSON.parse(text);
    } catch (error) {
      complain(new Error(`Not JSON: ${String(error)}`));
      return;
    }
    changes.change.mutate({ variables }, { onError: complain, onSuccess: () => toast("Saved") });
  };
  return (
    <form onSubmit={submit} style={{ display: "grid", gap: 10 }}>
      <label className="field">Variables (JSON)<textarea className="input mono" rows={12} value={text} onChange={(event) => setText(event.target.value)} /></label>
      <div className="row"><button className="button primary">Save</button></div>
    </form>
  );
}
