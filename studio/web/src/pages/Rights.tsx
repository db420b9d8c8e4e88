/** Which accounts a deployment makes, and the least that each may do. */
import { useState } from "react";

import { useRights } from "../api/hooks";
import type { RightInfo } from "../api/messages.gen";
import { Command, Failed, Loading, Panel } from "../ui/parts";

/** Asked for only when wanted: all pipelines are compiled for it. */
export function Rights() {
  const [wanted, want] = useState(false);
  const rights = useRights(wanted);
  return (
    <Panel title="Rights that it needs" aside={<>
      <Command text="blocklift plan . --json" />
      {!wanted && <button className="button small" onClick={() => want(true)}>Show rights</button>}
    </>}>
      {!wanted && <p className="muted">Every pipeline's blocks run as an account of their own that reaches only what they ask for.</p>}
      {wanted && rights.isPending && <Loading />}
      {rights.error && <Failed error={rights.error} />}
      {rights.data && <div style={{ maxHeight: 480, overflow: "auto" }}>{byAccount(rights.data).map(([account, own]) => <Account key={account} account={account} rights={own} />)}</div>}
    </Panel>
  );
}

function Account({ account, rights }: { account: string; rights: RightInfo[] }) {
  return (
    <div>
      <h3><code>{account.split("@")[0]}</code> <span className="muted">{rights[0]!.purpose || (account === "allUsers" ? "anybody who knows the address and its token" : "")}</span></h3>
      <table className="list" style={{ tableLayout: "fixed" }}>
        <tbody>
          {rights.map((right) => (
            <tr key={right.role + right.on + right.condition}>
              <td style={{ width: "32%" }}><code>{right.role}</code></td>
              <td style={{ width: "34%" }}>{right.on}</td>
              <td className="muted">{right.why}{right.condition && <div><code style={{ overflowWrap: "anywhere" }}>{right.condition}</code></div>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function byAccount(rights: RightInfo[]): [string, RightInfo[]][] {
  const found = new Map<string, RightInfo[]>();
  for (const right of rights) found.set(right.account, [...(found.get(right.account) ?? []), right]);
  return [...found];
}
