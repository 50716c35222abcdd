import { about, inStage } from '../core/errors.ts';
import type { Query } from '../query/ast.ts';
import { parseQuery } from '../query/parse-query.ts';

/** @throws E_QUERY_SYNTAX (`parsing failed: ...`) at the stage `read` */
export async function readQuery(text: string): Promise<Query> {
  return await inStage('read', () => {
    try {
      return parseQuery(text);
    } catch (error) {
      throw about('parsing failed', error);
    }
  });
}

/** Several queries, which are ORed. @throws as {@link readQuery} */
export async function readQueries(texts: readonly string[]): Promise<readonly Query[]> {
  return await Promise.all(texts.map(readQuery));
}
