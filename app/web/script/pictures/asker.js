// Questions that pictures ask: one at a time, the last one last.

import { Problem, Unreachable } from "../service/api.js";

/** Return what runs `act`, and once more if it is called meanwhile. What the service refuses leaves the picture as it is. */
export function asker(act) {
  let [isRunning, isWanted] = [false, false];
  return async () => {
    isWanted = true;
    if (isRunning) return;
    isRunning = true;
    try {
      while (isWanted) {
        isWanted = false;
        await act();
      }
    } catch (error) {
      if (!(error instanceof Problem || error instanceof Unreachable)) throw error;
    } finally {
      isRunning = false;
    }
  };
}
