import { readFile } from 'node:fs/promises';
import type { Uploaders } from '../../catalog/library.ts';
import type { Located } from '../../config/document.ts';
import { readJson } from '../../config/read-json.ts';
import { EspejoError, systemCode } from '../../core/errors.ts';
import { parseQuery } from '../../query/parse-query.ts';

/**
 * Reads an uploaders.json (semantics.md 8.4): comments and trailing commas are allowed, unknown keys are skipped, and
 * conditions must be package queries.
 * @throws E_CONFIG_NOT_FOUND, E_CONFIG_SYNTAX, E_CONFIG_INVALID, E_IO; all begin with `error loading uploaders file`
 */
export async function readUploaders(path: string): Promise<Uploaders> {
  const reading = readJson(await textOf(path));
  if (reading.kind === 'fault') {
    const { line, column, reason } = reading.fault;
    throw failure('E_CONFIG_SYNTAX', `${path}:${line}:${column}: ${reason}`);
  }
  const members = membersOf(reading.root, path);
  const groups = members.get('groups');
  const rules = members.get('rules');
  return {
    groups: Object.fromEntries(
      Array.from(groups === undefined ? [] : membersOf(groups, path), ([name, keys]) => [
        name,
        textsOf(keys, path),
      ]),
    ),
    rules: (rules === undefined ? [] : itemsOf(rules, path)).map((rule) => ruleOf(rule, path)),
  };
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const absent = systemCode(cause) === 'ENOENT';
    const reason = absent ? 'no such file or directory' : (systemCode(cause) ?? String(cause));
    throw failure(absent ? 'E_CONFIG_NOT_FOUND' : 'E_IO', `open ${path}: ${reason}`, cause);
  }
}

function ruleOf(rule: Located, path: string): Uploaders['rules'][number] {
  const members = membersOf(rule, path);
  const condition = members.get('condition');
  const allow = members.get('allow');
  const deny = members.get('deny');
  return {
    condition: conditionOf(condition ?? rule, path),
    allow: allow === undefined ? [] : textsOf(allow, path),
    deny: deny === undefined ? [] : textsOf(deny, path),
  };
}

function conditionOf(value: Located, path: string): string {
  const condition = value.kind === 'map' ? '' : stringOf(value, path);
  try {
    parseQuery(condition);
    return condition;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw failure('E_CONFIG_INVALID', `${path}:${value.line}: condition "${condition}": ${reason}`, cause);
  }
}

function membersOf(value: Located, path: string): ReadonlyMap<string, Located> {
  if (isNull(value)) return new Map();
  if (value.kind !== 'map') throw wrong(value, 'an object', path);
  return new Map(value.entries.filter((entry) => !isNull(entry.value)).map((one) => [one.key, one.value]));
}

function itemsOf(value: Located, path: string): readonly Located[] {
  if (value.kind !== 'list') throw wrong(value, 'a list', path);
  return value.items;
}

function textsOf(value: Located, path: string): readonly string[] {
  return itemsOf(value, path).map((item) => stringOf(item, path));
}

function stringOf(value: Located, path: string): string {
  if (value.kind === 'scalar' && typeof value.value === 'string') return value.value;
  throw wrong(value, 'a string', path);
}

function isNull(value: Located): boolean {
  return value.kind === 'scalar' && value.value === null;
}

function wrong({ line }: Located, expected: string, path: string): EspejoError {
  return failure('E_CONFIG_INVALID', `${path}:${line}: expected ${expected}`);
}

function failure(
  code: 'E_CONFIG_NOT_FOUND' | 'E_CONFIG_SYNTAX' | 'E_CONFIG_INVALID' | 'E_IO',
  problem: string,
  cause?: unknown,
): EspejoError {
  return new EspejoError(code, `error loading uploaders file: ${problem}`, { cause, context: { problem } });
}
