import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchesFields } from '../../../src/query/matches-fields.ts';
import { parseQuery } from '../../../src/query/parse-query.ts';

const fields = new Map([
  ['Source', 'app'],
  ['Distribution', 'sid'],
  ['Architecture', 'source amd64'],
]);

const verdicts: Readonly<Record<string, boolean>> = {
  'Source (app)': true,
  'Source (lib)': false,
  'Source (lib) | Distribution (% s*)': true,
  'Source (app), Distribution (bookworm)': false,
  'Source (app), !Distribution (bookworm)': true,
  'Architecture (~ \\bamd64\\b)': true,
  Source: true,
  Urgency: false,
  "Urgency (= '')": true,
  source: false,
  app: false,
  'app (>= 0)': false,
  app_1_amd64: false,
  __: false,
  $Source: false,
  "$Source (= '')": false,
  '$Version (% *)': false,
  '$Architecture (source)': false,
  '!app': true,
};

for (const [query, verdict] of Object.entries(verdicts)) {
  test(`${query} ${verdict ? 'fits' : 'does not fit'} a document that is no package`, () => {
    assert.equal(
      matchesFields(parseQuery(query), (name) => fields.get(name) ?? ''),
      verdict,
    );
  });
}
