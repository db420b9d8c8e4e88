/** The Workflows definition that this pipeline compiles to. */
import { useDefinition } from "../api/hooks";
import { Command, Failed, Loading } from "../ui/parts";
import { CodeEditor } from "./CodeEditor";

export function Definition({ pipeline }: { pipeline: string }) {
  const definition = useDefinition(pipeline);
  if (definition.isPending) return <Loading />;
  if (definition.error) return <Failed error={definition.error} />;
  return (
    <>
      <div className="row"><Command text={`blocklift compile . ${pipeline}`} /></div>
      {definition.data.notes.map((note) => <p className="muted" key={note}>{note}</p>)}
      <CodeEditor label="Workflows definition" language="yaml" text={definition.data.text} readOnly />
    </>
  );
}
