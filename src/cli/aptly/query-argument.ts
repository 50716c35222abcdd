import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { about, EspejoError } from '../../core/errors.ts';
import type { Query } from '../../query/ast.ts';
import { parseQuery } from '../../query/parse-query.ts';

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
    throw new EspejoError('E_IO', `unable to read package query from ${place}: ${reasonOf(cause)}`, {
      cause,
    });
  }
}

/**
 * The query of an argument, `@` forms included.
 * @throws E_IO, E_QUERY_SYNTAX (`parsing failed: ...`)
 */
export async function readQuery(argument: string, place: Place): Promise<Query> {
  const words = await readQueryText(argument, place);
  try {
    return parseQuery(words);
  } catch (error) {
    throw about('parsing failed', error);
  }
}

/** Several query arguments, which are ORed. */
export async function readQueries(args: readonly string[], place: Place): Promise<readonly Query[]> {
  const queries: Query[] = [];
  for (const argument of args) queries.push(await readQuery(argument, place));
  return queries;
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
