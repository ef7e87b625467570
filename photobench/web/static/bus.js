// Who wants to know of what: "decisions", "list", "place", "away", "back" (the server answers, perhaps again), "runs", and of each finding that is reviewed now or no more, "leaves" and "comes".

const listeners = new Map();

export function on(name, act) {
  listeners.set(name, [...(listeners.get(name) ?? []), act]);
}

export function tell(name, value) {
  for (const act of listeners.get(name) ?? []) act(value);
}

/** Runs once after the next picture is on the screen, however often it is asked for: what may wait must not delay it. */
export function later(act) {
  let waits = false;
  return () => {
    if (waits) return;
    waits = true;
    requestAnimationFrame(() => setTimeout(() => { waits = false; act(); }));
  };
}
