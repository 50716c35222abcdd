import type { AptlyConfig } from '../config/aptly-schema.ts';

/** Standard output of a command: text, or with `log_format: json` one object a line for what aptly tells as progress. */
export class Output {
  readonly #stream: NodeJS.WritableStream;
  readonly #now: () => Date;
  #form: 'text' | 'json' | 'silent' = 'text';

  constructor(stream: NodeJS.WritableStream, now: () => Date = () => new Date()) {
    this.#stream = stream;
    this.#now = now;
  }

  /** From here on as the configuration has it (spec/cli.md 1.5): `log_level` counts in JSON only. */
  logAs({ logFormat, logLevel }: Pick<AptlyConfig, 'logFormat' | 'logLevel'>): void {
    if (logFormat !== 'json') this.#form = 'text';
    else this.#form = quietLevels.has(logLevel.toLowerCase()) ? 'silent' : 'json';
  }

  write(text: string): void {
    if (this.#form === 'text') this.#stream.write(text);
    if (this.#form !== 'json') return;
    const time = this.#now()
      .toISOString()
      .replace(/\.\d+Z$/, 'Z');
    for (const message of text.split('\n')) {
      if (message.trim() !== '') this.#stream.write(`${JSON.stringify({ level: 'info', time, message })}\n`);
    }
  }
}

/** Levels above info, at which aptly tells no progress. */
const quietLevels: ReadonlySet<string> = new Set(['warn', 'warning', 'error', 'fatal', 'panic', 'disabled']);

/** The commands whose text aptly tells through its progress printer; lists, objects and JSON of others are plain. */
export const loggedCommands: ReadonlySet<string> = new Set([
  'db cleanup',
  'db recover',
  'mirror update',
  'publish repo',
  'publish snapshot',
  'publish switch',
  'publish update',
  'repo add',
  'repo copy',
  'repo import',
  'repo include',
  'repo move',
  'repo remove',
  'task run',
]);
