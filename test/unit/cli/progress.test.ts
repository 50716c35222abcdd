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

  it('names each file where no queue tells how many there are', () => {
    const stream = new PassThrough({ encoding: 'utf8' });
    const sink = progressReporter(stream, { json: false, quiet: false });

    sink.report({ type: 'phase', phase: 'release', subject: 'xenial' });
    sink.report({ type: 'fetch-start', url, bytes: undefined });

    assert.equal(stream.read(), `xenial: checking Release files\nDownloading: ${url}\n`);
  });

  it('is a dozen lines for hundreds of packages where there is no terminal', () => {
    const stream = new PassThrough({ encoding: 'utf8' });
    const sink = progressReporter(stream, { json: false, quiet: false });

    sink.report({ type: 'queue', files: 300, bytes: 300 });
    for (let file = 0; file < 300; file += 1) {
      sink.report({ type: 'fetch-start', url: `${url}${file}`, bytes: 1 });
      sink.report({ type: 'fetch-end', url: `${url}${file}`, bytes: 1 });
    }

    assert.equal(stream.read(), 'Download queue: 300 items (300 B)\n');
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
