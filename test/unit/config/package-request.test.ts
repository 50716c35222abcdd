import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePackageRequest } from '../../../src/config/package-request.ts';
import type { Relation } from '../../../src/deb/relations.ts';

const relations: readonly (readonly [string, Relation])[] = [
  ['nginx', { name: 'nginx' }],
  ['libstdc++6', { name: 'libstdc++6' }],
  ["'nginx'", { name: 'nginx' }],
  ['nginx:i386', { name: 'nginx', qualifier: 'i386' }],
  ['nginx (>= 1.10)', { name: 'nginx', constraint: { operator: '>=', version: '1.10' } }],
  ['nginx (> 1.10)', { name: 'nginx', constraint: { operator: '>=', version: '1.10' } }],
  ['nginx (1:1.10~rc1-1)', { name: 'nginx', constraint: { operator: '=', version: '1:1.10~rc1-1' } }],
  ['nginx(>= 1.10)', { name: 'nginx', constraint: { operator: '>=', version: '1.10' } }],
  ['nginx:i386 (<< 2)', { name: 'nginx', qualifier: 'i386', constraint: { operator: '<<', version: '2' } }],
];

for (const [text, relation] of relations) {
  test(`${text} is a relation`, () => {
    const request = parsePackageRequest(text);

    assert.deepEqual(request, { text, kind: 'relation', relation });
  });
}

const queries = [
  'Priority (required)',
  'nginx | apache2',
  'nginx {i386}',
  'nginx (% 1.*)',
  'nginx (~ ^1)',
  'nginx_1.0_amd64',
  '!nginx',
  'Name (% linux-*)',
  '$Source (nginx)',
];

for (const text of queries) {
  test(`${text} is a query`, () => {
    const request = parsePackageRequest(text);

    assert.equal(request.kind, 'query');
  });
}

const refused: readonly (readonly [string, string])[] = [
  ['', 'E_QUERY_SYNTAX'],
  ['nginx (>= )', 'E_QUERY_SYNTAX'],
  ['nginx apache2', 'E_QUERY_SYNTAX'],
  ['linux-*', 'E_QUERY_SYNTAX'],
  ['nginx [amd64]', 'E_QUERY_SYNTAX'],
  ['nginx <stage1>', 'E_QUERY_SYNTAX'],
  ['nginx (= a:b)', 'E_RELATION_SYNTAX'],
  ['ng/inx', 'E_RELATION_SYNTAX'],
];

for (const [text, code] of refused) {
  test(`"${text}" is refused`, () => {
    const act = () => parsePackageRequest(text);

    assert.throws(act, { code });
  });
}
