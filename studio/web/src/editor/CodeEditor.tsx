/** The code editor; its library comes after the graph, which is what a reader looks for first. */
import { lazy, Suspense } from "react";

import type { Props } from "./CodeMirror";

const CodeMirror = lazy(() => import("./CodeMirror"));

export function CodeEditor(props: Props) {
  return (
    <Suspense fallback={<pre className="code" style={{ padding: 10, maxHeight: 460, overflow: "auto" }}>{props.text}</pre>}>
      <CodeMirror {...props} />
    </Suspense>
  );
}
