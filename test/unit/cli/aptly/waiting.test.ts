import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aptlyWaiting } from '../../../../src/cli/aptly/waiting.ts';
import { parseConfig } from '../../../../src/config/parse-config.ts';

function waiting(
  flags: Readonly<Record<string, string>>,
  databaseOpenAttempts = -1,
): { readonly ms: number | undefined; readonly notices: (remainingMs: number) => string } {
  const config = parseConfig(JSON.stringify({ rootDir: '/root', databaseOpenAttempts }), {
    path: '/aptly.conf',
    env: {},
  });
  const said: string[] = [];
  const { lockWaitMs, onLockWait } = aptlyWaiting(
    { flags: new Map(Object.entries(flags)), say: (line) => said.push(line) },
    config,
  );
  return {
    ms: lockWaitMs,
    notices(remainingMs) {
      onLockWait?.(remainingMs);
      return said.pop() ?? '';
    },
  };
}

test('ten attempts of ten seconds, as many as the flag says, or as the configuration says', () => {
  assert.equal(waiting({}).ms, 100_000);
  assert.equal(waiting({ 'db-open-attempts': '0x3' }).ms, 30_000);
  assert.equal(waiting({ 'db-open-attempts': '-2' }).ms, 0);
  assert.equal(waiting({ 'db-open-attempts': '3' }, 1).ms, 10_000);
  assert.equal(waiting({ 'db-open-attempts': '3' }, 0).ms, 0);
});

test('-lock-wait has the last word', () => {
  assert.equal(waiting({ 'lock-wait': '5s', 'db-open-attempts': '3' }, 1).ms, undefined);
});

test('the notice tells how long it may still take', () => {
  const { notices } = waiting({});

  assert.equal(notices(100_000), 'Unable to open database, sleeping 10s, attempts left 10...');
  assert.equal(notices(10_000), 'Unable to open database, sleeping 10s, attempts left 1...');
  assert.equal(notices(2500), 'Unable to open database, sleeping 2.5s, attempts left 1...');
});
