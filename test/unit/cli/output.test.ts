import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { handlers } from '../../../src/cli/aptly/handlers.ts';
import { loggedCommands, Output } from '../../../src/cli/output.ts';

describe('Output', () => {
  it('is text unless the configuration says otherwise', () => {
    assert.equal(written('default', 'warn'), 'before\n\n[+] a_1_amd64 added\nDone.\n');
  });

  it('is an object a line with log_format json', () => {
    assert.equal(
      written('json', 'info'),
      'before\n' +
        '{"level":"info","time":"2026-01-02T03:04:05Z","message":"[+] a_1_amd64 added"}\n' +
        '{"level":"info","time":"2026-01-02T03:04:05Z","message":"Done."}\n',
    );
  });

  it('is nothing at a level above info', () => {
    assert.equal(written('json', 'WARN'), 'before\n');
  });
});

it('the commands that tell progress are commands', () => {
  assert.deepEqual(
    Array.from(loggedCommands).filter((name) => !(name in handlers)),
    [],
  );
});

function written(logFormat: string, logLevel: string): string {
  const stream = new PassThrough();
  const output = new Output(stream, () => new Date('2026-01-02T03:04:05.678Z'));
  output.write('before\n');
  output.logAs({ logFormat, logLevel });
  output.write('\n[+] a_1_amd64 added\nDone.\n');
  return String(stream.read());
}
