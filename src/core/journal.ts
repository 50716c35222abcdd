export type JournalFacts = Readonly<Record<string, unknown>>;

/** What a long-running program tells: one line for a person, or the same with its facts for a machine. */
export type Journal = {
  readonly debug: Tell;
  readonly info: Tell;
  readonly warn: Tell;
  readonly error: Tell;
  /** One request of the server; told to machines alone. */
  readonly request: (facts: JournalFacts) => void;
};

/** @param event a fixed word for machines. @param message the whole line for people */
type Tell = (event: string, message: string, facts?: JournalFacts) => void;

export const silentJournal: Journal = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  request: () => undefined,
};
