/** A button's work, once at a time: what is pressed again meanwhile is not heard. */
import { useRef, useState } from "react";

import { complain } from "./parts";

export function useOnce(): [boolean, (work: () => Promise<unknown>) => void] {
  const [busy, setBusy] = useState(false);
  const going = useRef(false);
  const once = (work: () => Promise<unknown>) => {
    if (going.current) return;
    going.current = true;
    setBusy(true);
    work()
      .catch(complain)
      .finally(() => {
        going.current = false;
        setBusy(false);
      });
  };
  return [busy, once];
}
