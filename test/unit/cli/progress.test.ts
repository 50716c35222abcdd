import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { progressReporter } from '../../../src/cli/progress.ts';
import type { ProgressEvent } from '../../../src/core/progress.ts';

const url = 'http://up.example/a.deb';
const events: readonly ProgressEvent[] = [
  { type: 'phase', phase: 'download', subject: 'xenial' },
  { type: 'queue', files: 2, bytes: 4096 },
  { type: 'fetch-start', url, bytes: 2048 },
  { type: 'fetch-progress', url, bytes: 1024 },
  { type: 'retry', url, attempt: 1, waitMs: 1500, reason: `${url}: connection refused` },
  { type: 'fetch-end', url, bytes: 2048 },
  { type: 'next-url', url, next: 'http://b.example/a.deb', reason: 'gone' },
  { type: 'note', message: 'a note' },
  { type: 'warning', message: 'beware' },
];

describe('progress', () => {
  it('is plain lines where there is no terminal', () => {
    const lines = told({ json: false, quiet: false });

    assert.deepEqual(lines, [
      'xenial: downloading packages',
      'Download queue: 2 items (4.00 KiB)',
      `Downloading: ${url}`,
      `Retry 1 in 1.5 s: ${url} (connection refused)`,
      'Trying next: http://b.example/a.deb (gone)',
      'a note',
      'warning: beware',
    ]);
  });

  it('is one JSON object a line for machines', () => {
    const lines = told({ json: true, quiet: false });

    assert.deepEqual(
      lines.map((line) => JSON.parse(line)),
      events,
    );
  });

  it('is warnings alone when it shall be quiet', () => {
    assert.deepEqual(told({ json: false, quiet: true }), ['warning: beware']);
  });

  it('draws a bar over itself on a terminal', () => {
    const text = told({ json: false, quiet: false }, { isTTY: true, columns: 80 }).join('\n');

    assert.match(text, /\r\u001b\[K/);
    assert.match(text, /warning: beware/);
    for (const line of text.split(/\r\u001b\[K|\n/)) assert.ok(line.length < 80, line);
  });
});

function told(mode: { json: boolean; quiet: boolean }, terminal: object = {}): readonly string[] {
  const stream = Object.assign(new PassThrough({ encoding: 'utf8' }), terminal);
  const sink = progressReporter(stream, mode);
  for (const event of events) sink.report(event);
  sink.end();
  return String(stream.read() ?? '')
    .split('\n')
    .filter((line) => line !== '');
}
