import type { FlagValues, Handler } from '../../src/cli/command.ts';
import type { ProgressEvent } from '../../src/core/progress.ts';

export type Answer = {
  /** Standard output as it would be: what was printed on the way, then the lines. */
  readonly stdout: string;
  readonly events: readonly ProgressEvent[];
};

/**
 * Runs the handler of a command as the command line does.
 * @param config path of the configuration file
 * @throws what the handler throws; what it printed before is in the property `stdout` of the error
 */
export async function invoke(
  run: Handler,
  { config, args = [], flags = {} }: InvokeOptions,
): Promise<Answer> {
  const printed: string[] = [];
  const events: ProgressEvent[] = [];
  const values: FlagValues = new Map(Object.entries({ config, ...flags }));
  try {
    const { lines, bytes } = await run({
      root: { kind: 'group', name: 'espejo', summary: '', flags: [], commands: [] },
      args,
      flags: values,
      env: {},
      cwd: '/',
      signal: new AbortController().signal,
      report: (event) => events.push(event),
      say: () => undefined,
      log: () => undefined,
      terminal: false,
      runWords: () => Promise.reject(new Error('commands run alone here')),
      print: (text) => printed.push(text),
    });
    const result = bytes === undefined ? lines.map((line) => `${line}\n`).join('') : String(bytes);
    return { stdout: printed.join('') + result, events };
  } catch (error) {
    throw Object.assign(error as Error, { stdout: printed.join('') });
  }
}

type InvokeOptions = {
  readonly config: string;
  readonly args?: readonly string[];
  readonly flags?: Readonly<Record<string, string | boolean>>;
};
