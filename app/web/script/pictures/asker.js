// Questions that pictures ask: one at a time, the last one last.

import { isShown, state } from "../data/state.js";
import { Problem, Unreachable } from "../service/api.js";

/**
 * Return what asks if there is a version to ask, and once more if it is called meanwhile. `show(found)` is called with what
 * `ask(state)` has found, unless another version is shown by then. What the service refuses leaves the picture as it is.
 */
export function asker(ask, show) {
  let [isRunning, isWanted] = [false, false];
  return async () => {
    isWanted = true;
    if (isRunning) return;
    isRunning = true;
    try {
      while (isWanted) {
        isWanted = false;
        const asked = state();
        if (asked.version === null) break;
        const found = await ask(asked);
        if (isShown(asked)) show(found);
      }
    } catch (error) {
      if (!(error instanceof Problem || error instanceof Unreachable)) throw error;
    } finally {
      isRunning = false;
    }
  };
}
