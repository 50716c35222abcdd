import { RE2JS } from 're2js';
import type { Provided } from '../deb/relations.ts';
import { compareVersions } from '../deb/version.ts';
import type { Condition, Query } from './ast.ts';
import { compileGlob } from './glob.ts';

/** What a query can ask of a package. Fields that the package lacks are empty strings. */
export interface QuerySubject {
  readonly name: string;
  readonly version: string;
  /** `source` for source packages. */
  readonly architecture: string;
  readonly kind: 'deb' | 'udeb' | 'source' | 'installer';
  /** A control field by its canonical, case-sensitive name. */
  field(name: string): string;
  readonly provides: readonly Provided[];
  readonly source: { readonly name: string; readonly version: string };
}

/** Whether a package is among the results of a query. The query is compiled once and remembered. */
export function matches(query: Query, subject: QuerySubject): boolean {
  let predicate = compiled.get(query);
  if (predicate === undefined) {
    predicate = compile(query);
    compiled.set(query, predicate);
  }
  return predicate(subject);
}

type Predicate = (subject: QuerySubject) => boolean;

const compiled = new WeakMap<Query, Predicate>();

function compile(query: Query): Predicate {
  switch (query.kind) {
    case 'or': {
      const operands = query.operands.map(compile);
      return (subject) => operands.some((operand) => operand(subject));
    }
    case 'and': {
      const operands = query.operands.map(compile);
      return (subject) => operands.every((operand) => operand(subject));
    }
    case 'not': {
      const operand = compile(query.operand);
      return (subject) => !operand(subject);
    }
    case 'package':
      return ({ name, version, architecture }) =>
        name === query.name && version === query.version && architecture === query.architecture;
    case 'name': {
      const { name, architecture } = query;
      const accepts = compileCondition(query.condition);
      return (subject) =>
        (architecture === undefined || hasArchitecture(subject, architecture)) &&
        satisfies(subject, name, accepts);
    }
    case 'field':
      return compileField(query.field, query.condition);
  }
}

function compileField(field: string, condition: Condition | undefined): Predicate {
  if (field === '$Version') {
    const accepts = compileCondition(condition);
    return (subject) => satisfies(subject, subject.name, accepts);
  }
  if (field === '$Architecture' && condition?.operator === '=') {
    return (subject) => hasArchitecture(subject, condition.value);
  }
  const accepts = condition === undefined ? (value: string) => value !== '' : compileCondition(condition);
  return (subject) => accepts(fieldValue(subject, field));
}

/** A test of one value; without a condition every value passes. */
export function compileCondition(condition: Condition | undefined): (value: string) => boolean {
  if (condition === undefined) return () => true;
  const bound = condition.value;
  switch (condition.operator) {
    case '=':
      return (value) => compareVersions(value, bound) === 0;
    case '<<':
      return (value) => compareVersions(value, bound) < 0;
    case '<=':
      return (value) => compareVersions(value, bound) <= 0;
    case '>>':
      return (value) => compareVersions(value, bound) > 0;
    case '>=':
      return (value) => compareVersions(value, bound) >= 0;
    case '%':
      return compileGlob(bound);
    case '~': {
      const expression = RE2JS.compile(bound);
      return (value) => expression.test(value);
    }
  }
}

/** `all` fits every architecture but `source`. */
function hasArchitecture(subject: QuerySubject, architecture: string): boolean {
  if (subject.architecture === architecture) return true;
  return subject.architecture === 'all' && architecture !== 'source';
}

/** By its own name, or by a provided one; a provided name without version has the version of the package. */
function satisfies(subject: QuerySubject, name: string, accepts: (version: string) => boolean): boolean {
  if (subject.name === name && accepts(subject.version)) return true;
  return subject.provides.some(
    (provided) => provided.name === name && accepts(provided.version ?? subject.version),
  );
}

function fieldValue(subject: QuerySubject, field: string): string {
  if (!field.startsWith('$')) return subject.field(field);
  switch (field) {
    case '$Architecture':
      return subject.architecture;
    case '$Source':
      return subject.kind === 'source' ? '' : subject.source.name;
    case '$SourceVersion':
      return subject.kind === 'source' ? '' : subject.source.version;
    case '$PackageType':
      return subject.kind === 'installer' ? 'deb' : subject.kind;
    default:
      return '';
  }
}
