/** Time for what happens by schedule; tests have their own. */
export type Clock = {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Calls once after that many milliseconds, unless the function that comes back is called before. */
  readonly after: (milliseconds: number, call: () => void) => () => void;
};

export const systemClock: Clock = {
  now: Date.now,
  after(milliseconds, call) {
    const timer = setTimeout(call, milliseconds);
    return () => clearTimeout(timer);
  },
};
