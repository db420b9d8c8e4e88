/** The pipeline's own variables: what every block gets in its keyword arguments. */
import { type FormEvent, useState } from "react";

import { usePipelineChanges } from "../api/hooks";
import type { Json, PipelineInfo } from "../api/messages.gen";
import { complain } from "../ui/parts";
import { toast } from "../ui/toast";

export function Variables({ info }: { info: PipelineInfo }) {
  const [text, setText] = useState(JSON.stringify(info.variables, null, 2));
  const [was, setWas] = useState({ variables: info.variables });
  const changes = usePipelineChanges(info.id);
  const elsewhere = JSON.stringify(info.variables) !== JSON.stringify(was.variables);
  const take = () => {
    setText(JSON.stringify(info.variables, null, 2));
    setWas({ variables: info.variables });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    let variables: Json;
    try {
      variables = JSON.parse(text);
    } catch (error) {
      complain(new Error(`Not JSON: ${String(error)}`));
      return;
    }
    changes.change.mutate({ variables, was }, {
      onError: complain,
      onSuccess: (now) => {
        setWas({ variables: now.variables });
        toast("Saved");
      },
    });
  };
  return (
    <form onSubmit={submit} style={{ display: "grid", gap: 10 }}>
      <label className="field">Variables (JSON)<textarea className="input mono" rows={12} value={text} onChange={(event) => setText(event.target.value)} /></label>
      {elsewhere && <div className="problem" role="alert">
        <div>Somebody changed the variables meanwhile. They are now:</div>
        <pre>{JSON.stringify(info.variables, null, 2)}</pre>
        <div className="row"><button type="button" className="button small" onClick={() => setWas({ variables: info.variables })}>Keep mine</button><button type="button" className="button small" onClick={take}>Take theirs</button></div>
      </div>}
      <div className="row"><button className="button primary" disabled={elsewhere || changes.change.isPending}>{changes.change.isPending ? "Saving…" : "Save"}</button></div>
    </form>
  );
}
