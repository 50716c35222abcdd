import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { EspejoError } from '../../core/errors.ts';

type Place = {
  readonly cwd: string;
  /** Default: standard input of the process. */
  readonly stdin?: AsyncIterable<Uint8Array>;
};

/**
 * The text of a query argument or of `-filter`: itself, with `@path` what the file holds, with `@-` what standard input
 * holds (spec/cli.md 1.7).
 * @throws E_IO
 */
export async function readQueryText(
  argument: string,
  { cwd, stdin = process.stdin }: Place,
): Promise<string> {
  if (!argument.startsWith('@')) return argument;
  const name = argument.slice(1);
  try {
    return name === '-' ? await text(stdin) : await readFile(resolve(cwd, name), 'utf8');
  } catch (cause) {
    const place = name === '-' ? 'standard input' : `file ${name}`;
    const message = `unable to read package query from ${place}: ${reasonOf(cause)}`;
    throw new EspejoError('E_IO', message, { cause, stage: 'read' });
  }
}

/** The texts of several query arguments. @throws as {@link readQueryText} */
export async function readQueryTexts(args: readonly string[], place: Place): Promise<readonly string[]> {
  const texts: string[] = [];
  for (const argument of args) texts.push(await readQueryText(argument, place));
  return texts;
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
